"""The candidates as one, against scripted servers over real sockets; waits are not waited for."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import anyio
import pytest

from builder.errors import NoModelAnswered
from builder.llm.asking import Model
from builder.llm.calls import Limits
from builder.llm.candidates import Candidate
from builder.llm.completion import complete
from builder.llm.conversation import GO_ON
from builder.llm.messages import Message, Reply
from builder.ports import Clock
from local.model import ScriptedModel
from local.script import Answer
from tests.conftest import FakeTime
from tests.integration.llm.conftest import Serve

KEY = "sk-test-Ab12Cd34Ef56"
MESSAGES = [Message("user", "Build it.")]
REPLY = '<file path="index.html">\n<h1>Hello, all of you out there</h1>\n</file>\n'
IMPATIENT = Limits(silence=1.0)
"""For the tests that sit a silence out; the others have all the patience of the product."""

REAL = Clock(now=lambda: datetime.now(UTC), sleep=time.sleep)


class Lab:
    """Providers on loopback, and a model that asks them in the order of their making."""

    def __init__(self, served: Serve, time: FakeTime) -> None:
        self._served = served
        self.time = time
        self.candidates: list[Candidate] = []
        self.told: list[str] = []

    def provider(self, *answers: Answer | str, name: str = "m") -> ScriptedModel:
        server = ScriptedModel(*answers, key=KEY)
        self.candidates.append(Candidate(name, self._served(server), KEY))
        return server

    def model(self, **options: Any) -> Model:
        async def sleep(seconds: float) -> None:
            self.time.sleep(seconds)

        given: dict[str, Any] = {"clock": self.time.clock, "sleep": sleep}
        given["log_line"] = self.told.append
        return Model(self.candidates, complete, **(given | options))

    def ask(self, budget: float = 100.0, **options: Any) -> Reply:
        return self.model(**options).ask(MESSAGES, budget)

    def waited(self, *least: float) -> bool:
        """Whether these were the waits, but for the jitter of up to a second."""
        pairs = zip(self.time.slept, least, strict=True)
        return all(seconds <= slept <= seconds + 1 for slept, seconds in pairs)


@pytest.fixture
def lab(served: Serve, fake_time: FakeTime) -> Lab:
    return Lab(served, fake_time)


def test_model__first_candidate_answers(lab: Lab) -> None:
    """A good first answer is the reply, after one call, and nobody else is asked.

    A limit of 32,000 tokens goes along; a temperature only if it is set.
    """
    first = lab.provider(REPLY)
    spare = lab.provider("spare")
    reply = lab.ask()
    assert (reply.text, reply.model, reply.complete) == (REPLY, "m", True)
    (request,) = first.requests
    assert request.keys() == {"model", "messages", "stream", "stream_options", "max_tokens"}
    assert request["max_tokens"] == 32_000
    assert spare.requests == []


@pytest.mark.parametrize(
    ("fault", "slept"),
    [
        (Answer(status=429), [1.0]),
        (Answer(status=429, retry_after="7"), [7.0]),
        (Answer(REPLY, cut_after=20), [1.0]),
        (Answer(REPLY, fail_after=20), [1.0]),
        (Answer(""), [1.0]),
        (Answer("", refusal="I would rather not."), [1.0]),
    ],
)
def test_model__fault_that_passes(lab: Lab, fault: Answer, slept: list[float]) -> None:
    """After a fault that may pass, the same candidate is asked again and its reply is taken."""
    server = lab.provider(fault, REPLY)
    reply = lab.ask()
    assert (reply.text, len(server.requests)) == (REPLY, 2)
    assert lab.waited(*slept)


@pytest.mark.parametrize(
    ("fault", "calls"),
    [
        (Answer(status=401), 1),
        (Answer(status=429, retry_after="71"), 1),
        (Answer(status=429, message="Usage $0.11 / $0.10 in 7 days"), 1),
        (Answer(REPLY, cut_after=20), 2),
        (Answer("Let me think. ", endless="What about {n}? "), 2),
    ],
)
def test_model__fault_that_stays(lab: Lab, fault: Answer, calls: int) -> None:
    """A fault that stays, or will not pass, brings the next candidate's reply."""
    broken = lab.provider(fault, name="broken")
    lab.provider(REPLY, name="sound")
    reply = lab.ask()
    assert (reply.text, reply.model) == (REPLY, "sound")
    assert len(broken.requests) == calls


def test_model__storm_is_sat_out(lab: Lab) -> None:
    """A server that is busy many times in a row is asked until it answers, ever more slowly."""
    storm = lab.provider(*[Answer(status=429), Answer(status=503)] * 3, REPLY)
    assert lab.ask(budget=300.0).text == REPLY
    assert len(storm.requests) == 7
    assert lab.waited(1.0, 2.0, 4.0, 8.0, 16.0, 29.0)


def test_model__storm_brings_the_next_candidate_beside(lab: Lab) -> None:
    """After two failures in a row the next candidate starts, and its reply ends the waiting."""
    busy = lab.provider(Answer(status=500), name="busy")
    lab.provider(REPLY, name="sound")
    assert lab.ask(sleep=anyio.sleep, clock=REAL).model == "sound"
    assert 2 <= len(busy.requests) <= 3


def test_model__silent_candidate_and_the_next_one_beside(lab: Lab) -> None:
    """The next candidate starts beside a silent one; its reply wins, both are on record."""
    lab.provider(Answer(REPLY, delay=60), name="silent")
    lab.provider(REPLY, name="sound")
    model = lab.model(limits=IMPATIENT)
    assert model.ask(MESSAGES, 1000.0).model == "sound"
    assert [(call.model, call.outcome, call.tokens_out) for call in model.calls] == [
        ("sound", f"answered, {len(REPLY)} characters", len(REPLY) // 4),
        ("silent", "cancelled, another candidate was first", None),
    ]
    assert model.calls[0].provider == lab.candidates[1].provider


def test_model__first_whole_reply_wins(lab: Lab) -> None:
    """A candidate that was silent for a while may still be the first to end."""
    lab.provider(Answer(REPLY, delay=1.7), name="slow")
    lab.provider(Answer(REPLY, pause=60), name="slower")
    model = lab.model(limits=IMPATIENT)
    assert model.ask(MESSAGES, 1000.0).model == "slow"
    assert [call.model for call in model.calls] == ["slow", "slower"]


def test_model__lively_candidate_is_waited_for(lab: Lab) -> None:
    """Comments and reasoning are signs of life: no other candidate is started."""
    lively = Answer(REPLY, silence=1.2, comments=0.1, thoughts="." * 120, chunk=10, pause=0.1)
    lab.provider(lively, name="lively")
    spare = lab.provider(REPLY, name="spare")
    assert lab.ask(1000.0, limits=IMPATIENT).model == "lively"
    assert spare.requests == []


def test_model__silence_of_a_reasoning_model(lab: Lab) -> None:
    """Silence before the first token costs nothing, from the first call on: a second is 20 ms."""
    server = lab.provider(Answer(REPLY, delay=70 / 50))
    assert lab.ask(370 / 50, limits=Limits(stall=20 / 50, reserve=60 / 50)).text == REPLY
    assert len(server.requests) == 1


def test_model__no_candidate_answers(lab: Lab) -> None:
    """When all fail, or none is set, the error tells what each one said, and no key."""
    lab.provider(Answer(status=500), name="one")
    lab.provider(Answer(status=401, message=f"Key {KEY} has expired"), name="two")
    with pytest.raises(NoModelAnswered) as raised:
        lab.ask()
    one, two = raised.value.said
    assert one[0].startswith("one at 127.0.0.1:")
    assert one[1] == "HTTP 500: The server had an error while processing your request."
    assert two[1] == "HTTP 401: Key [key] has expired"
    assert KEY not in str(raised.value)
    lab.candidates.clear()
    with pytest.raises(NoModelAnswered, match="none is set"):
        lab.ask()


def test_model__budget_is_kept(lab: Lab) -> None:
    """A reply that is not done in time is given up, and nobody else is asked for the rest."""
    lab.provider(Answer(REPLY, pause=0.1, chunk=1), name="slow")
    spare = lab.provider(REPLY, name="spare")
    with pytest.raises(NoModelAnswered) as raised:
        lab.ask(budget=1.5, clock=REAL)
    slow, later = raised.value.said
    assert slow[1].startswith("not finished in the 1.")
    assert later == (str(lab.candidates[1]), "not asked, no time was left")
    assert spare.requests == []


def test_model__server_that_stays_busy(lab: Lab) -> None:
    """Waits count against the budget, which leaves room behind it for the fallback."""
    server = lab.provider(Answer(status=429, retry_after="10"))
    with pytest.raises(NoModelAnswered, match="HTTP 429: "):
        lab.ask(50.0)
    assert lab.time.slept == [10.0] * 4
    assert len(server.requests) == 5


def test_model__parameters_that_are_refused(lab: Lab) -> None:
    """Refused parameters are left out, the limit by its other name, and that is remembered."""
    refused = ("max_tokens", "temperature", "stream", "stream_options")
    server = lab.provider(Answer(REPLY, refuses=refused), Answer(REPLY))
    model = lab.model(temperature=0.2)
    assert model.ask(MESSAGES, 100.0).text == REPLY
    asked = [request.keys() - {"model", "messages"} for request in server.requests]
    assert asked[0] == set(refused)
    assert asked[-1] == {"max_completion_tokens"}
    assert server.requests[-1]["max_completion_tokens"] == 32_000
    before = len(asked)
    model.ask(MESSAGES, 100.0)
    assert len(server.requests) == before + 1
    assert lab.time.slept == []


def test_model__newer_name_is_ignored_in_silence(lab: Lab) -> None:
    """A server that knows `max_tokens` only, and ignores the other name, keeps to the limit."""
    rambling = Answer(REPLY, endless="Thought {n}. ", ignores=("max_completion_tokens",))
    server = lab.provider(rambling)
    reply = lab.ask(limits=Limits(max_tokens=50))
    assert (len(server.requests), reply.complete) == (3, False)
    assert reply.text.startswith(REPLY)


def test_model__lower_limit(lab: Lab) -> None:
    """A server that can afford fewer tokens (402) is asked once more for so many."""
    server = lab.provider(Answer(REPLY, affords=4321))
    assert lab.ask().text == REPLY
    assert [request["max_tokens"] for request in server.requests] == [32_000, 4321]
    assert lab.time.slept == []


def test_model__two_threads_ask_at_once(lab: Lab) -> None:
    """Questions from several threads are answered, recorded, and learned from, side by side."""
    both = Answer(REPLY, refuses=("max_tokens", "stream_options"), silence=0.2)
    lab.provider(Answer(status=401), name="wrong")
    server = lab.provider(both, name="sound")
    model = lab.model()
    with ThreadPoolExecutor(2) as threads:
        replies = list(threads.map(lambda _: model.ask(MESSAGES, 100.0), range(2)))
    assert [reply.text for reply in replies] == [REPLY] * 2
    assert sum(call.outcome.startswith("answered") for call in model.calls) == 2
    before = len(server.requests)
    model.ask(MESSAGES, 100.0)
    assert len(server.requests) == before + 1


def test_model__hopeless_candidate_is_asked_once(lab: Lab) -> None:
    """A wrong key is found out once, for all models that share it; what may pass is forgotten."""
    wrong = lab.provider(Answer(status=401), name="wrong")
    weak = lab.provider(Answer(status=400), REPLY, name="weak")
    lab.provider(REPLY, name="sound")
    app = lab.model()
    reader = replace(app, candidates=lab.candidates[:2], calls=[])
    assert [model.ask(MESSAGES, 100.0).model for model in (app, reader)] == ["sound", "weak"]
    assert (len(wrong.requests), len(weak.requests)) == (1, 2)
    assert [len(model.calls) for model in (app, reader)] == [3, 1]


@pytest.mark.parametrize(("size", "overlap"), [(30, 0), (60, 50)])
def test_model__cut_reply_is_continued(lab: Lab, size: int, overlap: int) -> None:
    """A reply cut at the length limit is asked for to its end and joined exactly."""
    server = lab.provider(Answer(REPLY, truncate_after=size, overlap=overlap))
    reply = lab.ask()
    assert (reply.text, reply.complete) == (REPLY, True)
    assert server.requests[1]["messages"] == [
        {"role": "user", "content": "Build it."},
        {"role": "assistant", "content": REPLY[:size]},
        {"role": "user", "content": GO_ON},
    ]


def test_model__cut_again_and_again(lab: Lab) -> None:
    """After two continuations the reply is taken as it stands, and said to be incomplete."""
    server = lab.provider(Answer(REPLY, truncate_after=10))
    reply = lab.ask()
    assert (reply.text, reply.complete) == (REPLY[:30], False)
    assert len(server.requests) == 3


def test_model__progress(lab: Lab) -> None:
    """The characters so far are told while a reply streams, and while it is gone on with."""
    lab.provider(Answer(REPLY, chunk=40, truncate_after=60, silence=0.3, comments=0.05))
    lab.ask(progress_seconds=0.0)
    shown = [f"  m: {size} characters, 0 s" for size in (40, 60, len(REPLY))]
    assert lab.told == shown
