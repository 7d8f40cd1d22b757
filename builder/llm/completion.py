"""One chat completion through the openai SDK: streamed, within a time limit, failures as values.

The SDK's own retries and read timeout are off; instead, the task can be cancelled at any point. The
stream is read line by line here, since comments are signs of life that the SDK does not pass on.
Importing the SDK takes half a second: import this module only where a model is asked.
"""

import base64
import json
from collections.abc import Mapping
from typing import Any

import anyio
import httpx2
import openai

from builder.credentials import redact
from builder.llm.calls import Call, Completion, Failure, FailureKind, OnPiece
from builder.llm.chat_stream import StreamedReply, error_in, lines_of, status_of, well_formed
from builder.llm.messages import Message
from builder.llm.policy import wait_asked
from builder.llm.runaway import Runaway

SSE_FIELDS = {"", "data", "event", "id", "retry"}
"""What comes before the colon in a line of an event stream; nothing in a comment."""
LAST_CHUNK_SECONDS = 5.0
"""How long to wait for the token count once the reply is complete."""


async def complete(call: Call, on_piece: OnPiece) -> Completion | Failure:
    """Make one call; implements `Complete`."""
    return await _Request(call, on_piece).send()


class _Request:
    """One call under way."""

    def __init__(self, call: Call, on_piece: OnPiece) -> None:
        self._call = call
        self._on_piece = on_piece
        self._runaway = Runaway(call.limits.max_tokens, call.expects_files)
        self._reply = StreamedReply(on_piece, self._runaway)
        self._is_accepted = False
        self._first_token_by = anyio.current_time() + call.limits.first_token(call.budget)
        self._patience = anyio.CancelScope(deadline=self._first_token_by)

    async def send(self) -> Completion | Failure:
        call, failure = self._call, None
        async with _client(call) as client:
            with anyio.move_on_after(call.budget) as whole, self._patience as patience:
                failure = await self._outcome(client)
        if self._reply.finish_reason is not None:
            return self._reply.completion()
        if whole.cancelled_caught:
            return Failure(FailureKind.OUT_OF_TIME, f"not finished in the {call.budget:.3g} s left")
        if patience.cancelled_caught and self._reply.has_begun:
            return _broken(f"no token for {call.limits.stall:.3g} s")
        if patience.cancelled_caught:
            return _broken(f"no first token for {call.limits.first_token(call.budget):.3g} s")
        return failure or self._reply.completion()

    async def _outcome(self, client: openai.AsyncOpenAI) -> Failure | None:
        """Read what comes; return why the reply broke off or did not come."""
        try:
            return await self._stream(client)
        except openai.APIStatusError as error:
            said = error_in(error.body) or {"message": error.response.text}
            return self._refused(said, error.response)
        except (openai.APIConnectionError, httpx2.RequestError) as error:
            if self._is_accepted:
                return _broken("the connection broke during the reply")
            reason = type(error.__cause__ or error).__name__
            return Failure(FailureKind.UNREACHABLE, f"no connection ({reason})")
        except (openai.OpenAIError, ValueError, RecursionError) as error:
            return _broken(f"no chat completion arrived ({type(error).__name__})")

    async def _stream(self, client: openai.AsyncOpenAI) -> Failure | None:
        """Read events, or the single answer of a server that does not stream.

        The lines show which it is: the content type is sometimes wrong.
        """
        messages: Any = [_wire(message) for message in self._call.messages]
        whole: list[str] = []
        async with client.chat.completions.with_streaming_response.create(
            model=self._call.candidate.model, messages=messages, extra_body=self._call.parameters
        ) as response:
            self._is_accepted = True
            async for line in lines_of(response.iter_bytes()):
                if not self._reply.has_begun:
                    self._on_piece("")
                name, _, data = line.partition(":")
                if name == "data" and data.strip() == "[DONE]":
                    self._reply.end()
                    return None
                if name == "data" and (failure := self._take(data)):
                    return failure
                if name not in SSE_FIELDS:
                    whole.append(line)
        return self._take("\n".join(whole)) if whole and not self._reply.has_begun else None

    def _take(self, data: str) -> Failure | None:
        """Take a piece, and set how long to wait for the next; return why not to wait for one.

        Reasoning may go on beyond the limit for the first token, but may not fall silent there.
        """
        said = json.loads(data)
        error = error_in(said)
        if error:
            return self._refused(error)
        is_alive = self._reply.take(said)
        now, stall = anyio.current_time(), self._call.limits.stall
        if self._reply.finish_reason is not None:
            self._patience.deadline = now + min(stall, LAST_CHUNK_SECONDS)
        elif is_alive and self._reply.has_begun:
            self._patience.deadline = now + stall
        elif is_alive:
            self._patience.deadline = max(self._first_token_by, now + stall)
        return _broken(self._runaway.reason) if self._runaway.reason else None

    def _refused(self, said: Mapping[str, Any], response: httpx2.Response | None = None) -> Failure:
        """Describe an error; without `response` it came within a reply or in place of one."""
        message = self._shown(said.get("message", dict(said)) or "") or "no message"
        return Failure(
            FailureKind.STATUS,
            message,
            status=response.status_code if response else status_of(said),
            code=self._shown(f"{said.get('code') or ''} {said.get('type') or ''}"),
            parameter=self._shown(said.get("param") or ""),
            wait=wait_asked(response.headers if response else {}, message),
        )

    def _shown(self, said: object) -> str:
        return redact(well_formed(str(said)), [self._call.candidate.api_key])


def _broken(reason: str) -> Failure:
    return Failure(FailureKind.BROKEN, reason)


def _client(call: Call) -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(
        api_key=call.candidate.api_key or "none",
        base_url=call.candidate.base_url,
        # No read timeout: a server may hold back the headers while the model reasons.
        timeout=openai.Timeout(None, connect=call.limits.connect),
        max_retries=0,
    )


def _wire(message: Message) -> dict[str, Any]:
    if not message.images:
        return {"role": message.role, "content": message.text}
    parts: list[dict[str, Any]] = [{"type": "text", "text": message.text}]
    for image in message.images:
        content = base64.b64encode(image.content).decode()
        url = f"data:{image.media_type};base64,{content}"
        parts.append({"type": "image_url", "image_url": {"url": url}})
    return {"role": message.role, "content": parts}
