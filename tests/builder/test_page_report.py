"""What observations of a page mean."""

from typing import Any

import pytest

from builder.findings import Severity, Source
from builder.verify.observation import Kind
from builder.verify.page_report import RULES, PageCheck, PageReport, verdict, without_page

OPENED = {"kind": Kind.OPENED}
DONE = {"kind": Kind.DONE}
CHECK = PageCheck("document.title === 'Rain'", Source.CHECK)


def check(index: int, passed: bool, seen: str) -> dict[str, Any]:
    return {"kind": Kind.CHECK, "index": index, "passed": passed, "seen": seen}


def test_verdict__checks_that_hold() -> None:
    """Checks that hold are results without a finding."""
    findings, results = verdict([CHECK], [OPENED, check(0, True, "true"), DONE], "")
    assert findings == []
    assert PageReport(findings, results).passed == 1


@pytest.mark.parametrize(
    ("source", "severity"),
    [
        (Source.CHECK, Severity.FAILURE),
        (Source.REGRESSION, Severity.FAILURE),
        (Source.MODEL_CHECK, Severity.WARNING),
    ],
)
def test_verdict__check_that_does_not_hold(source: Source, severity: Severity) -> None:
    """A check tells what was seen; one that the model gave only warns."""
    observations = [OPENED, check(0, False, "''"), DONE]
    [finding], [result] = verdict([PageCheck("a", source)], observations, "")
    assert (finding.source, finding.severity) == (source, severity)
    assert (finding.subject, finding.seen) == ("a", "''")
    assert not result.passed


@pytest.mark.parametrize("source", [Source.CHECK, Source.REGRESSION, Source.MODEL_CHECK])
def test_verdict__check_that_cannot_run(source: Source) -> None:
    """A check that is no JavaScript holds nowhere, and is no failure of the page."""
    unreadable = {"kind": Kind.UNREADABLE_CHECK, "index": 0, "seen": "SyntaxError: x"}
    [finding], [result] = verdict([PageCheck("a", source)], [OPENED, unreadable, DONE], "")
    assert (result.passed, result.can_run) == (False, False)
    assert finding.severity is Severity.WARNING
    assert finding.seen == "the check itself cannot run: SyntaxError: x"


@pytest.mark.parametrize(
    ("kind", "word"), [(Kind.HANGS, "hangs"), (Kind.CRASHED, "crashed"), (Kind.CLOSED, "closed")]
)
def test_verdict__check_without_an_answer(kind: Kind, word: str) -> None:
    """A check that nobody could evaluate has failed for the page's reason."""
    findings, [result] = verdict([CHECK], [OPENED, {"kind": kind}, DONE], "")
    assert word in result.seen
    assert {finding.severity for finding in findings} == {Severity.FAILURE}


def test_verdict__killed() -> None:
    """What was found before a kill is kept, and a warning says that the time ran out."""
    checks = [CHECK, PageCheck("late", Source.CHECK)]
    findings, results = verdict(checks, [OPENED, check(0, True, "true")], "")
    assert [result.passed for result in results] == [True, False]
    assert [finding.subject for finding in findings] == ["late", "the browser"]
    assert findings[1].severity is Severity.WARNING


def test_verdict__browser_that_does_not_start() -> None:
    """Without a page nothing is held against the site: one warning tells why."""
    [finding], results = verdict([CHECK], [], "No usable sandbox!")
    assert finding.severity is Severity.WARNING
    assert finding.seen == "No usable sandbox!"
    assert results == []


@pytest.mark.parametrize("kind", RULES)
def test_verdict__each_kind_in_words(kind: Kind) -> None:
    """Every kind that is a finding has all its words."""
    observation = {"kind": kind, "subject": "a", "expected": "b", "seen": "c"}
    [finding], _ = verdict([], [OPENED, observation, DONE], "")
    assert all((finding.subject, finding.expected, finding.seen))


def test_without_page__checks_fail() -> None:
    """A site without HTML holds no check."""
    report = without_page([CHECK])
    assert report.passed == 0
    assert [finding.subject for finding in report.findings] == [CHECK.expression]
