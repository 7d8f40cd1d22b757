"""Reads request bodies, bounded in size and time; all of them together are bounded in server.py."""

import asyncio

from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest
from starlette.types import Message, Scope

from builder.errors import RequestTooLarge, RequestTooSlow, TooManyBodies
from receiver.answers import BUSY_SECONDS

DROPPED = "receiver.dropped"
"""In the state of a request whose connection was closed to make room for others."""


async def read_body(http: HttpRequest, limit: int, seconds: float) -> bytearray:
    """Return a body of at most `limit` bytes that is complete within `seconds`.

    A declared length over the limit is refused before anything is read, a chunked body as soon as
    it passes the limit. Raises RequestTooLarge, RequestTooSlow, TooManyBodies, ClientDisconnect.
    """
    declared = http.headers.get("content-length", "")
    _check_size(int(declared) if declared.isdecimal() else 0, limit)
    try:
        async with asyncio.timeout(seconds):
            return await _receive(http, limit)
    except TimeoutError as error:
        message = f"the request's body was not complete after {seconds:g} seconds"
        raise RequestTooSlow(message) from error


async def _receive(http: HttpRequest, limit: int) -> bytearray:
    body, has_more = bytearray(), True
    while has_more:
        # Not `http.stream()`: it would keep the last chunk while it waits for the next.
        has_more = _append(await http.receive(), body, http.scope)
        _check_size(len(body), limit)
    return body


def _check_size(size: int, limit: int) -> None:
    if size > limit:
        raise RequestTooLarge(f"the request is too large: at most {limit} bytes are taken")


def _append(message: Message, body: bytearray, scope: Scope) -> bool:
    """Add a message of the server to the body; return whether there is more."""
    if message["type"] == "http.disconnect":
        raise TooManyBodies(BUSY_SECONDS) if DROPPED in scope["state"] else ClientDisconnect
    body.extend(message.get("body", b""))
    return bool(message.get("more_body", False))
