"""The routes: a request comes in, is let through, and is answered once GitHub holds it."""

import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse

from builder.errors import BriefshipError, GitHubRefused
from builder.request import Dispatch, Request
from receiver.address import client_address
from receiver.answers import Accepted, accepted, described, failed, kind_of
from receiver.auth import Gate
from receiver.body import Intake
from receiver.description import BODY, describe
from receiver.dispatch import Dispatcher
from receiver.middleware import Edge, Trace
from receiver.readiness import Readiness
from receiver.settings import Settings
from receiver.submission import Submission, parse

log = logging.getLogger("receiver")

TASK_PATHS = ("/handle_task", "/")
PATHS = frozenset({*TASK_PATHS, "/health", "/ready", "/docs", "/redoc", "/openapi.json"})


def create_app(
    settings: Settings,
    dispatcher: Dispatcher,
    *,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    monotonic: Callable[[], float] = time.monotonic,
) -> FastAPI:
    """Wire the routes; the dispatcher is closed when the server stops."""
    app = _application(settings, dispatcher)
    routes = Routes(settings, dispatcher, now, monotonic)
    failures = described(400, 403, 408, 413, 422, 429, 502, 503)
    for path in TASK_PATHS:
        route = app.post(path, response_model=Accepted, responses=failures, openapi_extra=BODY)
        route(routes.handle_task)
    app.get("/health")(routes.health)
    app.get("/ready", responses=described(502, 503))(routes.ready)
    return app


class Routes:
    """What each path does."""

    def __init__(
        self,
        settings: Settings,
        dispatcher: Dispatcher,
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
    ) -> None:
        self._settings = settings
        self._dispatcher = dispatcher
        self._now = now
        self._monotonic = monotonic
        self._gate = Gate(settings.task_secrets, settings.failed_secrets_per_minute, monotonic)
        self._intake = Intake(
            settings.max_request_bytes, settings.request_seconds, settings.max_buffered_bytes
        )
        self._readiness = Readiness(dispatcher.check, monotonic)

    async def handle_task(self, http: HttpRequest) -> JSONResponse:
        """Take a task; a 200 means that GitHub holds its event."""
        received_at = self._now()
        trace: Trace = http.scope["trace"]
        request = await self._let_in(http, trace)
        began = self._monotonic()
        try:
            await self._dispatcher.dispatch(Dispatch.of(request, received_at))
        finally:
            trace.note(dispatch_ms=trace.milliseconds(began))
        return accepted(request)

    async def health(self) -> dict[str, str]:
        """Tell that the process is alive."""
        return {"status": "ok"}

    async def ready(self) -> dict[str, str]:
        """Tell whether the token can see the repository; known for 30 seconds."""
        await self._readiness.confirm()
        return {"status": "ready"}

    async def _let_in(self, http: HttpRequest, trace: Trace) -> Request:
        address = client_address(http, self._settings.trusted_proxies)
        self._gate.admit(address)
        body = await self._intake.read(http)
        trace.note(bytes=len(body))
        began = self._monotonic()
        value = parse(body)
        if isinstance(value.get("secret"), str):
            self._gate.authenticate(address, value["secret"])
        request = Submission.from_wire(value).request()
        trace.note(build_id=request.build_id, validation_ms=trace.milliseconds(began))
        return request


def _application(settings: Settings, dispatcher: Dispatcher) -> FastAPI:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await dispatcher.aclose()

    app = FastAPI(
        title="briefship receiver",
        description="Takes briefs and hands them to GitHub.",
        lifespan=lifespan,
        redirect_slashes=False,
        openapi_url="/openapi.json" if settings.docs else None,
        exception_handlers={HTTPException: _fail, BriefshipError: _fail},
    )
    app.add_middleware(Edge, paths=PATHS)
    describe(app)
    return app


async def _fail(http: HttpRequest, error: Exception) -> JSONResponse:
    """Map an error to its answer, here and nowhere else."""
    http.scope["trace"].note(error=kind_of(error).name)
    if isinstance(error, GitHubRefused):
        log.error("%s. %s", error, error.fix)
    return failed(error)
