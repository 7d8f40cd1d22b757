"""How many planted bugs the use of an app notices, and how often it cries wolf.

`python -m tests.bench.corpus [app ...]`: every app of the corpus as it is, then with each of its
bugs, verified as the product verifies an attempt, with the recorded scenarios.
"""

import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

from builder.contract.contract import Contract
from builder.findings import Finding, Severity, Source
from builder.generate.attempts import Attempt
from builder.rounds import NOTHING
from builder.site import Site
from builder.verify.browser import Browser, programs
from builder.verify.secret_scan import scan
from builder.verify.verification import Verification
from tests.corpus import App, apps

BUDGET = 120.0
"""Seconds for one look; the product's are for a machine of its own."""
NOTICED_TARGET = 0.8
FALSE_ALARMS_TARGET = 0.05


def verified(app: App, site: Site) -> Attempt:
    """Verify a site with the scenarios of its app."""
    look = Browser(programs(), budget=BUDGET).look
    contract = Contract.of(app.request)
    verification = Verification(app.request, app.name, NOTHING, contract, scan, look)
    return verification(Attempt(site, "recorded"), app.scenarios)


def alarms(findings: Sequence[Finding], *severities: Severity) -> set[tuple[str, str]]:
    """Return what the smoke test and the page itself complain of."""
    sources = {Source.USE, Source.PAGE}
    return {
        (found.subject, found.expected)
        for found in findings
        if found.source in sources and found.severity in severities
    }


@dataclass(frozen=True)
class Trial:
    """An app as it is and with each of its bugs."""

    app: App
    correct: Attempt
    buggy: Sequence[Attempt]

    @classmethod
    def of(cls, app: App) -> "Trial":
        """Verify the app and its variants."""
        with ThreadPoolExecutor(2) as pool:
            sites = [app.site, *(app.with_bug(bug) for bug in app.bugs)]
            correct, *buggy = pool.map(lambda site: verified(app, site), sites)
        return cls(app, correct, buggy)

    @cached_property
    def false_alarms(self) -> list[str]:
        """What scenarios find wrong with the app as it is."""
        return [
            f"{outcome.id} step {(outcome.step or 0) + 1}: expected {outcome.expected}; "
            f"seen {outcome.seen} {' '.join(outcome.errors)}"
            for outcome in self.correct.outcomes.values()
            if not outcome.passed
        ]

    def by_smoke(self, attempt: Attempt, *severities: Severity) -> bool:
        """Tell whether the smoke test notices a bug."""
        before = alarms(self.correct.findings, *severities)
        return bool(alarms(attempt.findings, *severities) - before)

    def by_scenarios(self, attempt: Attempt) -> bool:
        """Tell whether a scenario that holds on the correct app fails on this one."""
        return any(
            outcome.ran and not outcome.passed and self.correct.outcomes[name].passed
            for name, outcome in attempt.outcomes.items()
        )

    @property
    def row(self) -> str:
        """The row of the table."""
        failed = sum(self.by_smoke(each, Severity.FAILURE) for each in self.buggy)
        warned = sum(self.by_smoke(each, *Severity) for each in self.buggy)
        noticed = sum(map(self.by_scenarios, self.buggy))
        smoke_alarms = len(alarms(self.correct.findings, *Severity))
        return (
            f"| {self.app.name} | {len(self.correct.outcomes)} | {len(self.false_alarms)} "
            f"| {smoke_alarms} | {len(self.buggy)} | {failed} | {warned} | {noticed} |"
        )


def main(names: Sequence[str]) -> int:
    """Print the table; return 1 where a target is missed."""
    head = "scenarios | false alarms | smoke test's alarms | bugs | failed by the smoke test"
    print(f"| app | {head} | warned of or failed | failed by scenarios |")
    print("| --- | --: | --: | --: | --: | --: | --: | --: |")
    trials = []
    for app in apps():
        if not names or app.name in names:
            trials.append(Trial.of(app))
            print(trials[-1].row, flush=True)
    bugs = [(trial, each) for trial in trials for each in trial.buggy]
    noticed = sum(trial.by_scenarios(each) for trial, each in bugs)
    smoke = sum(trial.by_smoke(each, *Severity) for trial, each in bugs)
    scenarios = sum(len(trial.correct.outcomes) for trial in trials)
    false_alarms = sum(len(trial.false_alarms) for trial in trials)
    print(f"\nBugs noticed by the smoke test alone: {smoke} of {len(bugs)}")
    print(f"Bugs noticed by scenarios: {noticed} of {len(bugs)} (at least {NOTICED_TARGET:.0%})")
    print(f"False alarms: {false_alarms} of {scenarios} (at most {FALSE_ALARMS_TARGET:.0%})")
    for trial in trials:
        for alarm in trial.false_alarms:
            print(f"- false alarm, {trial.app.name}: {alarm}")
        for bug, each in zip(trial.app.bugs, trial.buggy, strict=True):
            if not trial.by_scenarios(each):
                print(f"- not noticed by a scenario, {trial.app.name}: {bug.name}")
    return int(
        noticed < NOTICED_TARGET * len(bugs) or false_alarms > FALSE_ALARMS_TARGET * scenarios
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
