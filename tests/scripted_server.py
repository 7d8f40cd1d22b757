"""A scripted HTTP server on loopback."""

import contextlib
import json
import socket
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Scripted:
    """An answer to give; RESET cuts the connection instead."""

    status: int = 200
    body: Any = b""
    headers: dict[str, str] = field(default_factory=dict)


RESET = Scripted(status=0)


@dataclass
class Received:
    """A request that came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class ScriptedServer:
    """Answers with `script` in order, the last one again and again; remembers what came."""

    url: str = ""
    script: list[Scripted] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)

    def take(self) -> Scripted:
        return self.script.pop(0) if len(self.script) > 1 else self.script[0]


class Handler(BaseHTTPRequestHandler):
    """Answers as the plan says."""

    plan: ScriptedServer

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.plan.received.append(Received(self.command, self.path, headers, body))
        scripted = self.plan.take()
        if scripted is RESET:
            self._reset()
        else:
            self._answer(scripted)

    do_POST = do_PUT = do_GET  # noqa: N815 - names of the base class

    def _answer(self, scripted: Scripted) -> None:
        body = scripted.body
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(scripted.status)
        for name, value in ({"Content-Type": "application/json"} | scripted.headers).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _reset(self) -> None:
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.close_connection = True
        self.connection.close()

    def finish(self) -> None:
        # After a reset there is nothing left to flush to.
        with contextlib.suppress(OSError):
            super().finish()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@contextlib.contextmanager
def serving() -> Iterator[ScriptedServer]:
    """Serve on a free port."""
    plan = ScriptedServer()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Planned", (Handler,), {"plan": plan}))
    plan.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield plan
    server.shutdown()
    server.server_close()
    thread.join()
