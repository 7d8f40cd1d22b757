"""The hub as one ASGI application, and the log of what was asked of it."""

from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from local.hub import actions_api, git_http, pages_api, repositories
from local.hub.overview import Overview
from local.hub.rest import OPERATIONS, Backend, api_route, no_such_call
from local.hub.sites import Sites

ANSWERING = (repositories, pages_api, actions_api)
"""Modules that register operations when they are imported."""
GIT = ("/info/refs", "/git-upload-pack", "/git-receive-pack")
"""Ends of the paths of git's smart protocol."""


@dataclass(frozen=True)
class LoggedRequest:
    """One answered request; `path` without the query."""

    method: str
    path: str
    status: int


class LogRequests:
    """Middleware that notes each REST and git request as its answer begins."""

    def __init__(self, app: ASGIApp, log: list[LoggedRequest]) -> None:
        self._app = app
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                path = scope["path"]
                if path.startswith("/api/") or path.endswith(GIT):
                    self._log.append(LoggedRequest(scope["method"], path, message["status"]))
            await send(message)

        await self._app(scope, receive, noting if scope["type"] == "http" else send)


def create_app(backend: Backend, log: list[LoggedRequest], time_scale: float) -> Starlette:
    """Wire the routes: the API, the sites, git, and pages for people."""
    every = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    return Starlette(
        routes=[
            *(api_route(operation, backend) for operation in OPERATIONS),
            Route("/api/{path:path}", no_such_call, methods=every),
            *Sites(backend.store, backend.builds, time_scale).routes(),
            *git_http.routes(backend),
            *Overview(backend).routes(),
        ],
        middleware=[Middleware(LogRequests, log=log)],
    )
