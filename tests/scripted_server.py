"""A scripted HTTP server on loopback."""

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from local.server import RESET as CUT
from local.server import serve


@dataclass
class Scripted:
    """An answer to give; RESET cuts the connection instead, HANG gives none."""

    status: int = 200
    body: Any = b""
    headers: dict[str, str] = field(default_factory=dict)


RESET = Scripted(status=0)
HANG = Scripted(status=0)


@dataclass
class Received:
    """A request that came; `path` with its query, the names of headers in lower case."""

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

    async def answer(self, request: Request) -> Response:
        """Return the next answer of the script."""
        query = f"?{request.url.query}" if request.url.query else ""
        path = request.scope["raw_path"].decode() + query
        received = Received(request.method, path, dict(request.headers), await request.body())
        self.received.append(received)
        scripted = self.next(received)
        if scripted is RESET:
            request.scope["state"][CUT]()
        while scripted is HANG and not await request.is_disconnected():
            await request.receive()
        body = scripted.body
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"} | scripted.headers
        return Response(content, scripted.status or 500, headers)

    def next(self, _: Received) -> Scripted:
        return self.script.pop(0) if len(self.script) > 1 else self.script[0]


Server = TypeVar("Server", bound=ScriptedServer)


@contextlib.contextmanager
def serving(server: Server) -> Iterator[Server]:
    """Serve on a free port."""
    route = Route("/{path:path}", server.answer, methods=["GET", "POST", "PUT", "DELETE"])
    with serve(Starlette(routes=[route])) as server.url:
        yield server
