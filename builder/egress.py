"""A way out through a proxy of ours: for a page under verification, and for build scripts.

A name is resolved here, once, and the connection goes to the address that was looked at: a second
answer of the DNS changes nothing.
"""

import math
import select
import socket
from collections.abc import Callable, Container, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Self

from builder.addresses import is_public

CONNECT_SECONDS = 5.0
IDLE_SECONDS = 30.0
ADDRESSES_TRIED = 3
CHUNK = 65_536


def addresses(host: str, port: int) -> list[str]:
    """Return the addresses that the machine's resolver gives for `host`. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class AddressRefused(Exception):
    """A host has no public address, or the port is not allowed."""


@dataclass(frozen=True)
class Network:
    """What lies behind a proxy: how names are resolved, and which addresses may be reached."""

    resolve: Callable[[str, int], list[str]] = addresses
    may_reach: Callable[[str], bool] = is_public
    ports: Container[int] | None = None
    """Those that may be reached; None for all."""
    hosts: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    """Names that are reached at an address and port of ours, public or not."""

    def connect(self, host: str, port: int) -> socket.socket:
        """Connect to `host`, resolved once. Raises AddressRefused, OSError."""
        if place := self.hosts.get(host):
            return socket.create_connection(place, timeout=IDLE_SECONDS)
        if self.ports is not None and port not in self.ports:
            raise AddressRefused(f"{host}:{port}")
        allowed = [found for found in self.resolve(host, port) if self.may_reach(found)]
        if not allowed:
            raise AddressRefused(host)
        failure = OSError(f"no address of {host} was tried")
        for address in allowed[:ADDRESSES_TRIED]:
            try:
                upstream = socket.create_connection((address, port), timeout=CONNECT_SECONDS)
            except OSError as error:
                failure = error
            else:
                upstream.settimeout(IDLE_SECONDS)
                return upstream
        raise failure


INTERNET = Network()


class Proxy(ThreadingHTTPServer):
    """A proxy on `listener`, or on a free port of loopback; `exchange` answers what comes."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(
        self,
        exchange: "type[Exchange]",
        network: Network,
        refused: Callable[[str], None],
        listener: socket.socket | None = None,
    ) -> None:
        super().__init__(("127.0.0.1", 0), exchange, bind_and_activate=listener is None)
        if listener:
            self.socket.close()
            self.socket = listener
        self.network = network
        self.refused = refused
        """Is called with each host that was turned away."""
        self.left = {True: math.inf, False: math.inf}
        """Bytes that may still go through: of answers, and of what is sent."""
        self._counting = Lock()

    @contextmanager
    def running(self) -> Iterator[Self]:
        """Serve in a thread for as long as the block lasts."""
        thread = Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.shutdown()
            self.server_close()
            thread.join()

    def may_pass(self, size: int, *, is_answer: bool) -> bool:
        """Count bytes that are to go through; return whether they may."""
        with self._counting:
            self.left[is_answer] -= size
            return self.left[is_answer] >= 0

    def handle_error(self, request: object, client_address: object) -> None:
        """Keep quiet: a client that goes away cuts its connections."""


class Exchange(BaseHTTPRequestHandler):
    """One connection to a proxy; tunnels TLS."""

    server: Proxy
    protocol_version = "HTTP/1.1"
    timeout = IDLE_SECONDS

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Keep quiet: `refused` reports what matters."""

    def do_CONNECT(self) -> None:
        """Tunnel to a host that may be reached."""
        self.close_connection = True
        host, _, port = self.path.rpartition(":")
        upstream = self.connect(host.strip("[]"), port)
        if upstream:
            with upstream:
                self.send_response_only(HTTPStatus.OK)
                self.end_headers()
                self.tunnel(upstream)

    def connect(self, host: str, port: str) -> socket.socket | None:
        """Return a connection, or None after answering why there is none."""
        try:
            return self.server.network.connect(host, int(port))
        except AddressRefused:
            self.server.refused(host)
            self.answer(HTTPStatus.FORBIDDEN)
        except (OSError, ValueError):
            self.answer(HTTPStatus.BAD_GATEWAY)
        return None

    def tunnel(self, upstream: socket.socket) -> None:
        """Copy both ways until one side ends, both are silent, or no more may pass."""
        other = {self.connection: upstream, upstream: self.connection}
        while ready := select.select(list(other), [], [], IDLE_SECONDS)[0]:
            for side in ready:
                chunk = side.recv(CHUNK)
                if not chunk or not self.server.may_pass(len(chunk), is_answer=side is upstream):
                    return
                other[side].sendall(chunk)

    def answer(
        self, status: int, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> None:
        """Answer in place of a server."""
        self.send_response_only(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
