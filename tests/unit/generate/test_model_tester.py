"""builder.generate.tester: what the tester is told, and what is taken of its answers."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from builder.errors import NoModelAnswered
from builder.generate.attempts import Attempt
from builder.generate.tester import MAX_REMARKS, Dispute, ModelTester
from builder.llm.messages import Message, Reply
from builder.site import Site
from builder.verify.scenarios.scenario import Outcome
from tests.conftest import RequestOf

MakeTester = Callable[..., ModelTester]

REQUIREMENTS = ["Adding shows the item", "The list survives a reload"]
PAGE = Attempt(
    Site({"index.html": b"<button>Add</button>"}),
    "m",
    snapshot="- button: Add",
    screenshots={"desk.png": b"PNG"},
)
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


@pytest.fixture
def tester(request_of: RequestOf) -> Callable[..., ModelTester]:
    def make(ask: Queue, **fields: Any) -> ModelTester:
        return ModelTester(request_of(brief="A shopping list."), ask, **fields)

    return make


def scenarios(*requirements: Any) -> dict[str, Any]:
    return {"scenarios": [{"requirement": each, "steps": [STEP]} for each in requirements]}


def test_tester__scenarios_of_a_reply(tester: MakeTester) -> None:
    """A scenario carries its requirement's words and an id of ours; a faulty one is left out."""
    broken = {"requirement": 1, "steps": [{"do": "fly"}]}
    ask = Queue({"scenarios": [broken, *scenarios(2, 1)["scenarios"]]})
    writer = tester(ask, earlier=["A list of books."])
    written = writer.write(PAGE, REQUIREMENTS, 60)
    assert [(each.id, each.requirement) for each in written] == [
        ("s1", "The list survives a reload"),
        ("s2", "Adding shows the item"),
    ]
    system, user = ask.asked[0]
    assert "looks_broken" not in system.text
    assert user.text.index("A list of books.") < user.text.index("A shopping list.")
    assert "- button: Add" in user.text
    assert "2. The list survives a reload" in user.text


def test_tester__asked_once_more_when_nothing_is_of_use(tester: MakeTester) -> None:
    """A reply without a scenario is answered with what was wrong; the second try counts."""
    ask = Queue({"tests": []}, scenarios(1))
    assert len(tester(ask).write(PAGE, REQUIREMENTS, 60)) == 1
    assert "no JSON object with a list named scenarios" in ask.asked[1][-1].text


def test_tester__nothing_to_try(tester: MakeTester) -> None:
    """An empty list is an answer: it is not asked for again."""
    ask = Queue(scenarios())
    assert tester(ask).write(PAGE, REQUIREMENTS, 60) == []
    assert len(ask.asked) == 1


def test_tester__no_model(tester: MakeTester) -> None:
    """Without an answer there are no scenarios."""
    assert tester(Queue()).write(PAGE, REQUIREMENTS, 60) == []


def test_tester__with_vision(tester: MakeTester) -> None:
    """With vision the screenshots go along, and what looks broken is remarked."""
    ask = Queue(scenarios(1) | {"looks_broken": ["The total overlaps the chart"]})
    seeing = tester(ask, vision=True)
    seeing.write(PAGE, REQUIREMENTS, 60)
    assert seeing.remarks == ["The total overlaps the chart"]
    system, user = ask.asked[0]
    assert "looks_broken" in system.text
    assert [image.content for image in user.images] == [b"PNG"]


HUGE = "x" * 100_000


@pytest.mark.parametrize(
    "entry",
    [
        {"requirement": 1, "steps": [STEP] * 1_000},
        {"requirement": 1, "steps": [STEP | {"value": HUGE}]},
        {"requirement": 1, "steps": [{"do": HUGE}]},
        {"requirement": 1, "steps": [{"do": "click", "target": {"css": "p"}}]},
        {"requirement": 3, "steps": [STEP]},
        {"requirement": "Something else", "steps": [STEP]},
        "x",
    ],
    ids=lambda entry: str(entry)[:40],
)
def test_tester__scenarios_that_cannot_be_run(tester: MakeTester, entry: Any) -> None:
    """A scenario that is too long, cannot fail or is about no requirement is left out, and told."""
    ask = Queue({"scenarios": [entry], "looks_broken": ["x"] * 1_000}, scenarios("1"))
    writer = tester(ask)
    [kept] = writer.write(PAGE, REQUIREMENTS, 60)
    assert kept.requirement == REQUIREMENTS[0]
    assert "scenario 1: " in ask.asked[1][-1].text
    assert len(ask.asked[1][-1].text) < 2_000
    assert len(writer.remarks) == MAX_REMARKS


def test_tester__a_thousand_attachments(request_of: RequestOf) -> None:
    """The prompt stays of a size that models take."""
    files = [{"name": f"{n}.csv", "url": "data:," + "a" * 3_000} for n in range(1_000)]
    writer = ModelTester(request_of(attachments=files), Queue())
    assert len(writer.messages(PAGE, REQUIREMENTS)[1].text) < 200_000


def test_tester__disputes(tester: MakeTester) -> None:
    """A disputed scenario is written anew under its id; others in the answer are left out."""
    ask = Queue(scenarios(1, 2), scenarios(2, 1))
    writer = tester(ask)
    first, second = writer.write(PAGE, REQUIREMENTS, 60)
    failed = Outcome(id=second.id, passed=False, expected="'Milk'", seen="nothing")
    dispute = Dispute(second, failed, "Milk is not in the brief")
    [again] = writer.write(PAGE, REQUIREMENTS, 60, [dispute])
    assert (again.id, again.requirement) == (second.id, second.requirement)
    assert first.id != again.id
    assert "Milk is not in the brief" in ask.asked[1][-1].text
