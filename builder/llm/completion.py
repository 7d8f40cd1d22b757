"""One chat completion, by the openai SDK: streamed, within its time, its failures as values.

The SDK's own retries and timeouts are off: an async task can be ended at any point, so that neither
a silent server nor one that sends keep-alives for ever outlasts our patience. The task has a thread
of its own since Playwright's sync API leaves an event loop in the caller's. The SDK takes half a
second to import and is imported by the first call.
"""

import base64
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from builder.llm.calls import Call, Completion, Failure, FailureKind, Hear
from builder.llm.chat_stream import Heard, error_in, status_of
from builder.llm.messages import Message
from builder.llm.policy import wait_asked
from builder.llm.redaction import redact

if TYPE_CHECKING:
    import anyio
    import openai

AFTER_END = 5.0
"""Seconds that a finished reply may take to tell its tokens and close."""


def complete(call: Call, hear: Hear) -> Completion | Failure:
    """Make one call; the port `Complete`."""
    import openai.resources.chat  # noqa: F401 - here its import takes no time of the call
    from anyio.from_thread import start_blocking_portal

    with start_blocking_portal() as portal:
        return portal.call(_complete, call, hear)


async def _complete(call: Call, hear: Hear) -> Completion | Failure:
    import anyio

    heard = Heard(hear)
    listening = _Listening(call, heard)
    failure = None
    async with _client(call) as client:
        with (
            anyio.move_on_after(call.budget) as whole,
            anyio.move_on_after(call.first_token) as patience,
        ):
            failure = await listening.listen(client, patience)
    if heard.finish_reason is not None:
        return heard.completion()
    if whole.cancelled_caught:
        return Failure(FailureKind.OUT_OF_TIME, f"not done in the {call.budget:.3g} s left")
    if patience.cancelled_caught:
        return listening.stalled()
    return failure or heard.completion()


class _Listening:
    """One call under way."""

    def __init__(self, call: Call, heard: Heard) -> None:
        self._call = call
        self._heard = heard
        self._is_accepted = False

    def stalled(self) -> Failure:
        """Say that no token came in time."""
        seconds = self._call.stall if self._heard.has_begun else self._call.first_token
        return Failure(
            FailureKind.STALL,
            f"no token for {seconds:.3g} s",
            was_accepted=self._is_accepted and not self._heard.has_begun,
        )

    async def listen(
        self, client: "openai.AsyncOpenAI", patience: "anyio.CancelScope"
    ) -> Failure | None:
        """Make the call and take in what comes; a sign of life renews the patience."""
        import httpx2
        import openai

        try:
            await self._stream(client, patience)
        except openai.APIStatusError as error:
            return self._refused(error)
        except (openai.APIConnectionError, httpx2.RequestError) as error:
            return self._disconnected(error)
        except openai.APIError as error:
            return self._failed_within(error.body, error.message)
        except (openai.OpenAIError, ValueError, RecursionError) as error:
            reason = type(error).__name__
            return Failure(FailureKind.UNUSABLE, f"no chat completion came ({reason})")
        return None

    async def _stream(self, client: "openai.AsyncOpenAI", patience: "anyio.CancelScope") -> None:
        import anyio
        from openai.types.chat import ChatCompletionChunk

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
                self._take_whole(await stream.response.aread())
                return
            async for chunk in stream:
                if not isinstance(chunk, ChatCompletionChunk):
                    raise ValueError("the SDK passes on whatever JSON came")
                is_alive = self._heard.take(chunk.to_dict(warnings=False))
                if self._heard.finish_reason is not None:
                    patience.deadline = anyio.current_time() + AFTER_END
                elif is_alive:
                    patience.deadline = anyio.current_time() + self._call.stall

    def _take_whole(self, body: bytes) -> None:
        """Take the answer of a server that does not stream."""
        import openai

        answer = json.loads(body)
        if not isinstance(answer, dict):
            raise ValueError("no JSON object")
        if error_in(answer) and not answer.get("choices"):
            raise openai.APIError("an error", request=None, body=answer)  # type: ignore[arg-type]
        self._heard.take(answer)

    def _refused(self, error: "openai.APIStatusError") -> Failure:
        said = error_in(error.body) or {"message": error.response.text}
        headers = {name.lower(): value for name, value in error.response.headers.items()}
        return self._status(error.status_code, said, headers)

    def _failed_within(self, body: object, message: str) -> Failure:
        """Explain an error that came in place of, or amid, a reply that began with a 200."""
        said = error_in(body) or {"message": message}
        return self._status(status_of(said, default=500), said, {})

    def _status(self, status: int, said: Mapping[str, Any], headers: Mapping[str, str]) -> Failure:
        message = self._safe(str(said["message"])) or "no message"
        return Failure(
            FailureKind.STATUS,
            message,
            status=status,
            code=self._safe(f"{said.get('code') or ''} {said.get('type') or ''}"),
            parameter=self._safe(str(said.get("param") or "")),
            wait=wait_asked(headers, message),
        )

    def _disconnected(self, error: Exception) -> Failure:
        if self._is_accepted:
            return Failure(FailureKind.CUT, "the connection was cut amid the reply")
        reason = type(error.__cause__ or error).__name__
        return Failure(FailureKind.UNREACHABLE, f"no connection ({reason})")

    def _safe(self, text: str) -> str:
        return redact(text, [self._call.candidate.api_key])


def _client(call: Call) -> "openai.AsyncOpenAI":
    import openai

    return openai.AsyncOpenAI(
        api_key=call.candidate.api_key or "none",
        base_url=call.candidate.base_url,
        timeout=openai.Timeout(None, connect=call.connect),
        max_retries=0,
    )


def _wire(message: Message) -> dict[str, Any]:
    if not message.images:
        return {"role": message.role, "content": message.text}
    pictures = [
        {"type": "image_url", "image_url": {"url": _data_uri(image.media_type, image.content)}}
        for image in message.images
    ]
    return {"role": message.role, "content": [{"type": "text", "text": message.text}, *pictures]}


def _data_uri(media_type: str, content: bytes) -> str:
    return f"data:{media_type};base64,{base64.b64encode(content).decode()}"
