"""Takes in bodies: each within a size and a time, the large ones together within a room."""

import asyncio

from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest

from builder.errors import MalformedRequest, RequestTooLarge, RequestTooSlow, TooManyBodies

SMALL = 64 * 1024
"""Bytes of each body that take no room, so that large ones never shut out the usual ones."""


class Intake:
    """Bodies of at most `limit` bytes in at most `seconds`; `room` bytes for all at once."""

    def __init__(self, limit: int, seconds: float, room: int) -> None:
        self._limit = limit
        self._seconds = seconds
        self._room = room

    async def read(self, http: HttpRequest) -> bytes:
        """Return a body.

        A declared length over the limit is refused before anything is read, a chunked body as soon
        as it passes the limit.
        Raises RequestTooLarge, RequestTooSlow, TooManyBodies, MalformedRequest.
        """
        if _declared_length(http) > self._limit:
            raise RequestTooLarge(self._limit)
        try:
            async with asyncio.timeout(self._seconds):
                return await self._collect(http)
        except TimeoutError as error:
            raise RequestTooSlow(self._seconds) from error
        except ClientDisconnect as error:
            raise MalformedRequest("the connection was closed within the body") from error

    async def _collect(self, http: HttpRequest) -> bytes:
        collected = bytearray()
        taken = 0
        try:
            async for chunk in http.stream():
                collected += chunk
                if len(collected) > self._limit:
                    raise RequestTooLarge(self._limit)
                more = max(0, len(collected) - SMALL) - taken
                if more > self._room:
                    raise TooManyBodies(self._seconds)
                taken += more
                self._room -= more
        finally:
            self._room += taken
        return bytes(collected)


def _declared_length(http: HttpRequest) -> int:
    declared = http.headers.get("content-length", "")
    return int(declared) if declared.isdecimal() else 0
