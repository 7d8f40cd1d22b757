"""One chat completion by the openai SDK, against the scripted server over a real socket."""

import socket
from typing import Any

import anyio
import openai
import pytest

from builder.llm.calls import Call, Completion, Failure, FailureKind, Limits, OnPiece
from builder.llm.candidates import Candidate
from builder.llm.completion import _client, complete
from builder.llm.messages import Image, Message
from local.model import ScriptedModel
from local.script import Answer
from local.server import serve
from local.streaming import Delivery

KEY = "sk-test-Ab12Cd34Ef56"
TEXT = '<file path="index.html">\nGrüße, 世界 🌍\n</file>\n'


def ask(server: ScriptedModel, **fields: Any) -> Completion | Failure:
    """Make one call to the server, served for this long."""
    with serve(server) as url:
        return make_call(url, lambda _: None, **fields)


def make_call(url: str, on_piece: OnPiece, **fields: Any) -> Completion | Failure:
    return anyio.run(complete, call_to(url, **fields), on_piece)


def text_of(answer: Completion | Failure) -> str:
    return answer.text if isinstance(answer, Completion) else str(answer)


def call_to(url: str, *, budget: float = 10.0, first_token: float = 5.0, **fields: Any) -> Call:
    limits: dict[str, Any] = {"connect": 5.0, "stall": 5.0, "max_tokens": 32_000}
    limits |= {name: fields.pop(name) for name in limits.keys() & fields.keys()}
    settings: dict[str, Any] = {
        "candidate": Candidate("m", f"{url}/v1", KEY),
        "messages": [Message("system", "Be brief."), Message("user", "Go.")],
        "parameters": {"stream_options": {"include_usage": True}},
        "budget": budget,
        "limits": PatientLimits(reserve=budget - first_token, **limits),
    }
    return Call(**(settings | fields))


class PatientLimits(Limits):
    """Waits for the first token as a test says, however short."""

    def first_token(self, budget: float) -> float:
        return budget - self.reserve


@pytest.mark.parametrize("streams", [True, False])
def test_complete__reply_word_for_word(streams: bool) -> None:
    """A streamed reply comes word for word, with its tokens, and so does a whole JSON answer."""
    answer = ask(ScriptedModel(Answer(TEXT, chunk=3, streams=streams)))
    assert answer == Completion(TEXT, "stop", tokens_in=3, tokens_out=len(TEXT) // 4)


def test_complete__request() -> None:
    """The conversation, the images as data URIs, the parameters and the key arrive."""
    server = ScriptedModel(TEXT, key=KEY)
    picture = Message("user", "See.", (Image("image/png", b"\x89PNG"),))
    parameters = {"temperature": 0.5, "max_tokens": 9}
    ask(server, messages=[Message("system", "Be brief."), picture], parameters=parameters)
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw=="}}
    assert server.requests == [
        {
            "model": "m",
            "stream": True,
            "messages": [
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": [{"type": "text", "text": "See."}, image]},
            ],
            **parameters,
        }
    ]


@pytest.mark.parametrize("life", [{"thoughts": "hmhm", "pause": 0.01}, {"silence": 0.4}])
def test_complete__pieces_and_signs_of_life(life: dict[str, Any]) -> None:
    """Each piece is passed on; reasoning and comments before the reply are empty ones."""
    pieces: list[str] = []
    with serve(ScriptedModel(Answer("abcd", chunk=2, comments=0.05, **life))) as url:
        make_call(url, pieces.append)
    assert [piece for piece in pieces if piece] == ["ab", "cd"]
    assert pieces.index("ab") >= 2


@pytest.mark.parametrize(
    "answer", [Answer(delay=60), Answer(silence=60), Answer(silence=60, comments=0.02)]
)
def test_complete__no_first_token(answer: Answer) -> None:
    """Held headers, silence and comments alone end with the patience for the first token."""
    failure = ask(ScriptedModel(answer), first_token=0.4, stall=0.3)
    assert failure == Failure(FailureKind.BROKEN, "no first token for 0.4 s")


def test_complete__silence_amid_the_reply() -> None:
    """After the first token the patience is for the next one."""
    failure = ask(ScriptedModel(Answer(TEXT, stall_after=9)), stall=0.3)
    assert failure == Failure(FailureKind.BROKEN, "no token for 0.3 s")


@pytest.mark.parametrize(
    "answer",
    [
        Answer(TEXT, delay=0.8),
        Answer(TEXT, silence=0.8),
        Answer(TEXT, silence=0.8, comments=0.05),
        Answer(TEXT, thoughts="hm", chunk=100, pause=0.4),
    ],
)
def test_complete__first_token_is_waited_for(answer: Answer) -> None:
    """Silence before the reply may be longer than silence between two pieces of it."""
    assert text_of(ask(ScriptedModel(answer), stall=0.6)) == TEXT


def test_complete__reasoning_goes_on_beyond_the_patience() -> None:
    """A model that is heard reasoning has its time to come to the reply."""
    server = ScriptedModel(Answer("ok", thoughts="." * 12, chunk=1, pause=0.12))
    assert text_of(ask(server, first_token=1.0, stall=0.8)) == "ok"


def test_complete__no_read_timeout() -> None:
    """The HTTP client itself waits for held headers without end, only connecting has a limit."""
    timeout = _client(call_to("http://127.0.0.1")).timeout
    assert isinstance(timeout, openai.Timeout)
    assert (timeout.read, timeout.connect) == (None, 5.0)


@pytest.mark.parametrize(
    ("endless", "options", "reason"),
    [
        ("Is it {n}? ", {"expects_files": True}, "no file in 12,000 characters"),
        ("Let me think again. ", {}, "it repeats itself"),
        ("Is it {n}? ", {"max_tokens": 2_000}, "it went on past the limit of 2,000 tokens"),
    ],
)
def test_complete__endless_reply_is_stopped(
    endless: str, options: dict[str, Any], reason: str
) -> None:
    """A model that knows no limit is stopped by ours, and the connection closed."""
    server = ScriptedModel(Answer("Well. ", endless=endless, ignores=("max_completion_tokens",)))
    failure = ask(server, parameters={"max_completion_tokens": 100}, **options)
    assert failure == Failure(FailureKind.BROKEN, f"stopped: {reason}")
    (delivery,) = server.answers
    assert isinstance(delivery, Delivery)
    assert delivery.was_hung_up


def test_complete__nobody_listens() -> None:
    """A refused connection is a failure at once."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        failure = make_call(f"http://127.0.0.1:{closed.getsockname()[1]}", print)
    assert isinstance(failure, Failure)
    assert failure.kind is FailureKind.UNREACHABLE


def test_complete__status_with_its_reason() -> None:
    """Status, code, wait and message of a refusal are kept."""
    answer = Answer(status=429, retry_after="7", message="Slow down.", code="rate_limit_exceeded")
    failure = ask(ScriptedModel(answer))
    code = "rate_limit_exceeded requests"
    assert failure == Failure(FailureKind.STATUS, "Slow down.", status=429, code=code, wait=7.0)
    assert str(failure) == "HTTP 429: Slow down."


def test_complete__key_is_in_no_failure() -> None:
    """A server that repeats the key does not bring it into our messages, nor does a long one."""
    failure = ask(ScriptedModel(TEXT, key="another"))
    assert str(failure) == "HTTP 401: Incorrect API key provided: [key]"
    long = ask(ScriptedModel(Answer(status=500, message=f"{'x' * 290} {KEY}")))
    assert len(str(long)) <= 310
    assert KEY[:8] not in repr((failure, long))


@pytest.mark.parametrize("body", ["data: {bad\n\n", f"data: {'[' * 5000}\n\n"])
def test_complete__garbage_within_the_stream(body: str) -> None:
    """Events that are no chunks are a failure, not a crash."""
    failure = ask(ScriptedModel(Answer(garbage=body)))
    assert isinstance(failure, Failure)
    assert failure.kind is FailureKind.BROKEN


@pytest.mark.parametrize(
    "body",
    [
        "<html><h1>Welcome</h1></html>",
        "data: 5\n\n",
        'data: {"choices": [{"delta": 5}], "usage": 4}\n\n',
        "data: {}\n\n",
    ],
)
def test_complete__chunks_without_anything(body: str) -> None:
    """A body that says nothing is a completion without text and without an end."""
    assert ask(ScriptedModel(Answer(garbage=body))) == Completion("", None)
