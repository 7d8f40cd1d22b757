"""A page for people: repositories, sites, runs with their logs as they grow, callbacks."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from local.hub.objects import Links
from local.hub.parts import Parts

HEADERS = {
    # What came from outside is escaped; should that fail, it still runs nothing.
    "Content-Security-Policy": "default-src 'none'; connect-src 'self'; script-src 'self'; "
    "style-src 'self'; base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
FOLDER = Path(__file__).parent / "overview_page"
EVALUATOR_TIMEOUT = 2
"""Seconds that the page waits for the evaluator."""


class Overview:
    """The pages at `/`; `evaluator_url` is where callbacks are listed, if anywhere."""

    def __init__(self, parts: Parts, evaluator_url: str | None) -> None:
        self._parts = parts
        self._evaluator_url = evaluator_url
        self._templates = Environment(
            loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined
        )
        self._templates.filters["clock"] = clock

    def routes(self) -> list[Route]:
        """Return the routes; `/overview/state` is the part that the page asks for again."""
        return [
            Route("/", self._page("index.html", self._state)),
            Route("/overview/state", self._page("state.html", self._state)),
            Route("/overview/runs/{run_id:int}", self._page("run.html", self._run)),
            Route("/overview/runs/{run_id:int}/log", self._log),
            Route("/overview/{asset}", _asset),
        ]

    def _page(
        self, template: str, context: Callable[[Request], dict[str, Any] | None]
    ) -> Callable[[Request], Response]:
        def answer(request: Request) -> Response:
            values = context(request)
            if values is None:
                return PlainTextResponse("not found\n", 404, headers=HEADERS)
            page = self._templates.get_template(template).render(values)
            return HTMLResponse(page, headers=HEADERS)

        return answer

    def _state(self, request: Request) -> dict[str, Any]:
        repositories = self._parts.store.repositories()
        for repository in repositories:
            self._parts.builds.settle(repository)
        return {
            "links": Links(str(request.base_url).rstrip("/")),
            "repositories": [
                (repository, self._parts.git(repository).branches().get(repository.default_branch))
                for repository in repositories
            ],
            "runs": list(reversed(self._parts.store.runs())),
            "callbacks": self._callbacks(),
            "lists_callbacks": self._evaluator_url is not None,
        }

    def _callbacks(self) -> list[dict[str, Any]]:
        if self._evaluator_url is None:
            return []
        try:
            address = f"{self._evaluator_url.rstrip('/')}/callbacks"
            listed = httpx.get(address, timeout=EVALUATOR_TIMEOUT).raise_for_status().json()
        except (httpx.HTTPError, ValueError):
            return []
        return [entry for entry in reversed(listed) if isinstance(entry, dict)]

    def _run(self, request: Request) -> dict[str, Any] | None:
        run = self._parts.store.run(request.path_params["run_id"])
        return {"run": run} if run else None

    def _log(self, request: Request) -> Response:
        """Answer the log from the byte `from` on, and whether there is more to come."""
        run = self._parts.store.run(request.path_params["run_id"])
        if run is None:
            return PlainTextResponse("not found\n", 404, headers=HEADERS)
        state = run.conclusion or run.status
        start = request.query_params.get("from", "0")
        log = self._parts.runs.log(run.id)[int(start) if start.isdecimal() else 0 :]
        about = {"X-Run-State": state, "X-Run-Done": str(run.status == "completed").lower()}
        return Response(log, media_type="text/plain; charset=utf-8", headers=HEADERS | about)


def _asset(request: Request) -> Response:
    """Answer the page's own style and scripts."""
    types = {".css": "text/css", ".js": "text/javascript"}
    path = FOLDER / Path(request.path_params["asset"]).name
    if path.suffix not in types or not path.is_file():
        return PlainTextResponse("not found\n", 404, headers=HEADERS)
    return Response(path.read_bytes(), media_type=types[path.suffix], headers=HEADERS)


def clock(seconds: float) -> str:
    """Return the time of day, in UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%H:%M:%S")
