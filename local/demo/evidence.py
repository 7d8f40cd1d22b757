"""What the report of a round's run proves: who made the site, and who opened its page."""

from pathlib import Path

from pydantic import ValidationError

from builder.report import Report
from local.evaluator.score import Row


def read_report(artifacts: Path | None) -> Report | None:
    """Return the report among the artifacts of a run, None where there is none that can be read."""
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


def verdict_lines(report: Report | None) -> list[str]:
    """Return the verdict of a run, then its reasons."""
    if report is None:
        return ["no report"]
    reasons = [f"  {reason}" for reason in report.verdict_reasons]
    return [str(report.verdict or "no verdict"), *reasons]
