"""What servers send in a chat completion, in their various forms."""

from typing import Any

import pytest

from builder.llm.chat_stream import StreamedReply, error_in, status_of
from builder.llm.runaway import Runaway


def delta(**fields: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": fields, "finish_reason": None}]}


@pytest.mark.parametrize(
    ("chunk", "is_alive"),
    [
        (delta(content="a"), True),
        (delta(content=[{"type": "text", "text": "a"}]), True),
        (delta(reasoning_content="hm"), True),
        (delta(reasoning="hm"), True),
        (delta(role="assistant", content=""), False),
        (delta(content=None), False),
        ({"choices": None}, False),
        ({"choices": [5]}, False),
        ({"choices": [{"delta": 5, "finish_reason": 7}], "usage": "x"}, False),
        (None, False),
    ],
)
def test_streamed_reply__signs_of_life(chunk: object, is_alive: bool) -> None:
    """Text and thoughts are life; everything else, malformed chunks too, is not."""
    reply = StreamedReply(lambda _: None, Runaway(32_000, False))
    assert reply.take(chunk) is is_alive
    assert reply.completion().tokens_in is None


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"error": {"message": "m"}}, "m"),
        ({"message": "m", "code": 5}, "m"),
        ([{"error": {"message": "m"}}], "m"),
        ({"error": "m"}, "m"),
        ("m", "m"),
        ({"choices": []}, None),
        ({"error": None}, None),
        ([], None),
        ("", None),
    ],
)
def test_error_in__forms_of_a_body(body: object, message: str | None) -> None:
    """The message is found in each of the forms that servers give it."""
    error = error_in(body)
    assert (error and error["message"]) == message


def test_status_of__code_within_a_200() -> None:
    """A code that is a status counts as that status, anything else as a server's fault."""
    assert status_of({"code": 502}) == 502
    assert status_of({"code": "429"}) == 429
    assert status_of({"code": "odd"}) == 500
