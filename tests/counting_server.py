"""A real server in a thread that notes each connection, also one on which nothing is asked."""

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Exchange = BaseHTTPRequestHandler


@contextmanager
def counting(
    address: str,
    answer: Callable[[Exchange], None],
    heard: list[str],
    tls: ssl.SSLContext | None = None,
) -> Iterator[int]:
    """Serve on a free port, which is yielded; `heard` gets a "tcp" for each connection."""

    class Handler(BaseHTTPRequestHandler):
        def _any(self) -> None:
            answer(self)

        do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = _any  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def verify_request(self, *_: object) -> bool:
            heard.append("tcp")
            return True

        def handle_error(self, *_: object) -> None:
            # Clients that go away.
            pass

    with Server((address, 0), Handler) as server:
        if tls:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server.server_port
        server.shutdown()


def send(exchange: Exchange, status: int, headers: dict[str, str], body: bytes) -> None:
    """Answer; a Content-Length among the headers may lie."""
    exchange.send_response(status)
    for name, value in ({"Content-Length": str(len(body))} | headers).items():
        exchange.send_header(name, value)
    exchange.end_headers()
    exchange.wfile.write(body)
