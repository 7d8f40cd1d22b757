"""A server's connection that the application can cut, as a network does."""

import asyncio
import socket
import struct
from functools import partial

from uvicorn.protocols.http.h11_impl import H11Protocol

RESET = "reset"
"""In `scope["state"]`: a function that resets the connection of the request."""


class Connection(H11Protocol):
    """HTTP/1.1 by uvicorn, with RESET for the application."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, RESET: partial(_reset, transport)}


def _reset(transport: asyncio.Transport) -> None:
    """Close with RST: what lingers is dropped."""
    linger = struct.pack("ii", 1, 0)
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    transport.abort()
