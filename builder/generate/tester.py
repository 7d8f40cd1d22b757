"""The tester: a model that turns requirements into scenarios on the page as it is.

It sees the request and the page, not what the author says about it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from pydantic import ValidationError

from builder.contract.contract import PAGE
from builder.errors import NoModelAnswered
from builder.files.preview import preview
from builder.generate.attempts import Attempt
from builder.llm.messages import Image, Message, Reply, json_objects
from builder.ports import Render
from builder.request import Request, problems
from builder.verify.scenarios.scenario import Outcome, Scenario

MIN_SCENARIOS, MAX_SCENARIOS = 12, 20
"""A tester may write one for each requirement; a request with few may have several for each."""
MAX_HTML = 60_000
"""Characters of HTML that the tester is shown."""
MAX_SNAPSHOT = 20_000
_MAX_TOLD = 20

Ask = Callable[[Sequence[Message], float], Reply]
"""Takes the messages and the seconds that the answer may take. Raises NoModelAnswered."""


@dataclass(frozen=True)
class Dispute:
    """A failed scenario that the author holds for wrong, and why."""

    scenario: Scenario
    outcome: Outcome
    reason: str


@dataclass
class ModelTester:
    """The port `Tester`: a model that sees the request and the page of an attempt.

    With `vision` it sees screenshots too, and may remark on what looks broken.
    """

    request: Request
    render: Render
    ask: Ask
    vision: bool = False
    notes: list[str] = field(default_factory=list)
    """What went wrong with its answers."""
    remarks: list[str] = field(default_factory=list)
    """What looks broken to it."""

    def write(self, attempt: Attempt, requirements: Sequence[str], budget: float) -> list[Scenario]:
        """Return scenarios within `budget` seconds; none where no model gave any."""
        return self._asked(self.messages(attempt, requirements), requirements, budget)

    def rewrite(
        self,
        attempt: Attempt,
        requirements: Sequence[str],
        disputes: Sequence[Dispute],
        budget: float,
    ) -> list[Scenario]:
        """Return the disputed scenarios, written anew under their ids."""
        messages = self.messages(attempt, requirements, disputes)
        ids: dict[str, list[str]] = {}
        for dispute in disputes:
            ids.setdefault(dispute.scenario.requirement, []).append(dispute.scenario.id)
        return [
            scenario.model_copy(update={"id": ids[scenario.requirement].pop(0)})
            for scenario in self._asked(messages, requirements, budget)
            if ids.get(scenario.requirement)
        ]

    def messages(
        self,
        attempt: Attempt,
        requirements: Sequence[str],
        disputes: Sequence[Dispute] = (),
    ) -> tuple[Message, ...]:
        """Return the messages that ask for scenarios. Raises InvalidAttachment."""
        files = [path for path in attempt.site if path not in {PAGE, ".nojekyll"}]
        text = self.render(
            "prompts/tester.md.j2",
            brief=self.request.brief,
            requirements=requirements,
            attachments=list(self._attachments()),
            files=files,
            snapshot=attempt.snapshot[:MAX_SNAPSHOT],
            html=attempt.site.get(PAGE, b"").decode("utf-8", "replace")[:MAX_HTML],
            disputes=[
                (requirements.index(each.scenario.requirement) + 1, each) for each in disputes
            ],
        )
        most = _most(requirements)
        system = self.render("prompts/tester_system.md.j2", most=most, vision=self.vision)
        shots = attempt.screenshots.values() if self.vision else ()
        images = tuple(Image("image/png", shot) for shot in shots)
        return Message("system", system), Message("user", text, images)

    def _attachments(self) -> Iterator[dict[str, str]]:
        for one in self.request.attachments:
            told = preview(one.name, one.media_type, one.decode(), one.charset)
            yield {"name": one.name, "preview": told}

    def _asked(
        self, messages: Sequence[Message], requirements: Sequence[str], budget: float
    ) -> list[Scenario]:
        """Ask; once more with what was wrong where nothing could be used."""
        wrong: list[str] = []
        for _ in range(2):
            try:
                reply = self.ask(messages, budget)
            except NoModelAnswered as error:
                wrong.append(str(error))
                break
            scenarios, wrong = self._parsed(reply.text, requirements)
            budget -= reply.seconds
            if scenarios or not wrong or budget <= 0:
                self.notes += wrong
                return scenarios
            told = self.render("prompts/reading_retry.md.j2", mistakes=wrong[:_MAX_TOLD])
            messages = (*messages, Message("assistant", reply.text), Message("user", told))
        self.notes += wrong
        return []

    def _parsed(self, text: str, requirements: Sequence[str]) -> tuple[list[Scenario], list[str]]:
        """Return the scenarios of a reply that can be run, and what is wrong with the others."""
        answers = [found for found in json_objects(text) if "scenarios" in found]
        listed = answers[-1]["scenarios"] if answers else None
        if not isinstance(listed, list):
            return [], ["no JSON object with a list named scenarios was found"]
        remarks = answers[-1].get("looks_broken")
        self.remarks += [str(each) for each in remarks] if isinstance(remarks, list) else []
        scenarios: list[Scenario] = []
        wrong: list[str] = []
        for number, value in enumerate(listed[: _most(requirements)], start=1):
            try:
                scenarios.append(_scenario(value, requirements, len(scenarios) + 1))
            except (ValidationError, RecursionError) as error:
                told = problems(error) if isinstance(error, ValidationError) else [("", "too deep")]
                wrong += [f"scenario {number}: {where}: {why}" for where, why in told]
        return scenarios, wrong


def _most(requirements: Sequence[str]) -> int:
    return min(max(MIN_SCENARIOS, len(requirements)), MAX_SCENARIOS)


def _scenario(value: object, requirements: Sequence[str], number: int) -> Scenario:
    """Give a scenario its id and, for the requirement's number, its words."""
    fields = dict(value) if isinstance(value, dict) else {}
    named = fields.get("requirement")
    if isinstance(named, int) and 1 <= named <= len(requirements):
        fields["requirement"] = requirements[named - 1]
    return Scenario.model_validate(fields | {"id": f"s{number}"})
