"""One chat completion by the openai SDK, against the scripted server over a real socket."""

import socket
from typing import Any

import pytest

from builder.llm.calls import Call, Completion, Failure, FailureKind
from builder.llm.candidates import Candidate
from builder.llm.completion import complete
from builder.llm.messages import Image, Message
from local.model import ScriptedModel
from local.script import Answer
from local.server import serve

KEY = "sk-test-Ab12Cd34Ef56"
TEXT = '<file path="index.html">\nGrüße, 世界 🌍\n</file>\n'
STALL = 0.4


def ask(server: ScriptedModel, **fields: Any) -> Completion | Failure:
    """Make one call to the server, served for this long."""
    with serve(server) as url:
        return complete(call_to(url, **fields), lambda _: None)


def call_to(url: str, **fields: Any) -> Call:
    settings: dict[str, Any] = {
        "candidate": Candidate("m", f"{url}/v1", KEY),
        "messages": [Message("system", "Be brief."), Message("user", "Go.")],
        "parameters": {"stream_options": {"include_usage": True}},
        "budget": 10.0,
        "connect": 5.0,
        "first_token": 5.0,
        "stall": 5.0,
    }
    return Call(**(settings | fields))


def test_complete__streamed_reply() -> None:
    """A streamed reply comes word for word, with its tokens."""
    assert ask(ScriptedModel(Answer(TEXT, chunk=3))) == Completion(
        TEXT, "stop", tokens_in=3, tokens_out=len(TEXT) // 4
    )


def test_complete__tokens_not_told() -> None:
    """Where the server does not count, the tokens are unknown."""
    assert ask(ScriptedModel(Answer(TEXT, counts=False))) == Completion(TEXT, "stop")


def test_complete__server_that_does_not_stream() -> None:
    """A whole JSON answer in place of the stream is as good."""
    answer = ask(ScriptedModel(Answer(TEXT, streams=False)))
    assert isinstance(answer, Completion)
    assert (answer.text, answer.finish_reason) == (TEXT, "stop")
    assert answer.tokens_out == len(TEXT) // 4


def test_complete__request() -> None:
    """The conversation, the images as data URIs, the parameters and the key arrive."""
    server = ScriptedModel(TEXT, key=KEY)
    picture = Message("user", "See.", (Image("image/png", b"\x89PNG"),))
    answer = ask(
        server,
        messages=[Message("system", "Be brief."), picture],
        parameters={"temperature": 0.5, "max_tokens": 9},
    )
    assert isinstance(answer, Completion)
    assert server.requests == [
        {
            "model": "m",
            "stream": True,
            "temperature": 0.5,
            "max_tokens": 9,
            "messages": [
                {"role": "system", "content": "Be brief."},
                {
                    "role": "user",
                    "content": [
                        {"type": "text", "text": "See."},
                        {
                            "type": "image_url",
                            "image_url": {"url": "data:image/png;base64,iVBORw=="},
                        },
                    ],
                },
            ],
        }
    ]


def test_complete__pieces_are_heard_as_they_come() -> None:
    """Each piece is passed on, thoughts as empty ones."""
    pieces: list[str] = []
    with serve(ScriptedModel(Answer("abcd", chunk=2, thoughts="hmhm"))) as url:
        complete(call_to(url), pieces.append)
    assert pieces == ["", "", "ab", "cd"]


@pytest.mark.parametrize(
    ("answer", "was_accepted"),
    [
        (Answer(TEXT, delay=60), False),
        (Answer(TEXT, stall_after=0), True),
        (Answer(TEXT, drip=0.02), True),
        (Answer(TEXT, stall_after=9), False),
    ],
)
def test_complete__stall(answer: Answer, was_accepted: bool) -> None:
    """Silence before, at or amid the reply is a stall, keep-alives or not."""
    failure = ask(ScriptedModel(answer), first_token=STALL, stall=STALL)
    assert failure == Failure(FailureKind.STALL, "no token for 0.4 s", was_accepted=was_accepted)


def test_complete__thoughts_renew_the_patience() -> None:
    """A model that thinks for longer than the patience, but is heard thinking, is no stall."""
    server = ScriptedModel(Answer("ok", thoughts="." * 6, chunk=1, pause=0.08))
    with serve(server) as url:
        answer = complete(call_to(url, first_token=0.4, stall=0.4), lambda _: None)
    assert isinstance(answer, Completion)
    assert answer.text == "ok"


def test_complete__budget_ends_a_reply_that_goes_on() -> None:
    """A reply that is not done within the budget is given up, however lively."""
    server = ScriptedModel(Answer("x" * 1000, chunk=1, pause=0.02))
    failure = ask(server, budget=STALL)
    assert failure == Failure(FailureKind.OUT_OF_TIME, "not done in the 0.4 s left")


@pytest.mark.parametrize("size", [0, 1, 20])
def test_complete__cut_connection(size: int) -> None:
    """A connection that ends before the reply does is told from a reply."""
    failure = ask(ScriptedModel(Answer(TEXT, cut_after=size)))
    assert failure == Failure(FailureKind.CUT, "the connection was cut amid the reply")


def test_complete__nobody_listens() -> None:
    """A refused connection is a failure at once."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        failure = complete(call_to(f"http://127.0.0.1:{closed.getsockname()[1]}"), print)
    assert isinstance(failure, Failure)
    assert failure.kind is FailureKind.UNREACHABLE


def test_complete__status_with_its_reason() -> None:
    """Status, code, wait and message of a refusal are kept."""
    answer = Answer(status=429, retry_after="7", message="Slow down.", code="rate_limit_exceeded")
    failure = ask(ScriptedModel(answer))
    assert failure == Failure(
        FailureKind.STATUS,
        "Slow down.",
        status=429,
        code="rate_limit_exceeded requests",
        wait=7.0,
    )
    assert str(failure) == "HTTP 429: Slow down."


def test_complete__refused_parameter_is_named() -> None:
    """The parameter that a server refuses is known by name."""
    failure = ask(ScriptedModel(Answer(TEXT, refuses=("stream_options",))))
    assert isinstance(failure, Failure)
    assert (failure.status, failure.parameter) == (400, "stream_options")


def test_complete__key_is_in_no_failure() -> None:
    """A server that repeats the key does not bring it into our messages, nor does a long one."""
    failure = ask(ScriptedModel(TEXT, key="another"))
    assert isinstance(failure, Failure)
    assert failure.message == "Incorrect API key provided: [key]."
    assert KEY not in repr(failure)
    long = ask(ScriptedModel(Answer(status=500, message=f"{'x' * 290} {KEY}")))
    assert isinstance(long, Failure)
    assert len(long.message) <= 300
    assert KEY[:8] not in long.message


def test_complete__error_amid_the_reply() -> None:
    """An error event in the stream is a failure of the server."""
    failure = ask(ScriptedModel(Answer(TEXT, fail_after=9)))
    assert isinstance(failure, Failure)
    assert (failure.status, failure.message) == (500, "The engine is overloaded.")


@pytest.mark.parametrize(
    "body",
    [
        "data: {bad\n\n",
        "data: 5\n\n",
        'data: "x"\n\n',
        "data: null\n\n",
        f"data: {'[' * 5000}\n\n",
    ],
)
def test_complete__garbage_within_the_stream(body: str) -> None:
    """Events that are no chunks are a failure, not a crash."""
    failure = ask(ScriptedModel(Answer(garbage=body)))
    assert isinstance(failure, Failure)
    assert failure.kind is FailureKind.UNUSABLE


@pytest.mark.parametrize(
    "body",
    [
        "<html><h1>Welcome</h1></html>",
        "\x00ÿ",
        'data: {"choices": [{"delta": 5}], "usage": 4}\n\n',
        'data: {"choices": [[1]]}\n\n',
        "data: {}\n\n",
    ],
)
def test_complete__chunks_without_anything(body: str) -> None:
    """A body that says nothing is a completion without text and without an end."""
    assert ask(ScriptedModel(Answer(garbage=body))) == Completion("", None)
