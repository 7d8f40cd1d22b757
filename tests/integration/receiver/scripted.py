"""A scripted server that otherwise plays GitHub."""

from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from tests.scripted_server import Received, Scripted, ScriptedServer

SHA = "c0ffee" * 6 + "c0ff"
BUILD = {"path": ".github/workflows/build.yml", "state": "active"}
WELL = Scripted()
"""GitHub does what it is asked to."""


@dataclass
class ScriptedGitHub(ScriptedServer):
    """Answers with the steps of `script` in their order, then as GitHub when all is well."""

    events: list[str] = field(default_factory=list)
    """Build ids of the events that it holds."""
    connections: set[Any] = field(default_factory=set)

    async def answer(self, request: Request) -> Response:
        self.connections.add(request.client)
        return await super().answer(request)

    def next(self, received: Received) -> Scripted:
        scripted = self.script.pop(0) if self.script else WELL
        return self._done(received) if scripted is WELL else scripted

    def _done(self, received: Received) -> Scripted:
        if received.path.endswith("/dispatches"):
            self.events.append(received.json["client_payload"]["id"])
            return Scripted(204)
        if received.path.endswith("/git/blobs"):
            return Scripted(201, {"sha": SHA})
        return Scripted(200, {"workflows": [BUILD]})
