"""What the outcomes of scenarios mean: findings, and the outcome of each requirement."""

from collections.abc import Container, Iterable, Mapping, Sequence
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from builder.findings import Finding, Severity, Source
from builder.verify.scenarios.file_probes import Files, Hashes, probe
from builder.verify.scenarios.scenario import Outcome, Scenario

BY_EXPRESSION = "an expression of the author holds"
MAX_ERRORS = 5
"""Errors of the page that a finding shows."""


class State(StrEnum):
    """The outcome of a requirement."""

    HELD = "held"
    FAILED = "failed"
    NOT_TRIED = "not tried"


class RequirementOutcome(BaseModel):
    """A plain-word requirement, and what its scenarios showed."""

    model_config = ConfigDict(frozen=True)

    requirement: str
    state: State
    why: str = ""
    """What failed, why it was not tried, or how else it was seen to hold."""
    screenshot: str | None = None
    """The file name of a screenshot of the last state of its first scenario."""
    earlier: bool = False
    """Whether an earlier round asked for it."""


def with_probes(
    scenarios: Sequence[Scenario], seen: Iterable[Outcome], files: Files, attached: Hashes
) -> list[Outcome]:
    """Return the outcome of each scenario: what the browser saw, then the steps on files.

    `attached` is the SHA-256, in hex, of each attachment.
    """
    by_id = {outcome.id: outcome for outcome in seen}
    outcomes = []
    for scenario in scenarios:
        probed = probe(scenario, files, attached)
        on_page = by_id.get(scenario.id)
        if scenario.is_about_files:
            outcomes.append(probed)
        elif on_page is None:
            reason = "the page was not used"
            outcomes.append(Outcome(id=scenario.id, passed=False, ran=False, seen=reason))
        else:
            outcomes.append(on_page if probed.passed or not on_page.passed else probed)
    return outcomes


def finding(scenario: Scenario, outcome: Outcome) -> Finding | None:
    """Return what is wrong; a scenario that did not run is a warning."""
    if outcome.passed:
        return None
    if not outcome.ran:
        return _finding(scenario, Severity.WARNING, "to be tried", f"not tried: {outcome.seen}")
    steps = "\n".join(f"{at}. {step}" for at, step in enumerate(scenario.steps, start=1))
    expected = f"at step {(outcome.step or 0) + 1}: {outcome.expected}\nThe steps:\n{steps}"
    seen = [outcome.seen, *(f"error on the page: {each}" for each in outcome.errors[:MAX_ERRORS])]
    seen += [f"HTML around: {outcome.html}"] if outcome.html else []
    return _finding(scenario, Severity.FAILURE, expected, "\n".join(seen))


def _finding(scenario: Scenario, severity: Severity, expected: str, seen: str) -> Finding:
    subject = f"{scenario.id}: {scenario.requirement}"
    return Finding(severity, Source.SCENARIO, subject, expected, seen)


def by_requirement(
    requirements: Iterable[str],
    scenarios: Sequence[Scenario],
    outcomes: Mapping[str, Outcome],
    why_not: str,
    by_expression: Container[str] = (),
) -> list[RequirementOutcome]:
    """Return the outcome of each requirement; `why_not` is the reason for those without a scenario.

    `outcomes` are by scenario id. For requirements in `by_expression`, an expression of the author
    holds, which counts if there is no scenario.
    """
    found = []
    for requirement in requirements:
        of_it = [outcomes[each.id] for each in scenarios if each.requirement == requirement]
        if not of_it and requirement in by_expression:
            one = RequirementOutcome(requirement=requirement, state=State.HELD, why=BY_EXPRESSION)
        else:
            one = _outcome(requirement, of_it, why_not)
        found.append(one)
    return found


def of_earlier_rounds(
    scenarios: Sequence[Scenario], outcomes: Mapping[str, Outcome]
) -> list[RequirementOutcome]:
    """Return the outcomes of requirements whose scenarios are from earlier rounds."""
    ran = [scenario for scenario in scenarios if scenario.id in outcomes]
    requirements = dict.fromkeys(scenario.requirement for scenario in scenarios)
    found = by_requirement(requirements, ran, outcomes, "the page was not used")
    return [each.model_copy(update={"earlier": True}) for each in found]


def _outcome(requirement: str, outcomes: Sequence[Outcome], why_not: str) -> RequirementOutcome:
    picture = next((each.screenshot for each in outcomes if each.screenshot), None)
    failed = next((each for each in outcomes if each.ran and not each.passed), None)
    untried = next((each for each in outcomes if not each.ran), None)
    state, why = State.HELD, ""
    if failed:
        state, why = State.FAILED, f"expected {failed.expected}; seen {failed.seen}"
    elif untried or not outcomes:
        state, why = State.NOT_TRIED, untried.seen if untried else why_not
    return RequirementOutcome(requirement=requirement, state=state, why=why, screenshot=picture)
