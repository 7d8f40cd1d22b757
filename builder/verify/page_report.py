"""What the observations of a page mean: findings, the result of each check, and whether the page
was opened at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from builder.findings import Finding, Severity, Source
from builder.report import PageSeen
from builder.verify.scenarios.scenario import Outcome
from builder.verify.worker_protocol import Kind, Observation


@dataclass(frozen=True)
class PageCheck:
    """A JavaScript expression that should hold on the page, and where it comes from."""

    expression: str
    source: Source


@dataclass(frozen=True)
class CheckResult:
    """The result of a check; `seen` is the last value or error, in words."""

    check: PageCheck
    passed: bool
    seen: str
    ran: bool = True
    """False if it is not JavaScript, or if it could not be run."""


@dataclass(frozen=True)
class PageReport:
    """What was seen of a page in the browser; screenshots by file name (PNG)."""

    findings: list[Finding]
    page: PageSeen
    results: list[CheckResult] = field(default_factory=list)
    screenshots: dict[str, bytes] = field(default_factory=dict)
    seconds: float = 0.0
    outcomes: list[Outcome] = field(default_factory=list)
    """The outcomes of all scenarios, including those that did not run."""
    snapshot: str = ""
    """The accessibility tree on load, as YAML."""
    asked: frozenset[str] = frozenset()
    """What the page asked for when it was opened and used: files of the site, and hosts."""

    @property
    def passed(self) -> int:
        return sum(result.passed for result in self.results)


@dataclass(frozen=True)
class Rule:
    """What a kind of observation means; texts that are None come from the observation."""

    severity: Severity
    subject: str | None
    expected: str | None
    seen: str | None = None
    source: Source = Source.PAGE

    def finding(self, observation: Observation) -> Finding:
        return Finding(
            self.severity,
            self.source,
            self.subject or observation["subject"],
            self.expected or observation["expected"],
            self.seen or observation["seen"],
        )


FAILURE, WARNING = Severity.FAILURE, Severity.WARNING
PAGE = "the page"
OUT_OF_TIME = "the time ran out"

ENDS = {Kind.DONE, Kind.OUT_OF_TIME, Kind.BROWSER_DIED, Kind.NO_BROWSER}
"""What the worker reports last."""

RULES = {
    Kind.NOT_STARTED: Rule(WARNING, None, "a browser that starts"),
    Kind.PAGE_ERROR: Rule(FAILURE, PAGE, "no uncaught error"),
    Kind.CONSOLE_ERROR: Rule(WARNING, "the console", "no errors"),
    Kind.OWN_REQUEST: Rule(FAILURE, None, "a file of the site, named relative to the page"),
    Kind.OTHER_REQUEST: Rule(WARNING, None, "an answer"),
    Kind.REFUSED: Rule(WARNING, None, "a public address", "requests to a private one, blocked"),
    Kind.NOT_LOADED: Rule(FAILURE, PAGE, "to load"),
    Kind.SLOW: Rule(WARNING, PAGE, "to load"),
    Kind.HANGS: Rule(FAILURE, PAGE, "scripts that come to an end", "it hangs"),
    Kind.CRASHED: Rule(FAILURE, PAGE, "to stay open", "it crashed, perhaps out of memory"),
    Kind.CLOSED: Rule(FAILURE, PAGE, "to stay open", "it closed itself"),
    Kind.LEFT: Rule(FAILURE, PAGE, "to stay on its own site"),
    Kind.BLANK: Rule(FAILURE, PAGE, "something to see", "it is blank"),
    Kind.OVERFLOW: Rule(WARNING, "the page on a phone", "no sideways scrolling"),
    Kind.USE_ERROR: Rule(FAILURE, None, "no uncaught error when used", source=Source.USE),
    Kind.USE_MISSING: Rule(FAILURE, None, "to lead to a page that exists", source=Source.USE),
    Kind.NO_EFFECT: Rule(
        WARNING,
        None,
        "something to change when used",
        "nothing did: neither the page, its address, nor what is stored",
        Source.USE,
    ),
    Kind.OUT_OF_TIME: Rule(
        WARNING, "the browser", "to finish in time", f"NOT FINISHED: {OUT_OF_TIME}"
    ),
    Kind.BROWSER_DIED: Rule(WARNING, "the browser", "to run until the page is checked"),
}
"""Other kinds are not findings by themselves."""

INTERRUPTIONS = {
    Kind.HANGS: "the page hangs",
    Kind.CRASHED: "the page crashed",
    Kind.CLOSED: "the page closed itself",
    Kind.BROWSER_DIED: "the browser died",
}
"""Why a page was not opened, or checks were not run on it."""


def page_report(
    checks: Sequence[PageCheck], observations: Sequence[Observation], trouble: str = ""
) -> PageReport:
    """Return the report on a page; `trouble` is the worker's complaint if it failed.

    If the worker did not finish, or the page was not opened, a warning says so.
    """
    kinds = {Kind(observation["kind"]) for observation in observations}
    if not kinds & ENDS:
        last = Kind.BROWSER_DIED if trouble else Kind.OUT_OF_TIME
        observations = [*observations, {"kind": last, "seen": f"the worker failed: {trouble}"}]
    judged = _judged(checks, observations)
    results = [result for result, _ in judged]
    page = PageSeen(
        opened=Kind.OPENED in kinds,
        browser=_first(observations, Kind.STARTED),
        reason="" if {Kind.OPENED, Kind.DONE} <= kinds else _reason(observations),
        checks_run=sum(result.ran for result in results),
        checks_total=len(results),
        usable_elements=sum(seen["total"] for seen in observations if "total" in seen),
        used_elements=sum(seen["tried"] for seen in observations if "tried" in seen),
    )
    findings = [finding for _, finding in judged if finding]
    return PageReport(
        [*_loud(page), *findings, *_findings(observations)],
        page,
        results,
        outcomes=[Outcome(**seen["outcome"]) for seen in observations if "outcome" in seen],
        snapshot=_first(observations, Kind.SNAPSHOT),
        asked=frozenset(seen["subject"] for seen in observations if seen["kind"] == Kind.ASKED),
    )


def without_page(checks: Sequence[PageCheck]) -> PageReport:
    """Report on a site without a page: all checks fail."""
    reason = "the site has no HTML page"
    results = [CheckResult(check, False, reason, ran=False) for check in checks]
    page = PageSeen(opened=False, reason=reason, checks_total=len(checks))
    return PageReport([_of_check(result, FAILURE) for result in results], page, results)


def _loud(page: PageSeen) -> list[Finding]:
    """Warn loudly if the page was not opened."""
    run = f"{page.checks_run} of {page.checks_total} checks were run"
    rule = Rule(WARNING, PAGE, "to be opened in a browser", f"NOT OPENED, {run}: {page.reason}")
    return [] if page.opened else [rule.finding({})]


def _reason(observations: Sequence[Observation]) -> str:
    """Return why the page was not opened, with each browser tried."""
    tried = [seen for seen in observations if seen["kind"] == Kind.NOT_STARTED]
    if tried and not _first(observations, Kind.STARTED):
        reasons = (f"{seen['subject']}: {seen['seen']}" for seen in tried)
        return f"no browser started ({'; '.join(reasons)})"
    kinds = (Kind.NO_BROWSER, Kind.NOT_LOADED, Kind.BROWSER_DIED)
    given = filter(None, (_first(observations, kind) for kind in kinds))
    return next(given, _interruption(observations))


def _interruption(observations: Sequence[Observation]) -> str:
    kinds = {Kind(observation["kind"]) for observation in observations}
    return next((INTERRUPTIONS[kind] for kind in INTERRUPTIONS if kind in kinds), OUT_OF_TIME)


def _first(observations: Sequence[Observation], kind: Kind) -> str:
    return next((str(seen.get("seen", "")) for seen in observations if seen["kind"] == kind), "")


def _findings(observations: Sequence[Observation]) -> list[Finding]:
    has_started = bool(_first(observations, Kind.STARTED))
    return [
        RULES[kind].finding(observation)
        for observation in observations
        if (kind := Kind(observation["kind"])) in RULES
        # If none started, one finding covers all.
        and (has_started or kind != Kind.NOT_STARTED)
    ]


def _judged(
    checks: Sequence[PageCheck], observations: Sequence[Observation]
) -> list[tuple[CheckResult, Finding | None]]:
    by_index = {seen["index"]: seen for seen in observations if "index" in seen}
    reason = f"not run: {_interruption(observations)}"
    is_page_to_blame = bool(_first(observations, Kind.STARTED)) and not _first(
        observations, Kind.BROWSER_DIED
    )

    def judge(index: int, check: PageCheck) -> tuple[CheckResult, Finding | None]:
        if index in by_index:
            return _result_of(check, by_index[index])
        result = CheckResult(check, False, reason, ran=False)
        return result, _of_check(result, FAILURE) if is_page_to_blame else None

    return [judge(index, check) for index, check in enumerate(checks)]


def _result_of(check: PageCheck, seen: Mapping[str, object]) -> tuple[CheckResult, Finding | None]:
    words = str(seen["seen"])
    if seen["kind"] == Kind.UNREADABLE_CHECK:
        result = CheckResult(check, False, f"the check itself cannot run: {words}", ran=False)
        return result, _of_check(result, WARNING, "JavaScript")
    result = CheckResult(check, bool(seen["passed"]), words)
    return result, None if result.passed else _of_check(result, FAILURE)


def _of_check(result: CheckResult, severity: Severity, expected: str = "to be true") -> Finding:
    source = result.check.source
    severity = WARNING if source is Source.MODEL_CHECK else severity
    return Finding(severity, source, result.check.expression, expected, result.seen)
