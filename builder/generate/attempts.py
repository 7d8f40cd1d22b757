"""An attempt at the request, what was found wrong with it, and which of several is best."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from builder.findings import Finding, Source, failures
from builder.report import PageSeen
from builder.site import Site
from builder.verify.page_report import CheckResult, PageReport
from builder.verify.scenarios.outcomes import finding
from builder.verify.scenarios.scenario import Outcome, Scenario


@dataclass(frozen=True)
class Attempt:
    """A site, and the findings of its verification."""

    site: Site
    author: str
    """A model's name, or another origin."""
    is_usable: bool = True
    """False if a reply had no file."""
    findings: tuple[Finding, ...] = ()
    results: tuple[CheckResult, ...] = ()
    screenshots: Mapping[str, bytes] = field(default_factory=dict)
    page: PageSeen | None = None
    """What a browser saw; None if none was asked."""
    model_checks: Mapping[str, str] = field(default_factory=dict)
    """Plain-word checks, with the expression that the model gives for each."""
    outcomes: Mapping[str, Outcome] = field(default_factory=dict)
    """The outcomes of scenarios, by their ids."""
    snapshot: str = ""
    """The page's accessibility tree on load, as YAML."""
    disputes: Mapping[str, str] = field(default_factory=dict)
    """Ids of failed scenarios that the author disputes, with the reason."""
    script: str = ""
    """The author's last build script that was run."""
    computed: Mapping[str, str] = field(default_factory=dict)
    """Files that build scripts made, to the SHA-256 of their content in hex."""
    asked: frozenset[str] = frozenset()
    """What the page asked for when it was opened and used: files of the site, and hosts."""

    @property
    def failures(self) -> list[Finding]:
        """What has to be repaired."""
        return failures(self.findings)

    @property
    def is_built(self) -> bool:
        """Whether the script, if there is one, succeeded."""
        return not any(found.source is Source.BUILD for found in self.failures)

    @property
    def rank(self) -> tuple[int, int, int, int]:
        """The lower, the better: failures of this round, regressions, scenarios, warnings."""
        regressions = sum(found.source is Source.REGRESSION for found in self.failures)
        scenarios = sum(found.source is Source.SCENARIO for found in self.failures)
        failed = len(self.failures)
        others = failed - regressions - scenarios
        return others, regressions, scenarios, len(self.findings) - failed

    def breaks(self, before: "Attempt") -> bool:
        """Return whether something that held before no longer does.

        A scenario may fail if more of the request's own checks hold than before.
        """
        lost_checks = before._held_checks - self._held_checks
        lost_scenarios = before._held_scenarios - self._held_scenarios
        gains = self.score(Source.CHECK)[0] > before.score(Source.CHECK)[0]
        return bool(lost_checks) or (bool(lost_scenarios) and not gains)

    @property
    def _held_checks(self) -> set[str]:
        scripts = {Source.CHECK, Source.REGRESSION}
        return {r.check.expression for r in self.results if r.passed and r.check.source in scripts}

    @property
    def _held_scenarios(self) -> set[str]:
        return {name for name, outcome in self.outcomes.items() if outcome.passed}

    @property
    def held_by_expression(self) -> set[str]:
        """The plain-word checks for which an expression of the author holds."""
        own = [result for result in self.results if result.check.source is Source.MODEL_CHECK]
        held = {result.check.expression for result in own if result.passed}
        return {words for words, expression in self.model_checks.items() if expression in held}

    def score(self, source: Source) -> tuple[int, int]:
        """Return (passed, all) of the JavaScript checks of one source."""
        of_it = [result for result in self.results if result.check.source is source]
        return sum(result.passed for result in of_it), len(of_it)

    def seen(self, page: PageReport) -> "Attempt":
        """Add what the browser saw of the page."""
        return replace(
            self,
            findings=(*self.findings, *page.findings),
            results=(*self.results, *page.results),
            screenshots={**self.screenshots, **page.screenshots},
            page=page.page,
            snapshot=page.snapshot,
            asked=self.asked | page.asked,
        )

    def used(self, scenarios: Sequence[Scenario], outcomes: Sequence[Outcome]) -> "Attempt":
        """Add the outcomes of `scenarios`, in the same order."""
        failed = [finding(one, seen) for one, seen in zip(scenarios, outcomes, strict=True)]
        by_id = {outcome.id: outcome for outcome in outcomes}
        return replace(
            self,
            findings=(*self.findings, *filter(None, failed)),
            outcomes={**self.outcomes, **by_id},
        )


def best(attempts: Sequence[Attempt]) -> Attempt:
    """Return the best attempt; a later one has to be better and to break nothing."""
    chosen = attempts[0]
    for later in attempts[1:]:
        is_new = later.is_usable and not chosen.is_usable
        if is_new or (later.rank < chosen.rank and not later.breaks(chosen)):
            chosen = later
    return chosen
