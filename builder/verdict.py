"""How far a run can be trusted: one word, and the reasons why it is not a better one."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from builder.findings import Severity, Source, failures

if TYPE_CHECKING:
    from builder.report import PageSeen, Report

LIVE = "live"
"""The `pages_status` of a commit whose files Pages serves."""


class Verdict(StrEnum):
    """From best to worst; only the first is green."""

    VERIFIED = "verified"
    """The page was opened in a browser, every check ran and held, and Pages serves the commit."""
    PARTLY_VERIFIED = "partly verified"
    """Nothing is known to be wrong, and something was not looked at."""
    FAILING = "failing"
    """A check or the page fails, or nothing was published."""
    FALLBACK = "fallback"
    """No model made the site."""

    @property
    def is_final(self) -> bool:
        """Whether the same request, sent again, has nothing to improve."""
        return self in {Verdict.VERIFIED, Verdict.PARTLY_VERIFIED}


@dataclass(frozen=True)
class Judgement:
    """A verdict and its reasons, the most important first; none for `verified`."""

    verdict: Verdict
    reasons: tuple[str, ...] = ()


def judge(report: "Report") -> Judgement:
    """Derive the verdict from what a run did and found."""
    failed = list(_failures(report))
    unverified = [*_site_unverified(report), *_run_unverified(report)]
    if report.failure is not None:
        return Judgement(Verdict.FAILING, (report.reason, *failed, *unverified))
    if report.fallback_reason is not None:
        why = f"no model made this site: {report.fallback_reason}"
        return Judgement(Verdict.FALLBACK, (why, *failed, *unverified))
    if failed:
        return Judgement(Verdict.FAILING, (*failed, *unverified))
    if unverified:
        return Judgement(Verdict.PARTLY_VERIFIED, tuple(unverified))
    return Judgement(Verdict.VERIFIED)


def _failures(report: "Report") -> Iterator[str]:
    found = failures(report.findings)
    if found:
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        yield f"{found[0]}{more}"


def _site_unverified(report: "Report") -> Iterator[str]:
    """Yield what nobody looked at on the site itself."""
    if report.page is None:
        yield "the page was not opened in a browser"
    else:
        yield from _page_unverified(report.page)
    doubtful = [
        finding
        for finding in report.findings
        if finding.severity is Severity.WARNING
        and finding.source in {Source.CHECK, Source.MODEL_CHECK}
    ]
    if doubtful:
        yield f"{_count(len(doubtful), 'check')} could not be confirmed: {doubtful[0].subject}"


def _page_unverified(page: "PageSeen") -> Iterator[str]:
    if not page.opened:
        yield f"the page was not opened in a browser: {page.reason or 'no reason is known'}"
    if page.checks_run < page.checks_total:
        yield f"{page.checks_run} of {_count(page.checks_total, 'check')} ran"


def _run_unverified(report: "Report") -> Iterator[str]:
    """Yield what is open around the site: its publication, files left out, settings ignored."""
    if report.pages_status not in {None, LIVE}:
        yield f"Pages: {report.pages_status}"
    if report.left_out:
        yield f"left out, since BUILDER_TOKEN may not write it: {', '.join(report.left_out)}"
    yield from report.ignored_settings


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
