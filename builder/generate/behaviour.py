"""Tests whether the app does what was asked, by scenarios that are written once per round."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from builder.contract.contract import Contract
from builder.findings import Finding, Severity, Source
from builder.generate.attempts import Attempt
from builder.generate.tester import Dispute
from builder.ports import Log
from builder.report import Report
from builder.verify.scenarios.outcomes import by_requirement, of_earlier_rounds
from builder.verify.scenarios.scenario import Scenario

TESTER_SECONDS = 20.0
"""Minimum time left to ask for scenarios."""
MAX_REMARK = 300


class Tester(Protocol):
    """Writes scenarios for plain-word requirements, given an attempt whose page was opened."""

    remarks: list[str]
    """What looks broken to it, so far."""

    def write(
        self,
        attempt: Attempt,
        requirements: Sequence[str],
        budget: float,
        disputes: Sequence[Dispute] = (),
    ) -> list[Scenario]:
        """Return scenarios; none if no model wrote any in `budget` seconds.

        With `disputes`, rewrite those that are disputed, under their ids.
        """


@dataclass
class BehaviourTest:
    """The scenarios of one round; `run` adds their outcomes to an attempt."""

    tester: Tester
    run: Callable[[Attempt, Sequence[Scenario]], Attempt]
    log: Log
    scenarios: list[Scenario] = field(default_factory=list)
    untested: str | None = "no app was made that could be used"
    """Why there are no scenarios; None if there are some, or if there is nothing to test."""
    _settled: set[str] = field(default_factory=set)
    """Ids of scenarios that were disputed: a second dispute does not count."""

    def begin(
        self, attempt: Attempt, requirements: Sequence[str], seconds: float, *, is_read: bool
    ) -> Attempt:
        """Have scenarios written for the first page that opens, and run them.

        `is_read` says whether a model has read the request for its requirements.
        """
        is_open = attempt.is_usable and attempt.page is not None and attempt.page.opened
        if self.scenarios or not is_open:
            return attempt
        if not requirements:
            self.untested = None if is_read else "no model read the request"
        elif seconds < TESTER_SECONDS:
            self.untested = "no time was left for scenarios"
        else:
            self.scenarios = self.tester.write(attempt, requirements, seconds)
            self.untested = None if self.scenarios else "no model wrote scenarios"
            count = len(requirements)
            self.log.line(f"{len(self.scenarios)} scenarios for {count} requirements")
        attempt = replace(attempt, findings=(*attempt.findings, *map(_remark, self.tester.remarks)))
        return self.run(attempt, self.scenarios) if self.scenarios else attempt

    def settle(
        self,
        disputes: Mapping[str, str],
        before: Attempt,
        requirements: Sequence[str],
        earlier: Sequence[Scenario],
        seconds: float,
    ) -> None:
        """Have the failed scenarios that the author disputes rewritten, each once.

        Those of `earlier` rounds keep their ids, and so are replaced.
        """
        disputed = [
            Dispute(scenario, before.outcomes[scenario.id], disputes[scenario.id])
            for scenario in (*self.scenarios, *earlier)
            if scenario.id in disputes.keys() - self._settled and _failed(before, scenario)
        ]
        if not disputed or seconds < TESTER_SECONDS:
            return
        self._settled |= {dispute.scenario.id for dispute in disputed}
        asked = dict.fromkeys([*requirements, *(each.scenario.requirement for each in disputed)])
        written = self.tester.write(before, list(asked), seconds, disputed)
        again = {scenario.id: scenario for scenario in written}
        self.log.line(f"{len(disputed)} scenarios disputed, {len(again)} written anew")
        self.scenarios = list(({each.id: each for each in self.scenarios} | again).values())


def record(
    report: Report,
    test: BehaviourTest | None,
    requirements: Sequence[str],
    contract: Contract,
    chosen: Attempt,
) -> None:
    """Record the outcome of each requirement in the report, and which scenarios to keep."""
    untested = test.untested if test else "no model was asked"
    scenarios = test.scenarios if test else []
    ran = [scenario for scenario in scenarios if scenario.id in chosen.outcomes]
    why_not = untested or "the tester wrote no scenario for it"
    tried = by_requirement(requirements, ran, chosen.outcomes, why_not, chosen.held_by_expression)
    tried = [
        one.model_copy(update={"earlier": one.requirement in contract.untried}) for one in tried
    ]
    report.requirements = [*tried, *of_earlier_rounds(contract.scenarios, chosen.outcomes)]
    report.scenarios = [each for each in ran if chosen.outcomes[each.id].passed]
    report.untested = None if ran else untested


def _remark(text: str) -> Finding:
    expected, seen = "a page that looks right", text[:MAX_REMARK]
    return Finding(Severity.WARNING, Source.PAGE, "the screenshots", expected, seen)


def _failed(attempt: Attempt, scenario: Scenario) -> bool:
    outcome = attempt.outcomes.get(scenario.id)
    return outcome is not None and outcome.ran and not outcome.passed
