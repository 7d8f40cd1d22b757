"""How far a run can be trusted: one word, and the reasons why it is not a better one."""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from textwrap import shorten
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from builder.findings import Severity, Source, failures
from builder.verify.scenarios.outcomes import State

if TYPE_CHECKING:
    from builder.report import PageSeen, Report

MAX_NAMED = 3
"""Requirements that a reason names; the summary lists all."""
_NAMED = {
    Source.SHAPE: "JSON not compared with the shape asked for",
    Source.DATA: "figures that were not seen to be computed",
    Source.WORKFLOW: "made only later, by the app's workflow",
}
"""What a reason says of the files in findings of a source."""
LIVE = "live"
"""The `pages_status` of a commit whose files Pages serves."""


class Verdict(StrEnum):
    """From best to worst; only the first is green."""

    VERIFIED = "verified"
    """The page was opened in a browser, every check ran and held, and Pages serves the commit."""
    PARTLY_VERIFIED = "partly verified"
    """Nothing is known to be wrong, but something was not verified."""
    FAILING = "failing"
    """A check or the page fails, or nothing was published."""
    FALLBACK = "fallback"
    """No model made the site."""

    @property
    def is_final(self) -> bool:
        """Whether there is nothing to improve if the same request is sent again."""
        return self in {Verdict.VERIFIED, Verdict.PARTLY_VERIFIED}


class Judgement(BaseModel):
    """A verdict and its reasons, the most important first; none for `verified`."""

    model_config = ConfigDict(frozen=True)

    verdict: Verdict
    reasons: tuple[str, ...] = ()

    def after(self, reasons: Iterable[str]) -> "Judgement":
        """Return the judgement if `reasons` are not verified, either."""
        listed = tuple(dict.fromkeys([*self.reasons, *reasons]))
        is_clean = self.verdict is Verdict.VERIFIED and not listed
        lowered = Verdict.PARTLY_VERIFIED if self.verdict is Verdict.VERIFIED else self.verdict
        return Judgement(verdict=self.verdict if is_clean else lowered, reasons=listed)


NOT_KEPT = Judgement(
    verdict=Verdict.PARTLY_VERIFIED,
    reasons=("an earlier run published the commit and kept no verdict with it",),
)
"""The judgement of a commit that has none."""


def judge(report: "Report", *, is_over: bool = False) -> Judgement:
    """Derive the verdict from what a run did and found.

    Once the run `is_over`, a site that was not delivered is failing, whatever else is known.
    """
    judged = report.earlier or _judge_site(report)
    if report.failure is not None or (is_over and not report.is_delivered):
        judged = Judgement(verdict=Verdict.FAILING, reasons=(report.reason, *judged.reasons))
    return judged.after(_run_unverified(report))


def _judge_site(report: "Report") -> Judgement:
    found = failures(report.findings)
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    reasons = tuple(f"{one}{more}" for one in found[:1])
    judged = Judgement(verdict=Verdict.FAILING if found else Verdict.VERIFIED, reasons=reasons)
    if report.fallback_reason is not None:
        why = f"no model made this site: {report.fallback_reason}"
        judged = Judgement(verdict=Verdict.FALLBACK, reasons=(why, *reasons))
    return judged.after(_site_unverified(report))


def _site_unverified(report: "Report") -> Iterator[str]:
    """Yield what was not verified on the site itself."""
    if report.page is None:
        yield "the page was not opened in a browser"
    else:
        yield from _page_unverified(report.page)
    if report.no_scripts:
        yield f"no build script could be run: {report.no_scripts}"
    if report.untested:
        yield f"behaviour: smoke test only ({report.untested})"
    untried = [one for one in report.requirements if one.state is State.NOT_TRIED]
    if untried:
        of_all = f"{len(untried)} of {_count(len(report.requirements), 'requirement')}"
        named = [shorten(one.requirement, 80, placeholder=" …") for one in untried[:MAX_NAMED]]
        yield f"{of_all} not tried: {'; '.join(named)}"
    warnings = [one for one in report.findings if one.severity is Severity.WARNING]
    doubtful = [one for one in warnings if one.source in {Source.CHECK, Source.MODEL_CHECK}]
    if doubtful:
        yield f"{_count(len(doubtful), 'check')} could not be confirmed: {doubtful[0].subject}"
    yield from _files_unverified(report)
    if report.missing_data:
        yield f"data that could not be fetched: {'; '.join(report.missing_data)}"


def _files_unverified(report: "Report") -> Iterator[str]:
    for source, words in _NAMED.items():
        named = dict.fromkeys(one.subject for one in report.findings if one.source is source)
        if named:
            yield f"{words}: {', '.join(named)}"
    for one in report.findings:
        if one.source is Source.ATTACHMENT:
            yield f"{one.subject} is attached as it is: {one.seen}"


def _page_unverified(page: "PageSeen") -> Iterator[str]:
    if not page.opened:
        yield f"the page was not opened in a browser: {page.reason or 'no reason is known'}"
    elif page.reason:
        yield f"the page was not looked at to the end: {page.reason}"
    if page.checks_run < page.checks_total:
        yield f"{page.checks_run} of {_count(page.checks_total, 'check')} ran"


def _run_unverified(report: "Report") -> Iterator[str]:
    """Yield what is open around the site: publication, files left out, ignored settings."""
    if report.pages_status not in {None, LIVE}:
        yield f"Pages: {report.pages_status}"
    if report.left_out:
        yield f"left out, since BUILDER_TOKEN may not write it: {', '.join(report.left_out)}"
    yield from report.ignored_settings


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
