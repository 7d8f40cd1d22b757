"""Serves an ASGI application on a loopback port while a `with` block lasts."""

import asyncio
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

RESET = "reset"
"""In `scope["state"]`: a function that resets the connection, as a network does."""
PAUSE = 0.005
GRACE = 2
"""Seconds for open requests to finish when the server stops."""


class Connection(H11Protocol):
    """HTTP/1.1 by uvicorn, with RESET for the application."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, RESET: partial(_reset, transport)}


def _reset(transport: asyncio.Transport) -> None:
    """Close with RST, dropping unsent data."""
    linger = struct.pack("ii", 1, 0)
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    transport.abort()


@contextmanager
def serve(app: ASGIApp, port: int = 0) -> Iterator[str]:
    """Serve `app` on 127.0.0.1 and yield its URL; port 0 takes a free one.

    Raises OSError when the port is taken, RuntimeError when the application does not start.
    """
    listener = _listen(port)
    config = uvicorn.Config(
        app,
        http=Connection,
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="on",
        timeout_graceful_shutdown=GRACE,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=_run, args=(server, listener), daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(PAUSE)
    try:
        if not server.started:
            raise RuntimeError("the application did not start; its log says why")
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def _run(server: uvicorn.Server, listener: socket.socket) -> None:
    # uvicorn exits if the application does not start; `started` says so.
    with suppress(SystemExit):
        server.run([listener])


def _listen(port: int) -> socket.socket:
    # With the protocol named, asyncio turns Nagle's delay off: 40 ms for each answer.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen(2048)
    except OSError:
        listener.close()
        raise
    return listener
