"""One chat completion, by the openai SDK: streamed, within its time, its failures as values.

The SDK's own retries and read timeout are off: the task is cancelled instead, at any point, so that
neither a silent server nor one that sends comments for ever outlasts our patience. Importing the
SDK takes half a second: import this module only where a model is asked.
"""

import base64
import json
from collections.abc import AsyncIterator, Callable, Mapping
from types import MappingProxyType
from typing import Any

import anyio
import httpx2
import openai
from openai.types.chat import ChatCompletionChunk

from builder.llm.calls import Call, Completion, Failure, FailureKind, OnPiece
from builder.llm.chat_stream import StreamedReply, error_in, status_of
from builder.llm.messages import Message
from builder.llm.policy import wait_asked
from builder.llm.redaction import redact
from builder.llm.runaway import Runaway

AFTER_END = 5.0
"""Seconds that a finished reply may take to tell its tokens and close."""


async def complete(call: Call, on_piece: OnPiece) -> Completion | Failure:
    """Make one call; the port `Complete`."""
    runaway = Runaway(call.limits.max_tokens, call.expects_files)
    return await _Request(call, StreamedReply(on_piece, runaway)).send()


class _Request:
    """One call under way."""

    def __init__(self, call: Call, reply: StreamedReply) -> None:
        self._call = call
        self._reply = reply
        self._is_accepted = False
        self._patience = anyio.CancelScope()
        self._first_token = call.limits.first_token(call.budget)
        self._first_token_by = 0.0

    async def send(self) -> Completion | Failure:
        """Make the call within its time."""
        call = self._call
        self._first_token_by = anyio.current_time() + self._first_token
        failure = None
        async with _client(call, self._receive_bytes) as client:
            with anyio.move_on_after(call.budget) as whole, self._patience as patience:
                patience.deadline = self._first_token_by
                failure = await self._outcome(client)
        if self._reply.finish_reason is not None:
            return self._reply.completion()
        if whole.cancelled_caught:
            return Failure(FailureKind.OUT_OF_TIME, f"not done in the {call.budget:.3g} s left")
        if patience.cancelled_caught:
            return self._stalled()
        return failure or self._reply.completion()

    def _stalled(self) -> Failure:
        if self._reply.has_begun:
            return Failure(FailureKind.STALL, f"no token for {self._call.limits.stall:.3g} s")
        return Failure(FailureKind.STALL, f"no first token for {self._first_token:.3g} s")

    def _receive_bytes(self) -> None:
        """Count any byte as a sign of life, comments before the reply among them."""
        if not self._reply.has_begun:
            self._reply.on_piece("")

    async def _outcome(self, client: openai.AsyncOpenAI) -> Failure | None:
        """Take in what comes; return why the reply broke off or was not to be had."""
        try:
            return await self._stream(client)
        except openai.APIStatusError as error:
            response = error.response
            return self._refused(error.body, response.text, error.status_code, response.headers)
        except (openai.APIConnectionError, httpx2.RequestError) as error:
            if self._is_accepted:
                return Failure(FailureKind.CUT, "the connection was cut amid the reply")
            reason = type(error.__cause__ or error).__name__
            return Failure(FailureKind.UNREACHABLE, f"no connection ({reason})")
        except openai.APIError as error:
            return self._refused(error.body, error.message)
        except (openai.OpenAIError, ValueError, RecursionError) as error:
            reason = type(error).__name__
            return Failure(FailureKind.UNUSABLE, f"no chat completion came ({reason})")

    async def _stream(self, client: openai.AsyncOpenAI) -> Failure | None:
        messages: Any = [_wire(message) for message in self._call.messages]
        stream = await client.chat.completions.create(
            model=self._call.candidate.model,
            messages=messages,
            stream=True,
            extra_body=self._call.parameters,
        )
        self._is_accepted = True
        async with stream:
            if "json" in stream.response.headers.get("content-type", ""):
                return self._take_whole(await stream.response.aread())
            async for chunk in stream:
                if not isinstance(chunk, ChatCompletionChunk):
                    raise ValueError("the SDK passes on whatever JSON came")
                self._take(chunk)
                if self._reply.runaway.reason:
                    return Failure(FailureKind.UNUSABLE, self._reply.runaway.reason)
        return None

    def _take(self, chunk: ChatCompletionChunk) -> None:
        """Take a piece in, and wait for the next one.

        Reasoning may go on beyond the patience for the first token, but not fall silent there.
        """
        is_alive = self._reply.take(chunk.to_dict(warnings=False))
        now = anyio.current_time()
        if self._reply.finish_reason is not None:
            self._patience.deadline = now + AFTER_END
        elif is_alive and self._reply.has_begun:
            self._patience.deadline = now + self._call.limits.stall
        elif is_alive:
            self._patience.deadline = max(self._first_token_by, now + self._call.limits.stall)

    def _take_whole(self, body: bytes) -> Failure | None:
        """Take the answer of a server that does not stream."""
        answer = json.loads(body)
        if not isinstance(answer, dict):
            raise ValueError("no JSON object")
        if error_in(answer) and not answer.get("choices"):
            return self._refused(answer, "an error")
        self._reply.take(answer)
        return None

    def _refused(
        self,
        body: object,
        text: str,
        status: int | None = None,
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> Failure:
        """Explain an error; one without a status of its own came amid a reply, or in its place."""
        key = [self._call.candidate.api_key]
        said = error_in(body) or {"message": text}
        message = redact(str(said["message"]), key) or "no message"
        return Failure(
            FailureKind.STATUS,
            message,
            status=status or status_of(said, default=500),
            code=redact(f"{said.get('code') or ''} {said.get('type') or ''}", key),
            parameter=redact(str(said.get("param") or ""), key),
            wait=wait_asked(headers, message),
        )


class _Watched(httpx2.AsyncByteStream):
    """The body of a response, which tells of all bytes: the SDK says nothing of comments."""

    def __init__(self, stream: httpx2.AsyncByteStream, on_bytes: Callable[[], None]) -> None:
        self._stream = stream
        self._on_bytes = on_bytes

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in self._stream:
            self._on_bytes()
            yield part

    async def aclose(self) -> None:
        await self._stream.aclose()


def _client(call: Call, on_bytes: Callable[[], None]) -> openai.AsyncOpenAI:
    async def watch(response: httpx2.Response) -> None:
        if isinstance(response.stream, httpx2.AsyncByteStream):
            response.stream = _Watched(response.stream, on_bytes)

    # No read timeout: a server may hold the headers back until it has thought.
    timeout = openai.Timeout(None, connect=call.limits.connect)
    return openai.AsyncOpenAI(
        api_key=call.candidate.api_key or "none",
        base_url=call.candidate.base_url,
        timeout=timeout,
        max_retries=0,
        http_client=openai.DefaultAsyncHttpxClient(
            timeout=timeout, event_hooks={"response": [watch]}
        ),
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
