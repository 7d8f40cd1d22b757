"""What a grader found: rows with a check, its outcome and what was seen; also as a table."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from rich.table import Table
from rich.text import Text


class RowOutcome(StrEnum):
    """The outcome of a check or of a requirement."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_CHECKABLE = "not checkable"


SIGNS = {
    RowOutcome.PASSED: ("✓", "green"),
    RowOutcome.FAILED: ("✗", "bold red"),
    RowOutcome.NOT_CHECKABLE: ("–", "yellow"),  # noqa: RUF001 - the sign of the summary
}


@dataclass(frozen=True)
class Row:
    """A check, its outcome and what was seen."""

    check: str
    outcome: RowOutcome
    seen: str = ""

    @classmethod
    def of(cls, check: str, holds: bool, seen: str = "") -> "Row":
        return cls(check, RowOutcome.PASSED if holds else RowOutcome.FAILED, seen)

    @property
    def is_passed(self) -> bool:
        return self.outcome is RowOutcome.PASSED


@dataclass(frozen=True)
class RoundScore:
    """The rows of one round of a task, and where the delivery is, if there is one."""

    task: str
    round: int
    rows: tuple[Row, ...]
    verdict: str | None = None
    """The run's own, from its callback."""
    repo_url: str | None = None
    commit_sha: str | None = None
    pages_url: str | None = None

    @property
    def totals(self) -> dict[str, int]:
        outcomes = [row.outcome for row in self.rows]
        return {outcome.value: outcomes.count(outcome) for outcome in RowOutcome}

    @property
    def is_good(self) -> bool:
        """Whether something was checked and nothing failed."""
        return self.totals["passed"] > 0 and self.totals["failed"] == 0

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"totals": self.totals}

    def to_table(self) -> Table:
        """Return the rows with their totals; text from outside is not interpreted as markup."""
        totals = ", ".join(f"{count} {outcome}" for outcome, count in self.totals.items())
        title = f"{self.task}, round {self.round}: {self.verdict or 'no verdict'}; {totals}"
        shown = Table(title=Text(title, "bold"), title_justify="left")
        shown.add_column("Check or requirement", ratio=3, overflow="fold")
        shown.add_column("")
        shown.add_column("Seen", ratio=2, overflow="fold")
        for row in self.rows:
            shown.add_row(Text(row.check), Text(*SIGNS[row.outcome]), Text(row.seen))
        return shown


def all_good(scores: Iterable[RoundScore]) -> bool:
    return bool(good := [score.is_good for score in scores]) and all(good)
