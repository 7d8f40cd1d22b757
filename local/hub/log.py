"""The log of what was asked of the hub, which tests and the demo count."""

from dataclasses import dataclass, field

from starlette.types import ASGIApp, Message, Receive, Scope, Send

GIT = ("/info/refs", "/git-upload-pack", "/git-receive-pack")
"""Ends of the paths of git's smart protocol."""


@dataclass(frozen=True)
class LoggedRequest:
    """One answered request; `path` without the query."""

    method: str
    path: str
    status: int


@dataclass
class RequestLog:
    """Requests in the order of their answers: REST and git in one list, Pages in another."""

    calls: list[LoggedRequest] = field(default_factory=list)
    pages: list[LoggedRequest] = field(default_factory=list)

    def add(self, method: str, path: str, status: int) -> None:
        """Note a request; the overview's own are left out."""
        request = LoggedRequest(method, path, status)
        if path.startswith("/pages/"):
            self.pages.append(request)
        elif path.startswith("/api/") or path.endswith(GIT):
            self.calls.append(request)


class LogRequests:
    """Middleware that notes each request as its answer begins."""

    def __init__(self, app: ASGIApp, log: RequestLog) -> None:
        self._app = app
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._log.add(scope["method"], scope["path"], message["status"])
            await send(message)

        await self._app(scope, receive, noting)
