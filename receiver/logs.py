"""The log: one line a request, as text or JSON; and no exception or unread body gets past it."""

import asyncio
import json
import logging
import string
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
UNQUOTED = frozenset(string.ascii_letters + string.digits + "-_./,:")


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
        level, message = record.levelname.lower(), record.getMessage()
        if record.exc_info:
            message += "\n" + self.formatException(record.exc_info)
        fields = getattr(record, "fields", {})
        if self._as_json:
            return json.dumps({"time": moment, "level": level, "message": message, **fields})
        pairs = "".join(f" {name}={_quoted(str(value))}" for name, value in fields.items())
        return f"{moment} {level} {message}{pairs}"


def _quoted(text: str) -> str:
    return text if set(text) <= UNQUOTED else json.dumps(text)


@dataclass
class RequestRecord:
    """What is logged of one request; it is `scope["record"]`."""

    began: float = field(default_factory=time.monotonic)
    status: int = 0
    fields: dict[str, Any] = field(default_factory=dict)
    body_read: bool = False

    def note(self, **fields: Any) -> None:
        """Add fields to the log line."""
        self.fields.update(fields)

    def milliseconds(self, since: float) -> float:
        """Return the milliseconds since a reading of the monotonic clock."""
        return round((time.monotonic() - since) * 1000, 1)


class RequestMiddleware:
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
        record = scope["record"] = RequestRecord(body_read=not _has_body(scope))
        await self._handle(record, scope, receive, send)
        fields = {
            "method": scope["method"] if scope["method"] in {"GET", "POST", "HEAD"} else "other",
            "path": scope["path"] if scope["path"] in self._paths else "other",
            "status": record.status,
            **record.fields,
            "ms": record.milliseconds(record.began),
        }
        log.info("request", extra={"fields": fields})

    async def _handle(
        self, record: RequestRecord, scope: Scope, receive: Receive, send: Send
    ) -> None:
        async def receive_noting_the_end() -> Message:
            message = await receive()
            record.body_read |= not message.get("more_body", False)
            return message

        async def send_noting_the_status(message: Message) -> None:
            if message["type"] == "http.response.start":
                record.status = message["status"]
                if not record.body_read:
                    message["headers"] = [*message["headers"], (b"connection", b"close")]
            elif not record.body_read and not message.get("more_body", False):
                await send({**message, "more_body": True})
                await _discard(receive_noting_the_end, record)
                message = {"type": "http.response.body"}
            await send(message)

        try:
            await self._app(scope, receive_noting_the_end, send_noting_the_status)
        except Exception as error:  # noqa: BLE001 - the server would log the message and the input
            log.error(_place(error), extra={"fields": record.fields})
            if not record.status:
                await failed(error)(scope, receive, send_noting_the_status)


async def _discard(receive: Receive, record: RequestRecord) -> None:
    """Read the rest for a moment: closing a socket with unread data may lose the answer."""
    with suppress(TimeoutError):
        async with asyncio.timeout(LINGER_SECONDS):
            while not record.body_read:
                await receive()


def _has_body(scope: Scope) -> bool:
    return any(name in {b"content-length", b"transfer-encoding"} for name, _ in scope["headers"])


def _place(error: Exception) -> str:
    """Return the kind and the place; the message of a library's exception may hold the input."""
    frames = "".join(traceback.format_tb(error.__traceback__))
    return f"unexpected {type(error).__name__}\n{frames}"
