"""What observations of a page mean."""

from typing import Any

import pytest

from builder.findings import Severity, Source
from builder.report import PageSeen
from builder.verify.page_report import RULES, PageCheck, page_report, without_page
from builder.verify.worker_protocol import Kind, Observation

STARTED = {"kind": Kind.STARTED, "seen": "chromium 156.0"}
OPENED = {"kind": Kind.OPENED}
DONE = {"kind": Kind.DONE}
CHECK = PageCheck("document.title === 'Rain'", Source.CHECK)


def check(index: int, passed: bool, seen: str) -> dict[str, Any]:
    return {"kind": Kind.CHECK, "index": index, "passed": passed, "seen": seen}


def not_started(program: str, seen: str) -> dict[str, Any]:
    return {"kind": Kind.NOT_STARTED, "subject": program, "seen": seen}


def test_page_report__checks_that_hold() -> None:
    """A page that was opened and checks that hold are told, without a finding."""
    report = page_report([CHECK], [STARTED, OPENED, check(0, True, "true"), DONE])
    assert report.findings == []
    assert report.passed == 1
    assert report.page == PageSeen(
        opened=True, browser="chromium 156.0", checks_run=1, checks_total=1
    )


@pytest.mark.parametrize(
    ("source", "severity"),
    [
        (Source.CHECK, Severity.FAILURE),
        (Source.REGRESSION, Severity.FAILURE),
        (Source.MODEL_CHECK, Severity.WARNING),
    ],
)
def test_page_report__check_that_does_not_hold(source: Source, severity: Severity) -> None:
    """A check tells what was seen; one that the model gave only warns."""
    observations: list[Observation] = [STARTED, OPENED, check(0, False, "''"), DONE]
    report = page_report([PageCheck("a", source)], observations)
    [finding], [result] = report.findings, report.results
    assert (finding.source, finding.severity) == (source, severity)
    assert (finding.subject, finding.seen) == ("a", "''")
    assert (result.passed, result.ran) == (False, True)


def test_page_report__check_that_cannot_run() -> None:
    """A check that is no JavaScript, whoever gave it, is a warning and counts as not run."""
    unreadable = {"kind": Kind.UNREADABLE_CHECK, "index": 0, "seen": "SyntaxError: x"}
    for source in (Source.CHECK, Source.REGRESSION, Source.MODEL_CHECK):
        report = page_report([PageCheck("a", source)], [STARTED, OPENED, unreadable, DONE])
        [finding], [result] = report.findings, report.results
        assert (result.passed, result.ran) == (False, False)
        assert finding.severity is Severity.WARNING
        assert finding.seen == "the check itself cannot run: SyntaxError: x"
        assert (report.page.checks_run, report.page.checks_total) == (0, 1)


def test_page_report__check_without_an_answer() -> None:
    """A check that could not be run on a page that broke down has failed for the page's reason."""
    words = {Kind.HANGS: "hangs", Kind.CRASHED: "crashed", Kind.CLOSED: "closed"}
    for kind, word in words.items():
        report = page_report([CHECK], [STARTED, OPENED, {"kind": kind}, DONE])
        [result] = report.results
        assert word in result.seen
        assert (result.passed, result.ran, report.page.checks_run) == (False, False, 0)
        assert {finding.severity for finding in report.findings} == {Severity.FAILURE}


def test_page_report__killed() -> None:
    """What was found before a kill is kept, and what was not looked at is said."""
    checks = [CHECK, PageCheck("late", Source.CHECK)]
    report = page_report(checks, [STARTED, OPENED, check(0, True, "true")])
    assert [result.passed for result in report.results] == [True, False]
    assert [finding.subject for finding in report.findings] == ["late", "the browser"]
    assert report.findings[1].seen == "NOT FINISHED: the time ran out"
    assert (report.page.checks_run, report.page.checks_total) == (1, 2)
    assert report.page.reason == "the time ran out"


def test_page_report__no_browser_starts() -> None:
    """Nothing is held against the site, no check counts as run, and one loud warning names each
    program with its reason."""
    tried: list[Observation] = [
        not_started("google-chrome", "not on PATH"),
        not_started("chromium", "No usable sandbox!"),
    ]
    report = page_report([CHECK], [*tried, {"kind": Kind.NO_BROWSER}])
    reason = "no browser started (google-chrome: not on PATH; chromium: No usable sandbox!)"
    assert report.page == PageSeen(opened=False, reason=reason, checks_total=1)
    [finding] = report.findings
    assert finding.severity is Severity.WARNING
    assert finding.seen == f"NOT OPENED, 0 of 1 checks were run: {reason}"
    assert [(result.passed, result.ran) for result in report.results] == [(False, False)]


def test_page_report__a_later_browser_starts() -> None:
    """A program that did not start is told although another one did."""
    tried = not_started("google-chrome", "it ended")
    report = page_report([], [tried, STARTED, OPENED, DONE])
    assert report.page.opened
    assert [(found.subject, found.seen) for found in report.findings] == [
        ("google-chrome", "it ended")
    ]


def test_page_report__browser_that_dies() -> None:
    """The page is not to blame for a browser that ends in the middle: warnings tell of it."""
    died = {"kind": Kind.BROWSER_DIED, "seen": "it ended: Target closed"}
    report = page_report([CHECK], [STARTED, OPENED, died])
    assert {finding.severity for finding in report.findings} == {Severity.WARNING}
    assert (report.page.checks_run, report.page.reason) == (0, "it ended: Target closed")


def test_page_report__worker_that_fails() -> None:
    """A worker that does not even begin is told with what it said last."""
    report = page_report([CHECK], [], "ModuleNotFoundError: playwright")
    assert not report.page.opened
    assert "ModuleNotFoundError: playwright" in report.page.reason
    assert report.page.reason in report.findings[0].seen


def test_page_report__each_kind_in_words() -> None:
    """Every kind that is a finding has all its words."""
    for kind in RULES:
        observation = {"kind": kind, "subject": "a", "expected": "b", "seen": "c"}
        report = page_report([], [STARTED, OPENED, observation, DONE])
        assert report.findings, kind
        assert all(found.subject and found.expected and found.seen for found in report.findings)


def test_without_page__checks_fail() -> None:
    """A site without HTML holds no check."""
    report = without_page([CHECK])
    assert report.passed == 0
    assert [finding.subject for finding in report.findings] == [CHECK.expression]
    assert report.page == PageSeen(opened=False, reason="the site has no HTML page", checks_total=1)
