"""One scripted answer on its way: streamed as OpenAI streams, or broken as the script says."""

import json
import math
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Any

import anyio
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from local.script import Answer

COUNTED_AS_TOKEN = 4
"""Characters; a common rule of thumb for English text and code."""
LIMITS = ("max_tokens", "max_completion_tokens")


class Delivery:
    """One answer on its way, ended when the client hangs up."""

    def __init__(self, answer: Answer, text: str, body: Mapping[str, Any]) -> None:
        limit = min(_room(answer, body), answer.truncate_after or math.inf)
        self.was_hung_up = False
        self._answer = answer
        self._room = limit
        self._text = text[: int(limit)] if limit < len(text) else text
        self._finish = "length" if limit < len(text) or answer.endless else "stop"
        self._model = body["model"]
        self._is_stream = bool(body.get("stream")) and answer.streams
        wants_usage = (body.get("stream_options") or {}).get("include_usage", False)
        self._tells_usage = answer.counts and (wants_usage or not self._is_stream)
        self._tokens_in = len(prompt_of(body["messages"])) // COUNTED_AS_TOKEN

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        async with anyio.create_task_group() as tasks:

            async def deliver() -> None:
                await self._deliver(scope, receive, send)
                tasks.cancel_scope.cancel()

            tasks.start_soon(deliver)
            while (await receive())["type"] != "http.disconnect":
                pass
            self.was_hung_up = True
            tasks.cancel_scope.cancel()

    async def _deliver(self, scope: Scope, receive: Receive, send: Send) -> None:
        await anyio.sleep(self._answer.delay)
        if self._answer.garbage:
            await Response(self._answer.garbage, media_type="text/event-stream")(
                scope, receive, send
            )
        elif not self._is_stream:
            await JSONResponse(self._whole())(scope, receive, send)
        else:
            await self._stream(send)

    async def _stream(self, send: Send) -> None:
        headers = [(b"content-type", b"text/event-stream")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        async with aclosing(self._events()) as events:
            async for event in events:
                content = f"{event}\n\n".encode()
                await send({"type": "http.response.body", "body": content, "more_body": True})
        # Without this last message the server cuts the connection.
        if self._answer.cut_after is None:
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _events(self) -> AsyncGenerator[str, None]:
        answer = self._answer
        async for comment in self._silence():
            yield comment
        yield self._chunk({"role": "assistant", "content": ""})
        for piece in _pieces(answer.thoughts, answer.chunk):
            await anyio.sleep(answer.pause)
            yield self._chunk({"reasoning_content": piece})
        ends = (answer.stall_after, answer.cut_after, answer.fail_after)
        end = next((size for size in ends if size is not None), None)
        for piece in _pieces(self._text[:end], answer.chunk):
            await anyio.sleep(answer.pause)
            yield self._chunk({"content": piece})
        async for event in self._endless() if end is None else self._broken_off():
            yield event

    async def _silence(self) -> AsyncGenerator[str, None]:
        """Yield comments, or nothing, until the silence is over."""
        over_at = anyio.current_time() + self._answer.silence
        while anyio.current_time() < over_at:
            left = over_at - anyio.current_time()
            await anyio.sleep(min(left, self._answer.comments or 3600))
            if self._answer.comments:
                yield ": keep-alive"

    async def _broken_off(self) -> AsyncGenerator[str, None]:
        """End in the middle of the reply."""
        if self._answer.stall_after is not None:
            await anyio.sleep_forever()
        if self._answer.fail_after is not None:
            yield _data({"error": {"message": "The engine is overloaded.", "code": "overloaded"}})

    async def _endless(self) -> AsyncGenerator[str, None]:
        """Yield what follows the text until the limit is reached, then the ending."""
        sent, number = len(self._text), 0
        while self._answer.endless and sent < self._room:
            number += 1
            piece = self._answer.endless.replace("{n}", str(number))
            sent += len(piece)
            await anyio.sleep(self._answer.pause)
            yield self._chunk({"content": piece})
        for event in self._ending():
            yield event

    def _ending(self) -> list[str]:
        events = []
        if self._answer.refusal:
            events.append(self._chunk({"refusal": self._answer.refusal}))
        events.append(self._chunk({}, finish=self._finish))
        if self._tells_usage:
            events.append(_data(self._object("chat.completion.chunk", []) | self._usage()))
        return [*events, "data: [DONE]"]

    def _chunk(self, delta: Mapping[str, str], finish: str | None = None) -> str:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return _data(self._object("chat.completion.chunk", [choice]))

    def _whole(self) -> dict[str, Any]:
        message = {"role": "assistant", "content": self._text}
        if self._answer.refusal:
            message["refusal"] = self._answer.refusal
        choice = {"index": 0, "message": message, "finish_reason": self._finish}
        usage = self._usage() if self._tells_usage else {}
        return self._object("chat.completion", [choice]) | usage

    def _object(self, kind: str, choices: list[Any]) -> dict[str, Any]:
        return {
            "id": "chatcmpl-scripted",
            "object": kind,
            "created": int(time.time()),
            "model": self._model,
            "choices": choices,
        }

    def _usage(self) -> dict[str, Any]:
        tokens_out = len(self._text) // COUNTED_AS_TOKEN
        counts = {
            "prompt_tokens": self._tokens_in,
            "completion_tokens": tokens_out,
            "total_tokens": self._tokens_in + tokens_out,
        }
        return {"usage": counts}


def limit_of(body: Mapping[str, Any]) -> tuple[str, int] | None:
    """Return the output limit of a request by name and tokens."""
    found = [(name, body[name]) for name in LIMITS if name in body]
    return found[0] if found else None


def _room(answer: Answer, body: Mapping[str, Any]) -> float:
    """Return the characters that the limits which this model knows leave for an answer."""
    known = [body[name] for name in LIMITS if name in body and name not in answer.ignores]
    return min(known, default=math.inf) * COUNTED_AS_TOKEN


def _data(value: Mapping[str, Any]) -> str:
    return f"data: {json.dumps(value)}"


def _pieces(text: str, size: int) -> list[str]:
    return [text[at : at + size] for at in range(0, len(text), size)]


def prompt_of(messages: Sequence[Mapping[str, Any]]) -> str:
    """Return the words of a whole conversation."""
    return "\n".join(words_of(message["content"]) for message in messages)


def words_of(content: str | Sequence[Mapping[str, Any]]) -> str:
    """Return the words of one message, without its images."""
    if isinstance(content, str):
        return content
    return "\n".join(part.get("text", "") for part in content)
