"""The page's only way out: a proxy that serves the site and tunnels TLS to public addresses.

Chromium hands every request to it, those to loopback too. A name is resolved here, once, and the
connection goes to the address that was looked at: a second answer of the DNS changes nothing.
"""

import select
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from builder.addresses import is_public
from builder.verify.hosting import Hosting

ORIGIN = "http://localhost"
"""Where the page finds the site: browsers take localhost for a secure context. Nothing listens
there; the proxy answers in its place."""

CONNECT_SECONDS = 5.0
IDLE_SECONDS = 30.0
ADDRESSES_TRIED = 3
CHUNK = 65_536


def addresses(host: str, port: int) -> list[str]:
    """Return the addresses that the machine's resolver gives for `host`. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class AddressRefused(Exception):
    """A host has no public address, so that a page may not make us call it."""


@dataclass(frozen=True)
class Network:
    """What lies behind the proxy: how names are resolved, and which addresses may be reached."""

    resolve: Callable[[str, int], list[str]] = addresses
    may_reach: Callable[[str], bool] = is_public

    def connect(self, host: str, port: int) -> socket.socket:
        """Connect to `host`, resolved once. Raises AddressRefused, OSError."""
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


class Egress(ThreadingHTTPServer):
    """The proxy on a free port of loopback; `refused` is told each host that was turned away."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(
        self, site: Hosting, refused: Callable[[str], None], network: Network = INTERNET
    ) -> None:
        super().__init__(("127.0.0.1", 0), _Exchange)
        self.site = site
        self.refused = refused
        self.network = network

    @property
    def url(self) -> str:
        """The address for `--proxy-server`."""
        return f"http://127.0.0.1:{self.server_port}"

    @contextmanager
    def running(self) -> Iterator["Egress"]:
        """Serve in a thread for as long as the block lasts."""
        thread = Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.shutdown()
            self.server_close()
            thread.join()

    def handle_error(self, request: object, client_address: object) -> None:
        """Keep quiet: a page that goes away cuts its connections."""


class _Exchange(BaseHTTPRequestHandler):
    server: Egress
    protocol_version = "HTTP/1.1"
    timeout = IDLE_SECONDS

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Keep quiet: what matters is told by `refused`."""

    def do_CONNECT(self) -> None:
        self.close_connection = True
        host, _, port = self.path.rpartition(":")
        upstream = self._connect(host.strip("[]"), int(port))
        if upstream:
            with upstream:
                self.send_response_only(HTTPStatus.OK)
                self.end_headers()
                _tunnel(self.connection, upstream)

    def _any(self) -> None:
        """Serve the site; anything else without TLS is blocked on Pages as mixed content."""
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if not self.path.startswith(f"{ORIGIN}/"):
            self._answer(HTTPStatus.FORBIDDEN, {}, b"")
        elif self.command not in {"GET", "HEAD"}:
            self._answer(HTTPStatus.METHOD_NOT_ALLOWED, {}, b"")
        else:
            self._serve(self.path.removeprefix(ORIGIN))

    # The names by which the base calls a verb's method.
    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _any  # noqa: N815

    def _serve(self, target: str) -> None:
        found = self.server.site.answer(target)
        headers = {"Content-Type": found.media_type, "Access-Control-Allow-Origin": "*"}
        if found.location:
            headers["Location"] = found.location
        self._answer(found.status, headers, found.body)

    def _connect(self, host: str, port: int) -> socket.socket | None:
        try:
            return self.server.network.connect(host, port)
        except AddressRefused:
            self.server.refused(host)
            self._answer(HTTPStatus.FORBIDDEN, {}, b"")
        except (OSError, ValueError):
            self._answer(HTTPStatus.BAD_GATEWAY, {}, b"")
        return None

    def _answer(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def _tunnel(client: socket.socket, upstream: socket.socket) -> None:
    """Copy both ways until one side ends or both are silent."""
    other = {client: upstream, upstream: client}
    while ready := select.select(list(other), [], [], IDLE_SECONDS)[0]:
        for side in ready:
            chunk = side.recv(CHUNK)
            if not chunk:
                return
            other[side].sendall(chunk)
