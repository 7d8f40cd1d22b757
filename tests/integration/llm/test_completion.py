"""One chat completion by the openai SDK, against real servers: scripted ones, and odd ones."""

import json
import socket
from collections.abc import Callable
from typing import Any

import anyio
import openai
import pytest
from starlette.types import Receive, Scope, Send

from builder.llm.calls import Call, Completion, Failure, FailureKind, Limits, OnPiece
from builder.llm.candidates import Candidate
from builder.llm.completion import _client, complete
from builder.llm.messages import Image, Message
from local.model import ScriptedModel
from local.script import Answer
from local.server import serve
from local.streaming import Delivery
from tests.integration.llm.conftest import Serve
from tests.scripted_server import Scripted, ScriptedServer

KEY = "sk-test-Ab12Cd34Ef56"
TEXT = '<file path="index.html">\nGrüße, 世界 🌍\n</file>\n'
Ask = Callable[..., Completion | Failure]


@pytest.fixture
def ask(served: Serve) -> Ask:
    """Make one call to a scripted model, or to one that gives this answer."""

    def ask(answer: ScriptedModel | Answer, **fields: Any) -> Completion | Failure:
        model = answer if isinstance(answer, ScriptedModel) else ScriptedModel(answer)
        return make_call(served(model), **fields)

    return ask


class PatientLimits(Limits):
    """Waits for the first token as a test says, however short."""

    def first_token(self, budget: float) -> float:
        return budget - self.reserve


def make_call(
    url: str, on_piece: OnPiece = lambda _: None, *, first_token: float = 5.0, **fields: Any
) -> Completion | Failure:
    limits: dict[str, Any] = {"connect": 5.0, "stall": 5.0, "max_tokens": 32_000}
    limits |= {name: fields.pop(name) for name in limits.keys() & fields.keys()}
    call: dict[str, Any] = {
        "candidate": Candidate("m", url, KEY),
        "messages": [Message("system", "Be brief."), Message("user", "Go.")],
        "parameters": {"stream": True, "stream_options": {"include_usage": True}},
        "budget": 10.0,
        "limits": PatientLimits(reserve=10.0 - first_token, **limits),
    }
    return anyio.run(complete, Call(**(call | fields)), on_piece)


def text_of(answer: Completion | Failure) -> str:
    return answer.text if isinstance(answer, Completion) else str(answer)


@pytest.mark.parametrize("streams", [True, False])
def test_complete__reply_word_for_word(ask: Ask, streams: bool) -> None:
    """A streamed reply comes word for word, with its tokens, and so does a whole JSON answer."""
    answer = ask(Answer(TEXT, chunk=3, streams=streams))
    assert answer == Completion(TEXT, "stop", tokens_in=3, tokens_out=len(TEXT) // 4)


def test_complete__request(ask: Ask) -> None:
    """The conversation, the images as data URIs, the parameters and the key arrive."""
    server = ScriptedModel(TEXT, key=KEY)
    picture = Message("user", "See.", (Image("image/png", b"\x89PNG"),))
    parameters = {"stream": True, "temperature": 0.5, "max_tokens": 9}
    ask(server, messages=[Message("system", "Be brief."), picture], parameters=parameters)
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw=="}}
    assert server.requests == [
        {
            "model": "m",
            "messages": [
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": [{"type": "text", "text": "See."}, image]},
            ],
            **parameters,
        }
    ]


@pytest.mark.parametrize("life", [{"thoughts": "hmhm", "pause": 0.01}, {"silence": 0.4}])
def test_complete__pieces_and_signs_of_life(served: Serve, life: dict[str, Any]) -> None:
    """Each piece is passed on; reasoning and comments before the reply are empty ones."""
    pieces: list[str] = []
    answer = Answer("abcd", chunk=2, comments=0.05, **life)
    make_call(served(ScriptedModel(answer)), pieces.append)
    assert [piece for piece in pieces if piece] == ["ab", "cd"]
    assert pieces.index("ab") >= 2


@pytest.mark.parametrize(
    "answer", [Answer(delay=60), Answer(silence=60), Answer(silence=60, comments=0.02)]
)
def test_complete__no_first_token(ask: Ask, answer: Answer) -> None:
    """Held headers, silence and comments alone end with the patience for the first token."""
    failure = ask(answer, first_token=0.4, stall=0.3)
    assert failure == Failure(FailureKind.BROKEN, "no first token for 0.4 s")


def test_complete__silence_amid_the_reply(ask: Ask) -> None:
    """After the first token the patience is for the next one."""
    failure = ask(Answer(TEXT, stall_after=9), stall=0.3)
    assert failure == Failure(FailureKind.BROKEN, "no token for 0.3 s")


@pytest.mark.parametrize(
    "answer",
    [
        Answer(TEXT, silence=0.8, comments=0.05),
        Answer(TEXT, thoughts="hm", chunk=100, pause=0.4),
    ],
)
def test_complete__first_token_is_waited_for(ask: Ask, answer: Answer) -> None:
    """Silence before the reply may be longer than silence between two pieces of it."""
    assert text_of(ask(answer, stall=0.6)) == TEXT


def test_complete__no_read_timeout() -> None:
    """The HTTP client itself waits for held headers without end, only connecting has a limit."""
    call = Call(Candidate("m", "http://127.0.0.1", KEY), [], {}, 10.0, Limits(connect=5.0))
    timeout = _client(call).timeout
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
    model = ScriptedModel(Answer("Well. ", endless=endless, ignores=("max_completion_tokens",)))
    parameters = {"stream": True, "max_completion_tokens": 100}
    with serve(model) as url:  # which waits for the end of the delivery
        failure = make_call(f"{url}/v1", parameters=parameters, **options)
    assert failure == Failure(FailureKind.BROKEN, f"stopped: {reason}")
    (delivery,) = model.answers
    assert isinstance(delivery, Delivery)
    assert delivery.was_hung_up


def test_complete__nobody_listens() -> None:
    """A refused connection is a failure at once."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        failure = make_call(f"http://127.0.0.1:{closed.getsockname()[1]}")
    assert isinstance(failure, Failure)
    assert failure.kind is FailureKind.UNREACHABLE


def test_complete__status_with_its_reason(ask: Ask) -> None:
    """Status, code, wait and message of a refusal are kept."""
    answer = Answer(status=429, retry_after="7", message="Slow down.", code="rate_limit_exceeded")
    failure = ask(answer)
    code = "rate_limit_exceeded requests"
    assert failure == Failure(FailureKind.STATUS, "Slow down.", status=429, code=code, wait=7.0)
    assert str(failure) == "HTTP 429: Slow down."


def test_complete__key_is_in_no_failure(ask: Ask) -> None:
    """A server that repeats the key does not bring it into our messages, nor does a long one."""
    failure = ask(ScriptedModel(TEXT, key="another"))
    assert str(failure) == "HTTP 401: Incorrect API key provided: [key]"
    long = ask(Answer(status=500, message=f"{'x' * 290} {KEY}"))
    assert len(str(long)) <= 310
    assert KEY[:8] not in repr((failure, long))


def event(content: str | None = None, finish: str | None = None) -> bytes:
    choice = {"delta": {"content": content}, "finish_reason": finish}
    return f"data: {json.dumps({'choices': [choice]}, ensure_ascii=False)}\n\n".encode()


WHOLE = {"choices": [{"message": {"content": "Hi ü"}, "finish_reason": "stop"}]}
DONE = b"data: [DONE]\n\n"
STOP = event(finish="stop")


@pytest.mark.parametrize(
    ("body", "kind", "text"),
    [
        (event("Hi ü") + STOP, "text/event-stream", "Hi ü"),
        (event("Hi ü") + DONE, "text/event-stream", "Hi ü"),
        (event("Hi ü") + STOP + DONE, "application/json", "Hi ü"),
        (b": wait\n\n" + json.dumps(WHOLE, indent=1).encode(), "text/event-stream", "Hi ü"),
        (json.dumps(WHOLE).encode(), "text/plain", "Hi ü"),
        (event("a\u2028b\x85") + STOP, "text/event-stream", "a\u2028b\x85"),
        (b"event: x\nid: 1\n" + event("Hi").replace(b"\n", b"\r\n") + STOP, "", "Hi"),
    ],
    ids=["no [DONE]", "no finish reason", "stream as JSON", "JSON as stream", "JSON as text",
         "line separators", "CRLF"],
)  # fmt: skip
def test_complete__odd_forms_of_a_good_reply(
    scripted_server: ScriptedServer, body: bytes, kind: str, text: str
) -> None:
    """A reply counts however a server labels, ends or separates it."""
    scripted_server.script = [Scripted(200, body, {"Content-Type": kind})]
    answer = make_call(scripted_server.url)
    assert (text_of(answer), isinstance(answer, Completion)) == (text, True)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"error": {"message": "busy", "code": 429}}', "HTTP 429: busy"),
        (event("Hi") + b'data: {"error": "overloaded"}\n\n', "HTTP 500: overloaded"),
        (b'event: error\ndata: {"message": "busy", "code": "503"}\n\n', "HTTP 503: busy"),
        (b'{"error": {"message": "odd \\ud83d"}}', "HTTP 500: odd \ufffd"),
        (event("Hi ü").partition(b"\xbc")[0], "no chat completion arrived (JSONDecodeError)"),
        (b"<html><h1>Welcome</h1></html>", "no chat completion arrived (JSONDecodeError)"),
        (b"data: " + b"[" * 5000 + b"\n\n", "no chat completion arrived (RecursionError)"),
    ],
    ids=["JSON error", "error amid the reply", "error event", "half a character",
         "cut within a character", "HTML", "nested"],
)  # fmt: skip
def test_complete__odd_forms_of_a_failure(
    scripted_server: ScriptedServer, body: bytes, said: str
) -> None:
    """An error within a 200 is told with its status, whatever is no completion as that."""
    for kind in ("text/event-stream", "application/json"):
        scripted_server.script = [Scripted(200, body, {"Content-Type": kind})]
        failure = make_call(scripted_server.url)
        assert isinstance(failure, Failure)
        assert str(failure) == said


def test_complete__chunks_without_anything(scripted_server: ScriptedServer) -> None:
    """A body that says nothing is a completion without text and without an end."""
    for body in (b"", b"data: 5\n\n", b'data: {"choices": [{"delta": 5}]}\n\n'):
        scripted_server.script = [Scripted(200, body)]
        assert make_call(scripted_server.url) == Completion("", None)


async def lingering(_: Scope, receive: Receive, send: Send) -> None:
    """Send a whole reply and keep the connection open."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": event(TEXT) + STOP, "more_body": True})
    while (await receive())["type"] != "http.disconnect":
        pass


def test_complete__connection_that_stays_open(served: Serve) -> None:
    """A whole reply is the reply, though the count of tokens and the end never come."""
    assert make_call(served(lingering), stall=0.3) == Completion(TEXT, "stop")
