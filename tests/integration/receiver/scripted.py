"""A server on loopback that plays GitHub by a script, faults of the connection included."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from local.server import RESET, serve

SHA = "c0ffee" * 6 + "c0ff"
BUILD = {"path": ".github/workflows/build.yml", "state": "active"}


@dataclass(frozen=True)
class Reply:
    """An HTTP answer."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


class Reset:
    """The connection is cut."""


class Hang:
    """No answer comes until the client hangs up."""


class Well:
    """GitHub does what it is asked to."""


Step = Reply | Reset | Hang | Well


@dataclass(frozen=True)
class Call:
    """A request that came in; header names in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class ScriptedGitHub:
    """Answers with the steps of `script` in their order, then as GitHub when all is well."""

    def __init__(self) -> None:
        self.script: list[Step] = []
        self.calls: list[Call] = []
        self.events: list[str] = []
        """Build ids of the events that it holds."""
        self.connections: set[Any] = set()
        self.url = ""

    async def answer(self, request: Request) -> Response:
        body = await request.body()
        call = Call(request.method, request.url.path, dict(request.headers), body)
        self.calls.append(call)
        self.connections.add(request.client)
        match self.script.pop(0) if self.script else Well():
            case Reply(status, headers, content):
                return Response(content, status, dict(headers))
            case Reset():
                request.scope["state"][RESET]()
            case Hang():
                while not await request.is_disconnected():
                    await request.receive()
            case Well():
                return self._do(call)
        return Response()

    def _do(self, call: Call) -> Response:
        if call.path.endswith("/dispatches"):
            self.events.append(call.json()["client_payload"]["id"])
            return Response(status_code=204)
        if call.path.endswith("/git/blobs"):
            return Response(json.dumps({"sha": SHA}), 201)
        return Response(json.dumps({"workflows": [BUILD]}))


@contextmanager
def scripted_github() -> Iterator[ScriptedGitHub]:
    """Serve on a free port in a thread of its own."""
    github = ScriptedGitHub()
    route = Route("/{path:path}", github.answer, methods=["GET", "POST"])
    with serve(Starlette(routes=[route])) as url:
        github.url = url
        yield github
