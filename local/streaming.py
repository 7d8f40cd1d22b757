"""Delivers a scripted answer: streamed as by OpenAI, or broken as the script says."""

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
"""Characters: a common rule of thumb for English text and code."""
LIMITS = ("max_tokens", "max_completion_tokens")


class Delivery:
    """Delivers one answer, and stops when the client hangs up."""

    def __init__(self, answer: Answer, text: str, body: Mapping[str, Any]) -> None:
        self._room = min(_room(answer, body), answer.truncate_after or math.inf)
        self.was_hung_up = False
        self._answer = answer
        self._text = text[: int(self._room)] if self._room < len(text) else text
        self._finish = "length" if self._room < len(text) or answer.endless else "stop"
        self._body = body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
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
        answer = self._answer
        await anyio.sleep(answer.delay)
        if answer.garbage:
            response = Response(answer.garbage, media_type="text/event-stream")
            await response(scope, receive, send)
        elif not (self._body.get("stream") and answer.streams):
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
        # Without this last message, the server cuts the connection.
        if self._answer.cut_after is None:
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _events(self) -> AsyncGenerator[str, None]:
        answer = self._answer
        async for comment in self._silence():
            yield comment
        yield self._chunk({"role": "assistant", "content": ""})
        ends = (answer.stall_after, answer.cut_after, answer.fail_after)
        end = next((size for size in ends if size is not None), None)
        for name, text in (("reasoning_content", answer.thoughts), ("content", self._text[:end])):
            for at in range(0, len(text), answer.chunk):
                await anyio.sleep(answer.pause)
                yield self._chunk({name: text[at : at + answer.chunk]})
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
        if self._answer.refusal:
            yield self._chunk({"refusal": self._answer.refusal})
        yield self._chunk({}, finish=self._finish)
        if (self._body.get("stream_options") or {}).get("include_usage"):
            yield _data(self._object("chat.completion.chunk", []) | self._usage())
        yield "data: [DONE]"

    def _chunk(self, delta: Mapping[str, str], finish: str | None = None) -> str:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return _data(self._object("chat.completion.chunk", [choice]))

    def _whole(self) -> dict[str, Any]:
        message = {"role": "assistant", "content": self._text}
        if self._answer.refusal:
            message["refusal"] = self._answer.refusal
        choice = {"index": 0, "message": message, "finish_reason": self._finish}
        return self._object("chat.completion", [choice]) | self._usage()

    def _object(self, kind: str, choices: list[Any]) -> dict[str, Any]:
        about = {"id": "chatcmpl-scripted", "object": kind, "created": int(time.time())}
        return about | {"model": self._body["model"], "choices": choices}

    def _usage(self) -> dict[str, Any]:
        sizes = (len(prompt_of(self._body["messages"])), len(self._text))
        came, went = (size // COUNTED_AS_TOKEN for size in sizes)
        counts = {"prompt_tokens": came, "completion_tokens": went, "total_tokens": came + went}
        return {"usage": counts}


def _room(answer: Answer, body: Mapping[str, Any]) -> float:
    """Return how many characters the limits that this model respects allow."""
    known = [body[name] for name in LIMITS if name in body and name not in answer.ignores]
    return min(known, default=math.inf) * COUNTED_AS_TOKEN


def _data(value: Mapping[str, Any]) -> str:
    return f"data: {json.dumps(value)}"


def prompt_of(messages: Sequence[Mapping[str, Any]]) -> str:
    return "\n".join(words_of(message["content"]) for message in messages)


def words_of(content: str | Sequence[Mapping[str, Any]]) -> str:
    """Return the text of one message, without its images."""
    if isinstance(content, str):
        return content
    return "\n".join(part.get("text", "") for part in content)
