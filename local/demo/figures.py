"""What a round's run reports, and what it took: seconds for each stage, calls to GitHub, pushes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError
from rich.table import Table
from rich.text import Text

from builder.report import Report
from local.evaluator.score import Row
from local.hub import LoggedRequest

READING = {"GET", "HEAD"}


def read_report(artifacts: Path | None) -> Report | None:
    """Return the report among the artifacts of a run, None where there is none that can be read."""
    found = sorted(artifacts.rglob("report.json")) if artifacts and artifacts.is_dir() else []
    try:
        return Report.model_validate_json(found[0].read_bytes()) if found else None
    except ValidationError:
        return None


def page_row(report: Report | None) -> Row:
    """Return whether the builder's own browser opened the page, by the evidence of the report."""
    check = "The page was opened in a browser, by the builder"
    if report is None:
        return Row.of(check, False, "the run left no report")
    page = report.page
    if page is None:
        return Row.of(check, False, "the report tells of no browser")
    ran = f"{page.checks_run} of {page.checks_total} checks ran"
    seen = f"{page.browser}: {ran}" if page.opened else page.reason or "it did not open"
    return Row.of(check, page.opened, seen)


def author_row(report: Report | None) -> Row:
    """Return whether the model that was set made the site, by the evidence of the report."""
    check = "The site was made by the model that is set"
    if report is None or report.verdict is None:
        return Row.of(check, False, "the run left no report with a verdict")
    reason = report.fallback_reason
    return Row.of(check, reason is None, reason or str(report.author))


def verdict_lines(report: Report | None) -> Iterator[str]:
    """Yield the verdict of a run and its reasons, as text."""
    yield str(report.verdict or "no verdict") if report else "no report"
    yield from (f"  {reason}" for reason in (report.verdict_reasons if report else ()))


@dataclass(frozen=True)
class Figures:
    """Of one round; `seconds` by the name of a stage, as the run's report has them."""

    calls: int
    writes: int
    pushes: int
    seconds: dict[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, requests: Sequence[LoggedRequest], report: Report | None) -> "Figures":
        """Count the requests of a round; a push counts when it was accepted."""
        rest = [request for request in requests if request.path.startswith("/api/")]
        pushes = [
            request
            for request in requests
            if (request.method, request.status) == ("POST", 200)
            and request.path.endswith("/git-receive-pack")
        ]
        writes = [request for request in rest if request.method not in READING]
        steps = report.steps if report else []
        seconds = {step.name: step.seconds for step in steps}
        return cls(len(rest), len(writes), len(pushes), seconds)


def table(rounds: Sequence[Figures]) -> Table:
    """Return the rounds side by side."""
    shown = Table(title="What it took", title_justify="left", title_style="bold")
    shown.add_column("")
    for number in range(1, len(rounds) + 1):
        shown.add_column(f"round {number}", justify="right")
    for name in dict.fromkeys(name for figures in rounds for name in figures.seconds):
        cells = [
            f"{figures.seconds[name]:.2f} s" if name in figures.seconds else ""
            for figures in rounds
        ]
        shown.add_row(Text(name), *cells)
    shown.add_row("REST calls, of them writes", *(f"{f.calls}, {f.writes}" for f in rounds))
    shown.add_row("pushes", *(str(figures.pushes) for figures in rounds))
    return shown
