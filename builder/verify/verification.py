"""The verification of an attempt: its files, its secrets, its page in a browser."""

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Protocol

from builder.contract.contract import Contract
from builder.credentials import Credentials
from builder.findings import Finding, Severity, Source
from builder.generate.attempts import Attempt
from builder.request import Check, Request
from builder.rounds import Base
from builder.site import Site
from builder.verify.inspection import inspect
from builder.verify.page_report import CheckResult, PageCheck, PageReport
from builder.verify.scenarios.outcomes import with_probes
from builder.verify.scenarios.scenario import Outcome, Scenario


class Look(Protocol):
    """Opens a page in a browser."""

    def __call__(
        self,
        site: Site,
        name: str,
        checks: Sequence[PageCheck],
        scenarios: Sequence[Scenario] = (),
        *,
        smoke: bool = True,
    ) -> PageReport:
        """Open the site under `/<name>/`, run checks and scenarios; with `smoke` use all of it."""


@dataclass
class Verification:
    """Verifies every attempt of a round.

    `name` is that of the repository, under which the site is served.
    """

    request: Request
    name: str
    base: Base
    contract: Contract
    scan: Callable[[Site, Container[str]], list[Finding]]
    """Finds secrets; takes the paths of the attachments, which are delivered unchanged."""
    look: Look
    credentials: Credentials = field(default_factory=lambda: Credentials({}))

    def __call__(self, attempt: Attempt, scenarios: Sequence[Scenario] = ()) -> Attempt:
        """Return the attempt with all findings, and without any credential of the run.

        Those of earlier rounds are run besides `scenarios`, which replace them by their ids.
        """
        attempt = self._without_credentials(attempt)
        files = inspect(attempt.site, self.contract, self.name)
        secrets = self.scan(attempt.site, self.contract.verbatim)
        attempt = replace(attempt, findings=(*attempt.findings, *files, *secrets))
        scenarios = self.contract.with_scenarios(scenarios)
        site = self.contract.completed(attempt.site)
        report = self.look(site, self.name, self._checks(attempt), scenarios)
        attempt = attempt.seen(self._without_old_failures(report))
        return attempt.used(scenarios, self._outcomes(attempt, scenarios, report))

    def use(self, attempt: Attempt, scenarios: Sequence[Scenario]) -> Attempt:
        """Return a verified attempt with the outcomes of further scenarios."""
        site = self.contract.completed(attempt.site)
        report = self.look(site, self.name, [], scenarios, smoke=False)
        shots = {name: report.screenshots[name] for name in report.screenshots if "-" in name}
        attempt = replace(attempt, screenshots={**attempt.screenshots, **shots})
        return attempt.used(scenarios, self._outcomes(attempt, scenarios, report))

    def _outcomes(
        self, attempt: Attempt, scenarios: Sequence[Scenario], report: PageReport
    ) -> list[Outcome]:
        return with_probes(scenarios, report.outcomes, attempt.site, self.contract.attached)

    def _without_credentials(self, attempt: Attempt) -> Attempt:
        cut, findings = {}, []
        for path, content in attempt.site.items():
            for name in self.credentials.found_in(content):
                cut[path] = self.credentials.cut_from(content)
                seen = f"the value of {name}, removed"
                leak = (path, "no credential of the run", seen)
                findings.append(Finding(Severity.FAILURE, Source.SECRET, *leak))
        return replace(attempt, site=attempt.site | cut, findings=(*attempt.findings, *findings))

    def _checks(self, attempt: Attempt) -> list[PageCheck]:
        checks = [PageCheck(source, Source.CHECK) for source in _scripts(self.request.checks)]
        own = {check.expression for check in checks}
        earlier = [source for source in self._earlier if source not in own]
        checks += [PageCheck(source, Source.REGRESSION) for source in earlier]
        plain = {check.source for check in self.request.checks if not check.is_javascript}
        checks += [
            PageCheck(script, Source.MODEL_CHECK)
            for words, script in attempt.model_checks.items()
            if words in plain
        ]
        return checks

    @cached_property
    def _earlier(self) -> list[str]:
        """The JavaScript checks of the rounds before this one that still have to hold."""
        past = [entry for entry in self.base.rounds if entry.round < self.request.round]
        sources = dict.fromkeys(source for entry in past for source in _scripts(entry.checks))
        return [source for source in sources if source not in self.contract.retired_checks]

    def _without_old_failures(self, page: PageReport) -> PageReport:
        """Drop failed checks of earlier rounds that failed before this round, too."""
        failed = [result for result in page.results if _is_regression(result)]
        if not failed:
            return page
        may_have_fallen = {result.check.expression for result in failed if result.ran}
        fell = may_have_fallen and may_have_fallen & self._held_before
        return replace(
            page,
            findings=[
                finding
                for finding in page.findings
                if finding.source is not Source.REGRESSION or finding.subject in fell
            ],
            results=[
                result
                for result in page.results
                if not _is_regression(result) or result.check.expression in fell
            ],
        )

    @cached_property
    def _held_before(self) -> set[str]:
        """The earlier checks that hold on the site as it was; evaluated once, if needed."""
        checks = [PageCheck(source, Source.REGRESSION) for source in self._earlier]
        before = self.look(self.base.site, self.name, checks)
        # What is not known to have failed before counts as fallen now.
        return {
            result.check.expression for result in before.results if result.passed or not result.ran
        }


def _scripts(checks: Sequence[Check]) -> list[str]:
    return [check.source for check in checks if check.is_javascript]


def _is_regression(result: CheckResult) -> bool:
    return result.check.source is Source.REGRESSION and not result.passed
