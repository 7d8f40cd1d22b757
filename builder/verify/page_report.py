"""What the observations of a page mean: findings, and how each check came out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from builder.findings import Finding, Severity, Source
from builder.report import PageSeen
from builder.verify.observation import Kind

Observation = Mapping[str, Any]


@dataclass(frozen=True)
class PageCheck:
    """A JavaScript expression that should hold on the page, and on whose behalf."""

    expression: str
    source: Source


@dataclass(frozen=True)
class CheckResult:
    """How a check came out; `seen` is the last value or error, in words."""

    check: PageCheck
    passed: bool
    seen: str
    can_run: bool = True
    """False where the check itself is no JavaScript: nobody's page makes it hold."""


@dataclass(frozen=True)
class PageReport:
    """A look at a page; pictures by file name (PNG)."""

    findings: list[Finding]
    results: list[CheckResult] = field(default_factory=list)
    screenshots: dict[str, bytes] = field(default_factory=dict)
    seconds: float = 0.0
    page: PageSeen | None = None

    @property
    def passed(self) -> int:
        """How many checks hold."""
        return sum(result.passed for result in self.results)


@dataclass(frozen=True)
class Rule:
    """What one kind of observation means; texts that are None come from the observation."""

    severity: Severity
    subject: str | None
    expected: str | None
    seen: str | None = None
    source: Source = Source.PAGE

    def finding(self, observation: Observation) -> Finding:
        """Put an observation into words."""
        return Finding(
            severity=self.severity,
            source=self.source,
            subject=self.subject or observation["subject"],
            expected=self.expected or observation["expected"],
            seen=self.seen or observation["seen"],
        )


FAILURE, WARNING = Severity.FAILURE, Severity.WARNING
PAGE = "the page"

CHECKED = {Kind.CHECK, Kind.UNREADABLE_CHECK}

ENDS = {Kind.DONE, Kind.OUT_OF_TIME, Kind.NOT_STARTED}
"""What the process says last."""

RULES = {
    Kind.NOT_STARTED: Rule(WARNING, "the browser", "the page to be looked at in Chromium"),
    Kind.PAGE_ERROR: Rule(FAILURE, PAGE, "no uncaught error"),
    Kind.CONSOLE_ERROR: Rule(WARNING, "the console", "no errors"),
    Kind.OWN_REQUEST: Rule(FAILURE, None, "a file of the site, named relative to the page"),
    Kind.OTHER_REQUEST: Rule(WARNING, None, "an answer"),
    Kind.REFUSED: Rule(WARNING, None, "a public address", "requests to a private one, not let out"),
    Kind.NOT_LOADED: Rule(FAILURE, PAGE, "to load"),
    Kind.SLOW: Rule(WARNING, PAGE, "to load"),
    Kind.HANGS: Rule(FAILURE, PAGE, "scripts that come to an end", "it hangs"),
    Kind.CRASHED: Rule(FAILURE, PAGE, "to stay", "it crashed, as for want of memory"),
    Kind.CLOSED: Rule(FAILURE, PAGE, "to stay", "it closed itself"),
    Kind.LEFT: Rule(FAILURE, PAGE, "to stay on its own site"),
    Kind.BLANK: Rule(FAILURE, PAGE, "something to see", "it is blank"),
    Kind.OVERFLOW: Rule(WARNING, "the page on a phone", "no scrolling sideways"),
    Kind.VIOLATION: Rule(WARNING, None, None, source=Source.ACCESSIBILITY),
    Kind.NO_AXE: Rule(
        WARNING,
        "axe-core",
        "accessibility to be looked at",
        "the package axe-playwright-python is not installed",
        Source.ACCESSIBILITY,
    ),
    Kind.OUT_OF_TIME: Rule(WARNING, "the browser", "to be done in time", "the time ran out"),
}
"""Kinds that are not here are no findings by themselves."""

NO_ANSWER = {
    Kind.HANGS: "nothing: the page hangs",
    Kind.CRASHED: "nothing: the page crashed",
    Kind.CLOSED: "nothing: the page closed itself",
}


def verdict(
    checks: Sequence[PageCheck], observations: Sequence[Observation], trouble: str
) -> tuple[list[Finding], list[CheckResult]]:
    """Return the findings, and the results of `checks` as far as the page was opened.

    A process that did not finish adds a warning; `trouble` is what it said when it failed.
    """
    kinds = {Kind(observation["kind"]) for observation in observations}
    if not kinds & ENDS:
        kind = Kind.NOT_STARTED if trouble else Kind.OUT_OF_TIME
        observations = [*observations, {"kind": kind, "seen": trouble}]
    findings = [
        RULES[kind].finding(observation)
        for observation in observations
        if (kind := Kind(observation["kind"])) in RULES
    ]
    results = _results(checks, observations) if Kind.OPENED in kinds else []
    return [*filter(None, map(_of_check, results)), *findings], results


def without_page(checks: Sequence[PageCheck]) -> PageReport:
    """Report on a site that has no page to evaluate `checks` on."""
    results = [CheckResult(check, False, "the site has no HTML page") for check in checks]
    return PageReport([*filter(None, map(_of_check, results))], results)


def _results(checks: Sequence[PageCheck], observations: Sequence[Observation]) -> list[CheckResult]:
    told = {seen["index"]: seen for seen in observations if seen["kind"] in CHECKED}
    reasons = (NO_ANSWER.get(Kind(observation["kind"])) for observation in observations)
    untold = {
        "kind": Kind.CHECK,
        "passed": False,
        "seen": next(filter(None, reasons), "nothing: the time ran out"),
    }
    answers = (told.get(index, untold) for index in range(len(checks)))
    return [
        CheckResult(
            check,
            answer.get("passed", False),
            answer["seen"],
            can_run=answer["kind"] != Kind.UNREADABLE_CHECK,
        )
        for check, answer in zip(checks, answers, strict=True)
    ]


def _of_check(result: CheckResult) -> Finding | None:
    if result.passed:
        return None
    is_models = result.check.source is Source.MODEL_CHECK
    return Finding(
        severity=WARNING if is_models or not result.can_run else FAILURE,
        source=result.check.source,
        subject=result.check.expression,
        expected="to be true" if result.can_run else "JavaScript",
        seen=result.seen if result.can_run else f"the check itself cannot run: {result.seen}",
    )
