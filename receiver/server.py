"""How uvicorn runs: bounded heads, connections and bytes in flight, and a graceful shutdown."""

import asyncio
from collections import Counter
from functools import partial
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from builder.errors import TooManyBodies
from receiver.answers import BUSY_SECONDS, failed
from receiver.body import DROPPED
from receiver.settings import Settings

HEAD_BYTES = 16 * 1024
HEAD_SECONDS = 10
"""From the connection, or from the answer before, to the end of the headers."""
READ_BYTES = 32 * 1024
"""Most bytes that asyncio reads of a connection before they are counted."""
BACKLOG = 384
"""Connections that wait in the kernel; asyncio may accept them all at once, beyond our limit."""
SHUTDOWN_SECONDS = 9
"""Covers a dispatch; container hosts kill ten seconds after the signal to stop."""
BUSY = bytes(failed(TooManyBodies(BUSY_SECONDS)).body)
BUSY_RESPONSE = (
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: %d\r\nConnection: close\r\n"
    b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
) % (BUSY_SECONDS, len(BUSY), BUSY)


def server_config(app: ASGIApp, settings: Settings) -> uvicorn.Config:
    """Return the server's configuration."""
    connections: dict[BoundedProtocol, str] = {}
    return uvicorn.Config(
        app,
        http=partial(BoundedProtocol, connections, settings),  # type: ignore[arg-type]
        ws="none",
        loop="asyncio",
        log_config=None,
        access_log=False,
        server_header=False,
        # X-Forwarded-For is read by us, as configured.
        proxy_headers=False,
        backlog=BACKLOG,
        h11_max_incomplete_event_size=HEAD_BYTES,
        timeout_keep_alive=HEAD_SECONDS,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )


class BoundedProtocol(H11Protocol):
    """Bounds the connections, the bytes that all of them hold, and the time that a head may take.

    uvicorn itself waits for a head forever, and refuses new clients when there are too many.
    """

    def __init__(
        self, connections: dict["BoundedProtocol", str], settings: Settings, **options: Any
    ) -> None:
        super().__init__(**options)
        self._connections = connections
        """All that are open, the oldest first, with the address of each."""
        self._settings = settings
        self._received = 0

    @property
    def is_under_way(self) -> bool:
        """Whether a request was begun and not answered."""
        return self.cycle is not None and not self.cycle.response_complete

    @property
    def is_unfinished(self) -> bool:
        """Whether the client has to act: send a request or the rest of one, or read the answer."""
        return not self.is_under_way or self.cycle.more_body or self.flow.write_paused

    @property
    def held_bytes(self) -> int:
        """What is kept of a request until it is answered."""
        return 0 if self.cycle is not None and self.cycle.response_started else self._received

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Make room for the connection, and start to wait for its first head."""
        super().connection_made(transport)  # type: ignore[arg-type]
        transport.max_size = READ_BYTES  # type: ignore[attr-defined]
        self._connections[self] = self.client[0] if self.client else ""
        self.timeout_keep_alive_task = self.loop.call_later(
            self.timeout_keep_alive, self.timeout_keep_alive_handler
        )
        if len(self._connections) > self._settings.max_connections:
            self._make_room()

    def data_received(self, data: bytes) -> None:
        """Count the bytes, and stop the timer when a head is complete.

        uvicorn would stop it at the first byte.
        """
        timer, self.timeout_keep_alive_task = self.timeout_keep_alive_task, None
        super().data_received(data)
        if timer is not None and self.is_under_way:
            timer.cancel()
        else:
            self.timeout_keep_alive_task = timer
        self._received += len(data)
        while sum(one.held_bytes for one in self._connections) > self._settings.max_buffered_bytes:
            self._make_room()

    def on_response_complete(self) -> None:
        """Start to count anew."""
        self._received = 0
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._connections.pop(self, None)
        super().connection_lost(exc)

    def _make_room(self) -> None:
        """Drop the oldest unfinished connection of the address that has the most.

        A flood from a few addresses thus drops its own connections, not those of honest senders.
        """
        unfinished = [one for one in self._connections if one.is_unfinished]
        count = Counter(self._connections.values())
        max(unfinished, key=lambda one: count[self._connections[one]], default=self).drop()

    def drop(self) -> None:
        """Close the connection; a request that was begun is answered with a 503."""
        if self.cycle is None or not self.cycle.response_started:
            self.transport.write(BUSY_RESPONSE)
        if self.cycle is not None:
            self.cycle.scope["state"][DROPPED] = True
            self.cycle.disconnected = True
        del self._connections[self]
        # What a client does not read would keep a closing connection open.
        unread = self.transport.get_write_buffer_size() > 0
        self.transport.abort() if unread else self.transport.close()
