"""How uvicorn runs: bounded heads, connections and reads, no banner, and a graceful shutdown."""

import asyncio
import socket
from functools import partial
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from receiver.limits import RETRY_AFTER, Holdings

HEAD_BYTES = 16 * 1024
HEAD_SECONDS = 10.0
"""What a client has for request line and headers."""
READ_BYTES = 32 * 1024
"""Most bytes that asyncio reads of a connection before the application counts them."""
BACKLOG = 2048
"""Connections that may wait in the kernel."""
ACCEPTED_AT_ONCE = 64
"""Connections that asyncio accepts before it looks after the others."""
SHUTDOWN_SECONDS = 9
"""Covers a dispatch; container hosts kill ten seconds after the signal to stop."""
BUSY = b'{"status":"error","error":"busy","detail":"too many connections; send it again later"}'
BUSY_RESPONSE = (
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: %d\r\nConnection: close\r\n"
    b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
) % (RETRY_AFTER, len(BUSY), BUSY)


def server_config(
    app: ASGIApp, max_connections: int, protocol: type["BoundedProtocol"] | None = None
) -> uvicorn.Config:
    """Return the server's configuration."""
    return uvicorn.Config(
        app,
        http=partial(protocol or BoundedProtocol, Holdings[BoundedProtocol](), max_connections),  # type: ignore[arg-type]
        ws="none",
        loop="asyncio",
        log_config=None,
        access_log=False,
        server_header=False,
        # X-Forwarded-For is read by us, as configured.
        proxy_headers=False,
        backlog=ACCEPTED_AT_ONCE,
        h11_max_incomplete_event_size=HEAD_BYTES,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )


class Server(uvicorn.Server):
    """Keeps the long queue in the kernel, which asyncio shortens to what it accepts at once."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to serve."""
        await super().startup(sockets)
        for listening in sockets or []:
            listening.listen(BACKLOG)


class BoundedProtocol(H11Protocol):
    """Bounds the number of connections, and the time that each has for a head.

    uvicorn itself waits for a head forever, and refuses new clients when there are too many.
    """

    head_seconds = HEAD_SECONDS

    def __init__(
        self, open_: Holdings["BoundedProtocol"], max_connections: int, **options: Any
    ) -> None:
        super().__init__(**options)
        self._open = open_
        self._max_connections = max_connections
        self._peer = ""
        self._head_timer: asyncio.TimerHandle | None = None

    @property
    def is_unfinished(self) -> bool:
        """Whether the client has to act: send a request or the rest of one, or read the answer."""
        cycle = self.cycle
        has_request = cycle is not None and not cycle.more_body and not cycle.response_complete
        return not has_request or self.flow.write_paused

    def drop(self) -> None:
        """Close the connection; a request that was begun is answered with a 503."""
        if self.cycle is None or not self.cycle.response_started:
            self.transport.write(BUSY_RESPONSE)
        self._forget()
        # What a client does not read would keep a closing connection open.
        unread = self.transport.get_write_buffer_size() > 0
        self.transport.abort() if unread else self.transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Make room for the connection, and start to wait for its first head."""
        super().connection_made(transport)  # type: ignore[arg-type]
        transport.max_size = READ_BYTES  # type: ignore[attr-defined]
        self._peer = self.client[0] if self.client else ""
        self._open.add(self._peer, self)
        self._start_head_timer()
        if self._open.count > self._max_connections:
            (self._open.oldest_unfinished() or self).drop()

    def data_received(self, data: bytes) -> None:
        """Stop the timer when a head is complete, start it when another one begins."""
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop_head_timer()
        elif self._head_timer is None and self.timeout_keep_alive_task is None:
            self._start_head_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._forget()
        super().connection_lost(exc)

    def _forget(self) -> None:
        self._stop_head_timer()
        self._open.remove(self._peer, self)

    def _start_head_timer(self) -> None:
        self._head_timer = self.loop.call_later(self.head_seconds, self.transport.abort)

    def _stop_head_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None
