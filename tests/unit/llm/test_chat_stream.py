"""What servers send in a chat completion, in their various forms."""

from collections.abc import AsyncIterator
from typing import Any

import anyio
import pytest

from builder.llm.chat_stream import LONGEST_LINE, StreamedReply, error_in, lines_of, status_of
from builder.llm.runaway import Runaway


def delta(index: int = 0, finish: str | None = None, **fields: Any) -> dict[str, Any]:
    return {"choices": [{"index": index, "delta": fields, "finish_reason": finish}]}


def reply_of(*chunks: object) -> StreamedReply:
    reply = StreamedReply(lambda _: None, Runaway(32_000, False))
    for chunk in chunks:
        reply.take(chunk)
    return reply


def test_streamed_reply__signs_of_life() -> None:
    """Text and thoughts are life; everything else, malformed chunks too, is not."""
    parts = [{"type": "text", "text": "a"}]
    alive = [delta(content="a"), delta(content=parts), delta(reasoning_content="hm")]
    alive += [delta(reasoning="hm"), {"choices": [{"message": {"content": "a"}}]}]
    dead: list[object] = [delta(role="assistant", content=""), delta(content=None), None]
    dead += [{"choices": None}, {"choices": [5]}, {"choices": {}}, delta(index=1, content="a")]
    dead += [{"choices": [{"delta": 5, "finish_reason": 7}], "usage": "x"}]
    assert [chunk for chunk in alive if not reply_of().take(chunk)] == []
    assert [chunk for chunk in dead if reply_of().take(chunk)] == []


def test_streamed_reply__first_choice_alone_and_once() -> None:
    """Of several choices the first is the reply; a whole message behind its pieces is no more."""
    whole = {"choices": [{"message": {"content": "ab"}, "finish_reason": "stop"}]}
    reply = reply_of(delta(content="a"), delta(1, "stop", content="X"), delta(content="b"), whole)
    assert (reply.completion().text, reply.finish_reason) == ("ab", "stop")


def test_streamed_reply__tokens_and_cost() -> None:
    """The last usage counts; what is no number, negative or endless is no cost."""
    usage = {"prompt_tokens": 3, "completion_tokens": 4, "cost": 0.0125}
    reply = reply_of(delta(content="a"), {"usage": {"cost": 1}}, {"usage": usage})
    for odd in ("1", -1, float("inf"), float("nan"), None):
        reply.take({"usage": {"cost": odd}})
    told = reply.completion()
    assert (told.tokens_in, told.tokens_out, told.cost) == (3, 4, 0.0125)
    assert reply_of(delta(content="a")).completion().cost is None


def test_streamed_reply__halves_of_a_character() -> None:
    """An emoji that came in two pieces is whole; no file takes a half alone: it is replaced."""
    assert reply_of(delta(content="\ud83d"), delta(content="\ude00")).completion().text == "😀"
    assert reply_of(delta(content="a\ud83d")).completion().text == "a\ufffd"


def test_error_in__forms_of_a_body() -> None:
    """The error is found in each of the forms that servers give it, and only there."""
    error = {"message": "m", "code": 5}
    forms = [{"error": error}, error, [{"error": error}], {"choices": [{"error": error}]}]
    assert [error_in(form) for form in forms] == [error] * 4
    assert error_in({"error": "m"}) == error_in("m") == {"message": "m"}
    assert error_in({"error": {"code": 429}}) == {"code": 429}
    none: list[object] = [{"choices": []}, {"error": None}, [], "", {"message": "", "id": 1}]
    none += [{"choices": [{"delta": {}}], "message": "fine"}]
    assert [form for form in none if error_in(form) is not None] == []


def test_status_of__code_within_a_200() -> None:
    """A code that is a status counts as that status, anything else as a server's fault."""
    assert [status_of({"code": code}) for code in (502, "429", "odd", None)] == [502, 429, 500, 500]


def lines(*pieces: bytes) -> list[str]:
    async def stream() -> AsyncIterator[bytes]:
        for piece in pieces:
            yield piece

    async def gather() -> list[str]:
        return [line async for line in lines_of(stream()) if line]

    return anyio.run(gather)


def test_lines_of__end_of_a_line() -> None:
    """CR and LF end a line, other separators stand in JSON; bytes are cut anywhere."""
    separators = "a\u2028b\u0085c\x0b"
    text = f"\ufeffdata: {separators}\r\ndata: ü\n\rdata: 世".encode()
    expected = [f"data: {separators}", "data: ü", "data: 世"]
    assert lines(*(text[at : at + 1] for at in range(len(text)))) == expected
    assert lines(text[:-1]) == [*expected[:2], "data: \ufffd"]


def test_lines_of__one_without_end() -> None:
    """A line that never ends does not fill the memory."""
    with pytest.raises(ValueError, match="without end"):
        lines(*[b"x" * (LONGEST_LINE // 4)] * 100)
