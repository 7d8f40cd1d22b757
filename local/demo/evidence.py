"""What the report of a run proves: who made the site, and whether its page was opened."""

import re
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from builder.report import Report
from builder.verify.scenarios.outcomes import State
from local.evaluator.rules import USED
from local.evaluator.score import Row, RowOutcome

OUTCOMES = {
    State.HELD: RowOutcome.PASSED,
    State.FAILED: RowOutcome.FAILED,
    State.NOT_TRIED: RowOutcome.NOT_CHECKABLE,
}


def read_report(artifacts: Path | None) -> Report | None:
    """Return the report among the artifacts of a run, None if there is no readable one."""
    found = sorted(artifacts.rglob("report.json")) if artifacts else []
    try:
        return Report.model_validate_json(found[0].read_bytes()) if found else None
    except ValidationError:
        return None


def page_row(report: Report | None) -> Row:
    """Return whether the builder's own browser opened the page."""
    check = "The page was opened in a browser, by the builder"
    page = report.page if report else None
    if page is None:
        return Row.of(check, False, "the run left no report that tells of a browser")
    ran = f"{page.checks_run} of {page.checks_total} checks ran"
    seen = f"{page.browser}: {ran}" if page.opened else page.reason or "it did not open"
    return Row.of(check, page.opened, seen)


def author_row(report: Report | None) -> Row:
    """Return whether the model that was set made the site."""
    check = "The site was made by the model that is set"
    if report is None or report.verdict is None:
        return Row.of(check, False, "the run left no report with a verdict")
    reason = report.fallback_reason
    return Row.of(check, reason is None, reason or str(report.author))


def with_requirements(rows: Sequence[Row], report: Report | None) -> tuple[Row, ...]:
    """Return the rows, with each requirement's outcome from the report: also what failed, and why.

    A requirement of an earlier round is prefixed with its round.
    """
    names = {re.sub(r"^round \d+: ", "", row.check): row.check for row in reversed(rows)}
    newest = {row.check: row for row in rows}
    for one in report.requirements if report else ():
        name = names.get(one.requirement, one.requirement)
        seen = one.why or USED if one.state is State.HELD else f"{one.state}: {one.why}"
        newest[name] = Row(name, OUTCOMES[one.state], seen)
    return tuple(newest.values())


def verdict_lines(report: Report | None) -> list[str]:
    """Return the verdict of a run, its reasons, and the requirements that were not tried."""
    if report is None:
        return ["no report"]
    untried = [one for one in report.requirements if one.state is State.NOT_TRIED]
    return [
        str(report.verdict or "no verdict"),
        *(f"  {reason}" for reason in report.verdict_reasons),
        *(f"  not tried: {one.requirement} ({one.why})" for one in untried),
    ]
