"""A scripted HTTP server on loopback."""

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from local.server import RESET as CUT
from local.server import serve


@dataclass
class Scripted:
    """An answer to give; RESET cuts the connection instead."""

    status: int = 200
    body: Any = b""
    headers: dict[str, str] = field(default_factory=dict)


RESET = Scripted(status=0)


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
        scripted = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if scripted is RESET:
            request.scope["state"][CUT]()
        body = scripted.body
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"} | scripted.headers
        return Response(content, scripted.status or 500, headers)


@contextlib.contextmanager
def serving() -> Iterator[ScriptedServer]:
    """Serve on a free port."""
    server = ScriptedServer()
    route = Route("/{path:path}", server.answer, methods=["GET", "POST", "PUT", "DELETE"])
    with serve(Starlette(routes=[route])) as server.url:
        yield server
