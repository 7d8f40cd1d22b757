"""Bounds on what senders may hold: bytes of request bodies, and connections (see server.py)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from starlette.requests import Request as HttpRequest
from starlette.types import Message

from builder.errors import MalformedRequest, RequestTooLarge, RequestTooSlow, TooManyBodies

RETRY_AFTER = 10
"""Seconds after which a sender that was dropped should try again."""


class Held(Protocol):
    """Something that a sender holds."""

    @property
    def is_unfinished(self) -> bool:
        """Whether we are waiting for the sender, so that it may be dropped."""


T = TypeVar("T", bound=Held)


class Holdings(Generic[T]):
    """What each sender holds, in the order in which it came."""

    def __init__(self) -> None:
        self._by_sender: dict[str, dict[T, None]] = {}
        self.count = 0

    def add(self, sender: str, item: T) -> None:
        """Note that `sender` holds `item`."""
        self._by_sender.setdefault(sender, {})[item] = None
        self.count += 1

    def remove(self, sender: str, item: T) -> None:
        """Forget `item`, unless it is forgotten already."""
        held = self._by_sender.get(sender, {})
        if item in held:
            del held[item]
            self.count -= 1
        if not held:
            self._by_sender.pop(sender, None)

    def oldest_unfinished(self) -> T | None:
        """Return the oldest unfinished item of the sender that holds the most items.

        A flood from a few addresses thus drops its own connections, not those of honest senders.
        """
        for held in sorted(self._by_sender.values(), key=len, reverse=True):
            for item in held:
                if item.is_unfinished:
                    return item
        return None


@dataclass(eq=False)
class Body:
    """A request body that is being received."""

    timeout: asyncio.Timeout
    content: bytearray = field(default_factory=bytearray)
    is_dropped: bool = False

    @property
    def is_unfinished(self) -> bool:
        """Whether it may be dropped."""
        return not self.is_dropped

    def drop(self) -> None:
        """Free the bytes now; the task that receives the body ends at its next step."""
        self.is_dropped = True
        self.content = bytearray()
        if not self.timeout.expired():
            self.timeout.reschedule(asyncio.get_running_loop().time())


class BodyReader:
    """Reads bodies of at most `limit` bytes in at most `seconds`, `room` bytes in all at once."""

    def __init__(self, limit: int, seconds: float, room: int) -> None:
        self._limit = limit
        self._seconds = seconds
        self._room = room
        self._unfinished = Holdings[Body]()

    @asynccontextmanager
    async def read(self, http: HttpRequest, sender: str) -> AsyncIterator[bytearray]:
        """Yield the body; its bytes count as in flight until the block ends.

        A declared length over the limit is refused before anything is read, a chunked body as soon
        as it passes the limit.
        Raises RequestTooLarge, RequestTooSlow, TooManyBodies, MalformedRequest.
        """
        if _declared_length(http) > self._limit:
            raise RequestTooLarge(self._limit)
        body = Body(asyncio.timeout(self._seconds))
        try:
            await self._receive(http, body, sender)
            yield body.content
        finally:
            self._room += len(body.content)

    async def _receive(self, http: HttpRequest, body: Body, sender: str) -> None:
        self._unfinished.add(sender, body)
        try:
            async with body.timeout:
                # Not `http.stream()`: it would keep the last chunk while it waits for the next.
                while self._take(await http.receive(), body):
                    pass
        except TimeoutError as error:
            if not body.is_dropped:
                raise RequestTooSlow(self._seconds) from error
            raise TooManyBodies(RETRY_AFTER) from error
        finally:
            self._unfinished.remove(sender, body)

    def _take(self, message: Message, body: Body) -> bool:
        """Add a message of the server to the body; return whether there is more."""
        if message["type"] == "http.disconnect":
            raise MalformedRequest("the connection was closed within the body")
        chunk = message.get("body", b"")
        if len(body.content) + len(chunk) > self._limit:
            raise RequestTooLarge(self._limit)
        while self._room < len(chunk) and not body.is_dropped:
            oldest = self._unfinished.oldest_unfinished() or body
            self._room += len(oldest.content)
            oldest.drop()
        if body.is_dropped:
            raise TooManyBodies(RETRY_AFTER)
        body.content += chunk
        self._room -= len(chunk)
        return bool(message.get("more_body", False))


def _declared_length(http: HttpRequest) -> int:
    declared = http.headers.get("content-length", "")
    return int(declared) if declared.isdecimal() else 0
