"""The tester: a model that turns requirements into scenarios on the page as it is.

It sees the request and the page, not what the author says about it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import ValidationError

from builder.errors import NoModelAnswered
from builder.llm.json_reply import json_objects
from builder.llm.messages import Message, Reply, fence, one_line
from builder.ports import Render
from builder.request import problems
from builder.verify.scenarios.scenario import Outcome, Scenario

MAX_SCENARIOS = 12
MAX_HTML = 60_000
"""Characters of HTML that the tester is shown."""
MAX_SNAPSHOT = 20_000
_MAX_TOLD = 20

Ask = Callable[[Sequence[Message], float], Reply]
"""Takes the messages and the seconds that the answer may take. Raises NoModelAnswered."""


@dataclass(frozen=True)
class Page:
    """The page on load: its accessibility tree as YAML, and its HTML."""

    snapshot: str
    html: str


@dataclass(frozen=True)
class Dispute:
    """A failed scenario that the author holds for wrong, and why."""

    scenario: Scenario
    outcome: Outcome
    reason: str


@dataclass
class ScenarioWriter:
    """Writes scenarios for `requirements`, which are texts in plain words."""

    brief: str
    requirements: Sequence[str]
    attachments: Sequence[Mapping[str, str]]
    """Name and preview of each."""
    files: Sequence[str]
    """Paths of the site; empty where no requirement is about files."""
    render: Render
    ask: Ask
    notes: list[str] = field(default_factory=list)
    """What went wrong with the tester's answers."""

    def write(self, page: Page, budget: float) -> list[Scenario]:
        """Return scenarios within `budget` seconds; none where no model gave any."""
        return self._asked(self.messages(page), budget, first=1) if self.requirements else []

    def rewrite(self, page: Page, disputes: Sequence[Dispute], budget: float) -> list[Scenario]:
        """Return the disputed scenarios, written anew under their ids."""
        told = [self._told(dispute) for dispute in disputes]
        written = self._asked(self.messages(page, told), budget, first=1)
        ids = {dispute.scenario.requirement: dispute.scenario.id for dispute in disputes}
        return [
            scenario.model_copy(update={"id": ids.pop(scenario.requirement)})
            for scenario in written
            if scenario.requirement in ids
        ]

    def messages(
        self, page: Page, disputes: Sequence[Mapping[str, object]] = ()
    ) -> tuple[Message, ...]:
        """Return the messages that ask for scenarios."""
        system = self.render("prompts/tester_system.md.j2", most=MAX_SCENARIOS, files=self.files)
        text = self.render(
            "prompts/tester.md.j2",
            brief=self.brief,
            requirements=self.requirements,
            attachments=self.attachments,
            files=self.files,
            snapshot=page.snapshot[:MAX_SNAPSHOT],
            html=page.html[:MAX_HTML],
            disputes=disputes,
            fence=fence,
            one_line=one_line,
        )
        return Message("system", system), Message("user", text)

    def _told(self, dispute: Dispute) -> dict[str, object]:
        return {
            "number": self.requirements.index(dispute.scenario.requirement) + 1,
            "steps": "\n".join(map(str, dispute.scenario.steps)),
            "seen": f"expected {dispute.outcome.expected}; seen {dispute.outcome.seen}",
            "reason": dispute.reason,
        }

    def _asked(self, messages: Sequence[Message], budget: float, *, first: int) -> list[Scenario]:
        """Ask; once more with what was wrong where nothing could be used."""
        for _ in range(2):
            try:
                reply = self.ask(messages, budget)
            except NoModelAnswered as error:
                self.notes.append(str(error))
                return []
            scenarios, wrong = self._parsed(reply.text, first)
            budget -= reply.seconds
            if scenarios or budget <= 0:
                self.notes += wrong
                return scenarios
            told = self.render("prompts/reading_retry.md.j2", mistakes=wrong[:_MAX_TOLD])
            messages = (*messages, Message("assistant", reply.text), Message("user", told))
        self.notes += wrong
        return []

    def _parsed(self, text: str, first: int) -> tuple[list[Scenario], list[str]]:
        """Return the scenarios of a reply that can be run, and what is wrong with the others."""
        answers = [found for found in json_objects(text) if "scenarios" in found]
        listed = answers[-1]["scenarios"] if answers else None
        if not isinstance(listed, list):
            return [], ["no JSON object with a list named scenarios was found"]
        scenarios: list[Scenario] = []
        wrong: list[str] = []
        for number, value in enumerate(listed[:MAX_SCENARIOS], start=1):
            try:
                scenarios.append(self._scenario(value, first + len(scenarios)))
            except (ValidationError, RecursionError) as error:
                told = problems(error) if isinstance(error, ValidationError) else [("", "too deep")]
                wrong += [f"scenario {number}: {where}: {why}" for where, why in told]
        return scenarios, wrong

    def _scenario(self, value: object, number: int) -> Scenario:
        """Give a scenario its id and, for the requirement's number, its words."""
        fields = dict(value) if isinstance(value, dict) else {}
        named = fields.get("requirement")
        if isinstance(named, int) and 1 <= named <= len(self.requirements):
            fields["requirement"] = self.requirements[named - 1]
        return Scenario.model_validate(fields | {"id": f"s{number}"})
