"""The candidates as one, against scripted servers over real sockets; waits are not waited for."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

import pytest

from builder.errors import NoModelAnswered
from builder.llm.asking import Model
from builder.llm.calls import Limits, Progress
from builder.llm.candidates import Candidate
from builder.llm.completion import complete
from builder.llm.draft import GO_ON
from builder.llm.messages import Message, Reply
from builder.ports import Clock
from local.model import ScriptedModel
from local.script import Answer
from local.server import serve
from tests.conftest import FakeTime

KEY = "sk-test-Ab12Cd34Ef56"
MESSAGES = [Message("user", "Build it.")]
REPLY = '<file path="index.html">\n<h1>Hello, all of you out there</h1>\n</file>\n'
IMPATIENT = Limits(stall=0.5, thinking=5.0)
"""For the tests that sit a stall out; the others have all the patience of the product."""


class Lab:
    """Providers on loopback, and a model that asks them in the order of their making."""

    def __init__(self, stack: ExitStack, time: FakeTime) -> None:
        self._stack = stack
        self.time = time
        self.candidates: list[Candidate] = []
        self.progress: list[Progress] = []

    def provider(self, *answers: Answer | str, name: str = "m") -> ScriptedModel:
        server = ScriptedModel(*answers, key=KEY)
        url = self._stack.enter_context(serve(server))
        self.candidates.append(Candidate(name, f"{url}/v1", KEY))
        return server

    def model(self, **options: Any) -> Model:
        given: dict[str, Any] = {"clock": self.time.clock, "progress": self.progress.append}
        return Model(self.candidates, complete, **(given | options))

    def ask(self, budget: float = 100.0, **options: Any) -> Reply:
        return self.model(**options).ask(MESSAGES, budget)


@pytest.fixture
def lab(fake_time: FakeTime) -> Iterator[Lab]:
    with ExitStack() as stack:
        yield Lab(stack, fake_time)


def test_model__first_candidate_answers(lab: Lab) -> None:
    """A good first answer is the reply, after one call, and nobody else is asked."""
    lab.provider(REPLY)
    spare = lab.provider("spare")
    reply = lab.ask()
    assert (reply.text, reply.model, reply.complete) == (REPLY, "m", True)
    assert (reply.tokens_in, reply.tokens_out) == (2, len(REPLY) // 4)
    assert spare.requests == []


@pytest.mark.parametrize(
    ("fault", "slept"),
    [
        (Answer(status=429), [5.0]),
        (Answer(status=429, retry_after="7"), [7.0]),
        (Answer(status=500), [1.0]),
        (Answer(status=503, retry_after="3"), [3.0]),
        (Answer(REPLY, cut_after=20), [1.0]),
        (Answer(REPLY, fail_after=20), [1.0]),
        (Answer(garbage="<html>Welcome</html>"), [1.0]),
        (Answer(""), [1.0]),
        (Answer("<think>What if", truncate_after=10), [1.0]),
        (Answer("", refusal="I would rather not."), [1.0]),
    ],
)
def test_model__fault_that_passes(lab: Lab, fault: Answer, slept: list[float]) -> None:
    """After a fault that may pass, the same candidate is asked again and its reply is taken."""
    server = lab.provider(fault, REPLY)
    reply = lab.ask()
    assert (reply.text, len(server.requests)) == (REPLY, 2)
    assert lab.time.slept == slept


@pytest.mark.parametrize(
    ("fault", "calls"),
    [
        (Answer(status=401), 1),
        (Answer(status=404), 1),
        (Answer(status=400), 1),
        (Answer(status=429, retry_after="51"), 1),
        (Answer(status=429, code="insufficient_quota", message="You exceeded your quota."), 1),
        (Answer(status=429, message="Usage $0.11 / $0.10 in 7 days"), 1),
        (Answer(status=400, code="context_length_exceeded", message="context length"), 1),
        (Answer(status=429), 4),
        (Answer(status=500), 2),
        (Answer(REPLY, cut_after=20), 2),
        (Answer(garbage="data: {bad\n\n"), 2),
        (Answer(""), 2),
    ],
)
def test_model__fault_that_stays(lab: Lab, fault: Answer, calls: int) -> None:
    """A fault that stays, or will not pass, brings the next candidate's reply."""
    broken = lab.provider(fault, name="broken")
    lab.provider(REPLY, name="sound")
    reply = lab.ask()
    assert (reply.text, reply.model) == (REPLY, "sound")
    assert len(broken.requests) == calls


@pytest.mark.parametrize(
    "fault", [Answer(REPLY, stall_after=20), Answer(REPLY, drip=0.05), Answer(REPLY, delay=60)]
)
def test_model__stall_is_tried_once_more(lab: Lab, fault: Answer) -> None:
    """A server that falls silent is asked again, and its second answer is taken."""
    server = lab.provider(fault, REPLY)
    assert lab.ask(limits=IMPATIENT).text == REPLY
    assert len(server.requests) == 2


def test_model__second_stall_brings_the_next_candidate(lab: Lab) -> None:
    """A server that falls silent twice is left for the next one."""
    lab.provider(Answer(REPLY, stall_after=20), name="silent")
    lab.provider(REPLY, name="sound")
    model = lab.model(limits=IMPATIENT)
    model.ask(MESSAGES, 100.0)
    assert [call.model for call in model.calls] == ["silent", "silent", "sound"]


def test_model__no_candidate_answers(lab: Lab) -> None:
    """When all fail, the error tells what each one said, and no key."""
    lab.provider(Answer(status=500), name="one")
    lab.provider(Answer(status=401, message=f"Key {KEY} has expired"), name="two")
    with pytest.raises(NoModelAnswered) as raised:
        lab.ask()
    one, two = raised.value.said
    assert one[0].startswith("one at 127.0.0.1:")
    assert one[1] == "HTTP 500: The server had an error while processing your request."
    assert two[1] == "HTTP 401: Key [key] has expired"
    assert KEY not in str(raised.value)
    assert raised.value.__cause__ is None
    assert raised.value.__context__ is None


def test_model__no_candidates() -> None:
    """Without candidates there is no reply, and the error says why."""
    model = Model([], complete, clock=FakeTime().clock, progress=lambda _: None)
    with pytest.raises(NoModelAnswered, match="none is set"):
        model.ask(MESSAGES, 10.0)


def test_model__budget_is_kept(lab: Lab) -> None:
    """A reply that is not done in time is given up, and nobody else is asked for the rest."""
    lab.provider(Answer(REPLY, delay=60), name="slow")
    spare = lab.provider(REPLY, name="spare")
    real = Clock(now=lambda: datetime.now(UTC), sleep=lab.time.sleep)
    with pytest.raises(NoModelAnswered) as raised:
        lab.ask(budget=0.2, clock=real)
    slow, later = raised.value.said
    assert slow[1].startswith("not done in the 0.")
    assert later == (str(lab.candidates[1]), "not asked, no time was left")
    assert spare.requests == []


def test_model__waits_count_against_the_budget(lab: Lab) -> None:
    """Three waits of 10 s do not fit into 30 s: the third would leave no time."""
    server = lab.provider(Answer(status=429, retry_after="10"))
    with pytest.raises(NoModelAnswered):
        lab.ask(budget=30.0)
    assert lab.time.slept == [10.0, 10.0]
    assert len(server.requests) == 3


def test_model__parameters_that_are_refused(lab: Lab) -> None:
    """Refused parameters are left out, the limit by its older name, and that is remembered."""
    refused = ("max_completion_tokens", "temperature", "stream_options")
    server = lab.provider(Answer(REPLY, refuses=refused), Answer(REPLY))
    model = lab.model(temperature=0.2, max_tokens=900)
    assert model.ask(MESSAGES, 100.0).text == REPLY
    asked = [request.keys() - {"model", "messages", "stream"} for request in server.requests]
    assert asked[0] == {"max_completion_tokens", "temperature", "stream_options"}
    assert asked[-1] == {"max_tokens"}
    assert server.requests[-1]["max_tokens"] == 900
    before = len(asked)
    model.ask(MESSAGES, 100.0)
    assert len(server.requests) == before + 1
    assert lab.time.slept == []


def test_model__no_parameters_unless_set(lab: Lab) -> None:
    """Neither a temperature nor a limit is sent that nobody has set."""
    server = lab.provider(REPLY)
    lab.ask()
    assert server.requests[0].keys() == {"model", "messages", "stream", "stream_options"}


def test_model__limit_refused_by_both_names(lab: Lab) -> None:
    """A server that takes the limit by neither name is asked without it."""
    server = lab.provider(Answer(REPLY, refuses=("max_completion_tokens", "max_tokens")))
    assert lab.ask(max_tokens=900).text == REPLY
    assert not {"max_tokens", "max_completion_tokens"} & server.requests[-1].keys()


def test_model__hopeless_candidate_is_asked_once(lab: Lab) -> None:
    """A wrong key is found out once; a fault that may pass is forgotten."""
    wrong = lab.provider(Answer(status=401), name="wrong")
    weak = lab.provider(Answer(status=500), Answer(status=500), REPLY, name="weak")
    lab.provider(REPLY, name="sound")
    model = lab.model()
    assert [model.ask(MESSAGES, 100.0).model for _ in range(2)] == ["sound", "weak"]
    assert (len(wrong.requests), len(weak.requests)) == (1, 3)


def test_model__slow_thinker_gets_more_patience(lab: Lab) -> None:
    """A model silent after it accepted the call is waited for longer the second time."""
    slow = Answer(REPLY, pause=0.6, chunk=1000)
    server = lab.provider(Answer(REPLY, drip=0.05), slow, slow)
    model = lab.model(limits=IMPATIENT)
    assert model.ask(MESSAGES, 100.0).text == REPLY
    model.ask(MESSAGES, 100.0)
    assert len(server.requests) == 3


@pytest.mark.parametrize(("size", "overlap"), [(30, 0), (40, 0), (60, 0), (60, 50)])
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
    assert reply.tokens_out == 3 * (10 // 4)


def test_model__continuation_fails(lab: Lab) -> None:
    """When going on fails, the next candidate is asked; without one, what stands is returned."""
    flaky = (Answer(REPLY, truncate_after=30, goes_on=False), Answer(status=500))
    lab.provider(*flaky, name="flaky")
    alone = lab.ask()
    assert (alone.text, alone.complete, alone.model) == (REPLY[:30], False, "flaky")


def test_model__continuation_fails_with_another_candidate(lab: Lab) -> None:
    """A whole reply of the next candidate is better than a cut one."""
    flaky = (Answer(REPLY, truncate_after=30, goes_on=False), Answer(status=500))
    lab.provider(*flaky, name="flaky")
    lab.provider(REPLY, name="sound")
    reply = lab.ask()
    assert (reply.text, reply.complete, reply.model) == (REPLY, True, "sound")


def test_model__thoughts_are_cut_off(lab: Lab) -> None:
    """Thoughts before the reply are no part of it."""
    lab.provider(f"<think>What if…</think>\n{REPLY}")
    assert lab.ask().text == REPLY


def test_model__calls_are_recorded(lab: Lab) -> None:
    """Every call is on record with its candidate, tokens and outcome."""
    lab.provider(Answer(status=401), name="wrong")
    lab.provider(Answer(REPLY, cut_after=20), REPLY, name="sound")
    model = lab.model()
    model.ask(MESSAGES, 100.0)
    assert [(call.model, call.outcome) for call in model.calls] == [
        ("wrong", "HTTP 401: Incorrect API key provided: [key]."),
        ("sound", "the connection was cut amid the reply"),
        ("sound", f"answered, {len(REPLY)} characters"),
    ]
    assert [call.tokens_out for call in model.calls] == [None, None, len(REPLY) // 4]
    assert model.calls[0].provider == lab.candidates[0].provider
    assert KEY not in repr(model.calls)


def test_model__progress(lab: Lab) -> None:
    """While a reply streams, its characters and files so far are told."""
    lab.provider(Answer(REPLY, chunk=40))
    lab.ask(progress_seconds=0.0)
    shown = [(told.characters, told.files) for told in lab.progress]
    assert shown == [(40, 1), (len(REPLY), 1)]


def test_model__progress_goes_on_with_a_cut_reply(lab: Lab) -> None:
    """Progress of a continuation counts what stands already."""
    lab.provider(Answer(REPLY, truncate_after=60))
    lab.ask(progress_seconds=0.0)
    assert [told.characters for told in lab.progress] == [60, len(REPLY)]


def test_model__progress_is_told_every_few_seconds_only(lab: Lab) -> None:
    """A reply that comes at once has no progress to tell."""
    lab.provider(Answer(REPLY, chunk=1))
    lab.ask()
    assert lab.progress == []
