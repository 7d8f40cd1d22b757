"""builder.generate.scenario_writer: what the model is told, and what is taken of its answer."""

import json
from collections.abc import Sequence
from typing import Any

from builder.errors import NoModelAnswered
from builder.generate.scenario_writer import Dispute, Page, ScenarioWriter
from builder.llm.messages import Message, Reply
from builder.rendering import Renderer
from builder.verify.scenarios.scenario import Outcome

PAGE = Page("- button: Add", "<button>Add</button>")
STEP = {"do": "expect_text", "value": "Milk"}


class Queue:
    """A model that answers from a list, and keeps what it was asked."""

    def __init__(self, *replies: Any) -> None:
        self.replies = [json.dumps(reply) for reply in replies]
        self.asked: list[Sequence[Message]] = []

    def __call__(self, messages: Sequence[Message], _: float) -> Reply:
        self.asked.append(messages)
        if not self.replies:
            raise NoModelAnswered([("queue", "is empty")])
        return Reply(text=f"Here:\n```json\n{self.replies.pop(0)}\n```", model="m", seconds=1.0)


def scenario_writer(ask: Queue, **fields: Any) -> ScenarioWriter:
    values: dict[str, Any] = {
        "brief": "A shopping list.",
        "requirements": ["Adding shows the item", "The list survives a reload"],
        "attachments": [],
        "files": [],
        "render": Renderer().render,
        "ask": ask,
    }
    return ScenarioWriter(**(values | fields))


def scenarios(*requirements: Any) -> dict[str, Any]:
    return {"scenarios": [{"requirement": each, "steps": [STEP]} for each in requirements]}


def test_scenario_writer__scenarios_of_a_reply() -> None:
    """A scenario carries its requirement's words and an id of ours; a faulty one is left out."""
    broken = {"requirement": 1, "steps": [{"do": "fly"}]}
    ask = Queue({"scenarios": [broken, *scenarios(2, 1)["scenarios"]]})
    writer = scenario_writer(ask)
    written = writer.write(PAGE, 60)
    assert [(each.id, each.requirement) for each in written] == [
        ("s1", "The list survives a reload"),
        ("s2", "Adding shows the item"),
    ]
    assert any("scenario 1" in note for note in writer.notes)
    system, user = ask.asked[0]
    assert "expect_file_words" not in system.text
    assert "- button: Add" in user.text
    assert "2. The list survives a reload" in user.text


def test_scenario_writer__asked_once_more_when_nothing_is_of_use() -> None:
    """A reply without a scenario is answered with what was wrong; the second try counts."""
    ask = Queue({"tests": []}, scenarios(1))
    assert len(scenario_writer(ask).write(PAGE, 60)) == 1
    assert "no JSON object with a list named scenarios" in ask.asked[1][-1].text


def test_scenario_writer__no_model() -> None:
    """Without an answer there are no scenarios and a note; without requirements nobody is asked."""
    silent = scenario_writer(Queue())
    assert silent.write(PAGE, 60) == []
    assert silent.notes
    ask = Queue(scenarios(1))
    assert scenario_writer(ask, requirements=[]).write(PAGE, 60) == []
    assert ask.asked == []


def test_scenario_writer__disputes() -> None:
    """A disputed scenario is written anew under its id; others in the answer are left out."""
    ask = Queue(scenarios(1, 2), scenarios(2, 1))
    writer = scenario_writer(ask)
    first, second = writer.write(PAGE, 60)
    failed = Outcome(id=second.id, passed=False, expected="'Milk'", seen="nothing")
    [again] = writer.rewrite(PAGE, [Dispute(second, failed, "Milk is not in the brief")], 60)
    assert (again.id, again.requirement) == (second.id, second.requirement)
    assert first.id != again.id
    assert "Milk is not in the brief" in ask.asked[1][-1].text
