"""The tester: a model that turns requirements into scenarios on the page as it is.

It sees the request and the page, not the author's explanations.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from pydantic import ValidationError

from builder.contract.contract import PAGE
from builder.contract.reader import answer
from builder.generate.attempts import Attempt
from builder.generate.prompts import previews
from builder.llm.messages import Ask, Image, Message, json_answer
from builder.rendering import render
from builder.request import Request, problems
from builder.verify.scenarios.scenario import Outcome, Scenario

MIN_SCENARIOS, MAX_SCENARIOS = 12, 24
"""A tester may write one per requirement; if there are few, several for each."""
MAX_HTML = 60_000
"""Characters of HTML that the tester sees."""
MAX_REMARKS = 10


@dataclass(frozen=True)
class Dispute:
    """A failed scenario that the author disputes, and why."""

    scenario: Scenario
    outcome: Outcome
    reason: str


@dataclass
class ModelTester:
    """Implements `Tester` by a model that sees the request and the page of an attempt.

    With `vision`, it also sees screenshots, and may remark on what looks broken.
    """

    request: Request
    ask: Ask
    vision: bool = False
    earlier: Sequence[str] = ()
    """The briefs of earlier rounds."""
    remarks: list[str] = field(default_factory=list)
    """What looks broken to it."""

    def write(
        self,
        attempt: Attempt,
        requirements: Sequence[str],
        budget: float,
        disputes: Sequence[Dispute] = (),
    ) -> list[Scenario]:
        """Return scenarios within `budget` seconds; none if no model gave any.

        With `disputes` those that are disputed, written anew under their ids. Raises
        InvalidAttachment.
        """
        messages = self.messages(attempt, requirements, disputes)
        read = partial(self._read, requirements)
        written = answer(self.ask, messages, budget, read) or []
        if not disputes:
            return written
        ids: dict[str, list[str]] = {}
        for each in disputes:
            ids.setdefault(each.scenario.requirement, []).append(each.scenario.id)
        return [
            scenario.model_copy(update={"id": ids[scenario.requirement].pop(0)})
            for scenario in written
            if ids.get(scenario.requirement)
        ]

    def messages(
        self, attempt: Attempt, requirements: Sequence[str], disputes: Sequence[Dispute] = ()
    ) -> tuple[Message, ...]:
        """Return the messages that ask for scenarios. Raises InvalidAttachment."""
        numbers = {words: at for at, words in enumerate(requirements, start=1)}
        text = render(
            "prompts/tester.md.j2",
            briefs=[*self.earlier, self.request.brief],
            requirements=requirements,
            attachments=list(previews(self.request)),
            files=[path for path in attempt.site if path not in {PAGE, ".nojekyll"}],
            snapshot=attempt.snapshot,
            html=attempt.site.get(PAGE, b"").decode("utf-8", "replace")[:MAX_HTML],
            disputes=[(numbers[each.scenario.requirement], each) for each in disputes],
        )
        most = _most(requirements)
        system = render("prompts/tester_system.md.j2", most=most, vision=self.vision)
        shots = attempt.screenshots.values() if self.vision else ()
        images = tuple(Image("image/png", shot) for shot in shots)
        return Message("system", system), Message("user", text, images)

    def _read(
        self, requirements: Sequence[str], text: str
    ) -> tuple[list[Scenario] | None, list[str]]:
        """Return the usable scenarios of a reply; if there are none, why."""
        said = json_answer(text, "scenarios") or {}
        listed, remarks = said.get("scenarios"), said.get("looks_broken")
        if not isinstance(listed, list):
            return None, ["no JSON object with a list named scenarios was found"]
        self.remarks += map(str, remarks[:MAX_REMARKS]) if isinstance(remarks, list) else []
        scenarios: list[Scenario] = []
        wrong: list[str] = []
        for number, value in enumerate(listed[: _most(requirements)], start=1):
            try:
                scenarios.append(_scenario(value, requirements, len(scenarios) + 1))
            except ValidationError as error:
                wrong += [f"scenario {number}: {where}: {why}" for where, why in problems(error)]
        return scenarios, [] if scenarios else wrong


def _most(requirements: Sequence[str]) -> int:
    return min(max(MIN_SCENARIOS, len(requirements)), MAX_SCENARIOS)


def _scenario(value: object, requirements: Sequence[str], number: int) -> Scenario:
    """Make a scenario, with its id, and the requirement's words for its number."""
    fields = dict(value) if isinstance(value, dict) else {}
    known = {str(at): words for at, words in enumerate(requirements, start=1)}
    known |= {words: words for words in requirements}
    named = known.get(str(fields.get("requirement")))
    return Scenario.model_validate(fields | {"id": f"s{number}", "requirement": named})
