"""Scores as tables for a terminal."""

from rich.table import Table
from rich.text import Text

from local.evaluator.score import Outcome, Score

STYLES = {Outcome.PASSED: "green", Outcome.FAILED: "bold red", Outcome.NOT_CHECKABLE: "yellow"}


def table(score: Score) -> Table:
    """Return the rows of a score with its totals; outside text is shown as it is, not as markup."""
    totals = ", ".join(f"{score.count(outcome)} {outcome.value}" for outcome in Outcome)
    shown = Table(
        title=Text(f"{score.task}, round {score.round}: {totals}"),
        title_justify="left",
        title_style="bold",
        expand=False,
    )
    shown.add_column("Check", ratio=3, overflow="fold")
    shown.add_column("Outcome", no_wrap=True)
    shown.add_column("Seen", ratio=2, overflow="fold")
    for row in score.rows:
        outcome = Text(row.outcome.value, style=STYLES[row.outcome])
        shown.add_row(Text(row.check), outcome, Text(row.seen))
    return shown
