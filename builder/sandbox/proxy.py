"""The way out of the sandbox: GET and HEAD, to public addresses, a bounded number of bytes.

Of plain HTTP it sees method, host and size. Of TLS, which it tunnels, it sees the host and counts
bytes: there a program may use another method too, with no more than `SENT_BYTES` in all.
"""

import socket
from http import HTTPStatus
from urllib.parse import urlsplit

from builder.egress import CHUNK, Exchange, Network, Proxy

ANSWER_BYTES = 20 * 1024 * 1024
SENT_BYTES = 512 * 1024
"""Enough for some hundred requests, too little to carry much away."""
PUBLIC = Network(ports=frozenset({80, 443}))
USER_AGENT = "briefship (builds small web apps from public data)"
"""For plain HTTP where the program names none; servers such as Wikipedia's refuse without one."""
_DROPPED = frozenset(
    {"host", "connection", "proxy-connection", "proxy-authorization", "keep-alive"}
    | {"content-length", "transfer-encoding", "expect", "upgrade"}
)
"""Headers that are about the connection, or about a body, which is never sent."""


class ScriptProxy(Proxy):
    """Serves a socket that listens inside of the sandbox."""

    def __init__(self, listener: socket.socket, network: Network) -> None:
        self.turned_away: list[str] = []
        """Hosts without a public address that were asked for."""
        super().__init__(_ScriptExchange, network, self.turned_away.append, listener)
        self.left = {True: ANSWER_BYTES, False: SENT_BYTES}


class _ScriptExchange(Exchange):
    server: ScriptProxy

    def do_GET(self) -> None:  # noqa: N802 - the base's name
        """Send the request on without a body, and its answer back; HEAD too."""
        self.close_connection = True
        url = urlsplit(self.path)
        if url.scheme != "http" or not url.hostname:
            self.answer(HTTPStatus.BAD_REQUEST)
        elif upstream := self.connect(url.hostname, str(url.port or 80)):
            target = (url.path or "/") + (f"?{url.query}" if url.query else "")
            headers = {"User-Agent": USER_AGENT, **dict(self._kept())}
            lines = [f"{self.command} {target} HTTP/1.1", f"Host: {url.netloc.rpartition('@')[2]}"]
            lines += [f"{name}: {value}" for name, value in headers.items()]
            head = "\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1")
            with upstream:
                if self.server.may_pass(len(head), is_answer=False):
                    upstream.sendall(head)
                    self._pass_on(upstream)

    do_HEAD = do_GET  # noqa: N815 - the base's name

    def _pass_on(self, upstream: socket.socket) -> None:
        for chunk in iter(lambda: upstream.recv(CHUNK), b""):
            if not self.server.may_pass(len(chunk), is_answer=True):
                return
            self.wfile.write(chunk)

    def _kept(self) -> list[tuple[str, str]]:
        return [(k.title(), v) for k, v in self.headers.items() if k.lower() not in _DROPPED]
