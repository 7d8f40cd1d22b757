"""The log: one line a request, as text or JSON; and no exception or unread body gets past it."""

import asyncio
import json
import logging
import re
import time
import traceback
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from receiver.answers import failed

log = logging.getLogger("receiver")

LINGER_SECONDS = 3.0
"""How long an answered sender may go on with its body, unless its connection has to give way."""
METHODS = frozenset({"GET", "POST", "HEAD"})


def set_up(log_format: str) -> None:
    """Log to stderr; of other libraries only warnings."""
    handler = logging.StreamHandler()
    handler.setFormatter(LineFormatter(as_json=log_format == "json"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    log.setLevel(logging.INFO)


class LineFormatter(logging.Formatter):
    """Writes time, level, message and the record's `fields`."""

    def __init__(self, *, as_json: bool) -> None:
        super().__init__()
        self._as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; no field can end it early or look like another field."""
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        level, message = record.levelname.lower(), super().format(record)
        fields = getattr(record, "fields", {})
        if self._as_json:
            return json.dumps({"time": moment, "level": level, "message": message, **fields})
        pairs = "".join(f" {name}={_quoted(str(value))}" for name, value in fields.items())
        return f"{moment} {level} {message}{pairs}"


def _quoted(text: str) -> str:
    return text if re.fullmatch(r"[A-Za-z0-9_./,:-]*", text) else json.dumps(text)


@dataclass
class Exchange:
    """A request and its answer: what is logged of them, and whether the whole body was read.

    It is `scope["exchange"]`.
    """

    inner_receive: Receive
    inner_send: Send
    is_read: bool
    began: float = field(default_factory=time.monotonic)
    status: int = 0
    fields: dict[str, Any] = field(default_factory=dict)

    def note(self, **fields: Any) -> None:
        """Add fields to the log line."""
        self.fields.update(fields)

    async def receive(self) -> Message:
        """Receive, and note the end of the body."""
        message = await self.inner_receive()
        self.is_read |= not message.get("more_body", False)
        return message

    async def send(self, message: Message) -> None:
        """Send, and note the status; an answer to an unread body ends the connection."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            if not self.is_read:
                message["headers"] = [*message["headers"], (b"connection", b"close")]
        elif not self.is_read and not message.get("more_body", False):
            await self.inner_send({**message, "more_body": True})
            await self._discard()
            message = {"type": "http.response.body"}
        await self.inner_send(message)

    async def _discard(self) -> None:
        """Read the rest for a moment: closing a socket with unread data may lose the answer."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LINGER_SECONDS):
                while not self.is_read:
                    await self.receive()


class LogMiddleware:
    """ASGI middleware that logs each request and answers what nobody caught.

    Of paths only those in `paths` are logged: others are the sender's words.
    """

    def __init__(self, app: ASGIApp, paths: frozenset[str]) -> None:
        self._app = app
        self._paths = paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        names = {name for name, _ in scope["headers"]}
        is_read = not names & {b"content-length", b"transfer-encoding"}
        exchange = scope["exchange"] = Exchange(receive, send, is_read)
        try:
            await self._app(scope, exchange.receive, exchange.send)
        except Exception as error:  # noqa: BLE001 - the server would log the message and the input
            log.error(_place(error), extra={"fields": exchange.fields})
            if not exchange.status:
                await failed(error)(scope, exchange.receive, exchange.send)
        fields = {
            "method": scope["method"] if scope["method"] in METHODS else "other",
            "path": scope["path"] if scope["path"] in self._paths else "other",
            "status": exchange.status,
            **exchange.fields,
            "ms": milliseconds(exchange.began),
        }
        log.info("request", extra={"fields": fields})


def milliseconds(since: float) -> float:
    """Return the milliseconds since a reading of the monotonic clock."""
    return round((time.monotonic() - since) * 1000, 1)


def _place(error: Exception) -> str:
    """Return the kind and the place; the message of a library's exception may hold the input."""
    frames = "".join(traceback.format_tb(error.__traceback__))
    return f"unexpected {type(error).__name__}\n{frames}"
