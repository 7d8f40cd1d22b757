"""Requests for real data and real code, with the replies of models that saw only the prompts.

Each folder below `tests/data/build_cases` has `request.json`; what was recorded for it are
`reading.md`, `reply-1.md` (the app), `reply-2.md` (its first repair) and so on, and `scenarios.md`.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Route

from builder.request import Request
from local.model import NO_READING, NO_SCENARIOS, ScriptedModel
from local.script import Answer
from local.server import serve

FOLDER = Path(__file__).parent / "data" / "build_cases"
PLAIN_CLIENTS = ("python-", "Python-", "curl")
"""Clients that say no more of themselves: such servers refuse them."""


@dataclass(frozen=True)
class BuildCase:
    """One request, and what a model answered, as far as it is recorded."""

    folder: Path

    @property
    def request(self) -> Request:
        return Request.from_wire(json.loads((self.folder / "request.json").read_text()))

    @property
    def replies(self) -> list[str]:
        return [file.read_text() for file in sorted(self.folder.glob("reply-*.md"))]

    @property
    def model(self) -> ScriptedModel:
        return ScriptedModel(
            *self.replies,
            reading=self._recorded("reading.md") or NO_READING,
            scenarios=self._recorded("scenarios.md") or NO_SCENARIOS,
        )

    def _recorded(self, name: str) -> Answer | None:
        file = self.folder / name
        return Answer(file.read_text()) if file.exists() else None


CASES = {folder.name: BuildCase(folder) for folder in sorted(FOLDER.iterdir())}


STATIONS = [
    {
        "id": f"st-{number:03}",
        "name": f"Station {number}",
        "temperature": f"{(number * 37) % 423 / 10 - 11:.1f}",
    }
    for number in range(1, 138)
]
"""Temperatures in text, from -11.0 upwards, none of them in order."""
SENSORS = [
    {"sensor": f"S{number}", "ppm": (number * 7919) % 1213, "room": f"R{number % 9}"}
    for number in range(1, 91)
]


@dataclass
class DataServer:
    """A public server with an awkward interface; `hosts` is the setting by which it is reached."""

    port: int
    heard: list[tuple[str, str]]
    """Method and path, and the client."""

    @property
    def hosts(self) -> str:
        names = ("api.stations.example", "api.sensors.example")
        return ",".join(f"{name}=127.0.0.1:{self.port}" for name in names)


def stations(query: dict[str, list[str]]) -> dict[str, Any]:
    """Return a page of 50: the next one is told by a relative link."""
    start = int(query.get("cursor", ["c0"])[0][1:])
    rest = f"/v1/stations?cursor=c{start + 50}" if start + 50 < len(STATIONS) else None
    return {"stations": STATIONS[start : start + 50], "links": {"next": rest}}


def sensors(query: dict[str, list[str]]) -> dict[str, Any]:
    """Return a page of 30: the last one wraps its items, as its server is a newer one."""
    page = int(query.get("page", ["1"])[0])
    items = SENSORS[(page - 1) * 30 : page * 30]
    pages = {"page": page, "pages": 3}
    return {"items": items, **pages} if page < 3 else {"data": {"items": items}, **pages}


@contextmanager
def data_server() -> Iterator[DataServer]:
    """Serve both interfaces on a free port; who says nothing of himself gets 403."""
    heard: list[tuple[str, str]] = []
    answers = {"/v1/stations": stations, "/v1/sensors": sensors}

    def respond(request: HttpRequest) -> Response:
        client = request.headers.get("User-Agent", "")
        query = request.url.query
        heard.append((f"GET {request.url.path}{query and f'?{query}'}", client))
        answer = answers.get(request.url.path)
        if not client or client.startswith(PLAIN_CLIENTS):
            return _json(403, {"error": "Set a descriptive User-Agent."})
        if answer is None:
            return _json(404, {"error": "not found"})
        return _json(200, answer(parse_qs(query)))

    with serve(Starlette(routes=[Route("/{path:path}", respond, methods=["GET"])])) as url:
        yield DataServer(urlsplit(url).port or 0, heard)


def _json(status: int, body: dict[str, Any]) -> Response:
    return Response(json.dumps(body), status, media_type="application/json")
