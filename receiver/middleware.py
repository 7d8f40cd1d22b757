"""The border of every exchange: one log line, no exception gets out, no unread body stays."""

import asyncio
import logging
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from receiver.answers import failed

log = logging.getLogger("receiver")

Monotonic = Callable[[], float]
LINGER_SECONDS = 1.0


@dataclass
class Trace:
    """What is told of one exchange; nothing in it comes from the sender as it is."""

    monotonic: Monotonic
    began: float
    path: str = "other"
    status: int = 0
    fields: dict[str, Any] = field(default_factory=dict)
    body_read: bool = False

    def note(self, **fields: Any) -> None:
        """Add to the log line."""
        self.fields.update(fields)

    def milliseconds(self, since: float) -> float:
        """Return the milliseconds since a reading of the clock."""
        return round((self.monotonic() - since) * 1000, 1)


class Edge:
    """ASGI middleware; the trace is `scope["trace"]`."""

    def __init__(
        self, app: ASGIApp, paths: frozenset[str], monotonic: Monotonic = time.monotonic
    ) -> None:
        self._app = app
        self._paths = paths
        self._monotonic = monotonic

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one exchange through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        trace = Trace(self._monotonic, self._monotonic())
        if scope["path"] in self._paths:
            trace.path = scope["path"]
        scope["trace"] = trace
        await self._exchange(trace, scope, receive, send)
        self._tell(trace, scope["method"])

    async def _exchange(self, trace: Trace, scope: Scope, receive: Receive, send: Send) -> None:
        trace.body_read = not _has_body(scope)

        async def receive_noting_the_end() -> Message:
            message = await receive()
            trace.body_read |= not message.get("more_body", False)
            return message

        async def send_noting_the_status(message: Message) -> None:
            if message["type"] == "http.response.start":
                trace.status = message["status"]
                if not trace.body_read:
                    message["headers"] = [*message["headers"], (b"connection", b"close")]
            elif not trace.body_read and not message.get("more_body", False):
                await send({**message, "more_body": True})
                await _discard(receive_noting_the_end, trace)
                message = {"type": "http.response.body"}
            await send(message)

        try:
            await self._app(scope, receive_noting_the_end, send_noting_the_status)
        except Exception as error:  # noqa: BLE001 - the last resort, so that no server trace is told
            log.error(_place(error))
            if not trace.status:
                await failed(error)(scope, receive, send_noting_the_status)

    def _tell(self, trace: Trace, method: str) -> None:
        fields = {
            "method": method if method in {"GET", "POST", "HEAD"} else "other",
            "path": trace.path,
            "status": trace.status,
            **trace.fields,
            "ms": trace.milliseconds(trace.began),
        }
        log.info("request", extra={"fields": fields})


async def _discard(receive: Receive, trace: Trace) -> None:
    """Read on for a moment: a socket closed on unread data takes the answer with it."""
    with suppress(TimeoutError):
        async with asyncio.timeout(LINGER_SECONDS):
            while not trace.body_read:
                await receive()


def _has_body(scope: Scope) -> bool:
    return any(name in {b"content-length", b"transfer-encoding"} for name, _ in scope["headers"])


def _place(error: Exception) -> str:
    """Tell the kind and the place; the message of a stranger's exception may hold the input."""
    frames = "".join(traceback.format_tb(error.__traceback__))
    return f"unexpected {type(error).__name__}\n{frames}"
