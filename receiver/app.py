"""The routes: a request is read, authenticated and validated, and answered once GitHub holds it."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse

from builder.errors import BriefshipError, InvalidRequest
from builder.request import Dispatch, Request
from receiver.answers import Accepted, Failure, describe, failed
from receiver.auth import Authenticator, client_address
from receiver.body import read_body
from receiver.dispatch import Dispatcher, Readiness
from receiver.logs import Exchange, LogMiddleware, log, milliseconds
from receiver.settings import Settings
from receiver.submission import Submission, parse

TASK_PATHS = ("/handle_task", "/")
PATHS = frozenset({*TASK_PATHS, "/health", "/ready", "/docs", "/redoc", "/openapi.json"})
FAILURES: dict[int | str, dict[str, Any]] = {
    status: {"model": Failure} for status in (400, 403, 408, 413, 422, 429, 502, 503)
}
BODY = {"required": True, "content": {"application/json": {"schema": Submission.schema_inline()}}}
"""The routes read the body themselves, so that no framework answers with a part of it."""
MAX_LOGGED_FIELDS = 10


def create_app(
    settings: Settings,
    dispatcher: Dispatcher,
    *,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> FastAPI:
    """Connect paths and routes; the dispatcher is closed when the server stops."""

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
        exception_handlers=dict.fromkeys((HTTPException, BriefshipError, ClientDisconnect), _fail),
    )
    app.add_middleware(LogMiddleware, paths=PATHS)
    routes = Routes(settings, dispatcher, now)
    take: dict[str, Any] = {"responses": FAILURES, "openapi_extra": {"requestBody": BODY}}
    for path in TASK_PATHS:
        app.post(path, response_model=Accepted, **take)(routes.handle_task)
    app.get("/health")(routes.health)
    app.get("/ready", responses={status: FAILURES[status] for status in (502, 503)})(routes.ready)
    return app


class Routes:
    """What each path does."""

    def __init__(
        self, settings: Settings, dispatcher: Dispatcher, now: Callable[[], datetime]
    ) -> None:
        self._settings = settings
        self._dispatcher = dispatcher
        self._now = now
        self._auth = Authenticator(settings.task_secrets, settings.failed_secrets_per_minute)
        self._readiness = Readiness(dispatcher.check)

    async def handle_task(self, http: HttpRequest) -> JSONResponse:
        """Take a task; a 200 means that GitHub holds its event."""
        settings, received_at = self._settings, self._now()
        exchange: Exchange = http.scope["exchange"]
        address = client_address(http, settings.trusted_proxies)
        self._auth.check_address(address)
        read = read_body(http, settings.max_request_bytes, settings.request_seconds)
        # Not kept in a variable: it would stay in memory while GitHub is called.
        request = self._validated(await read, address, exchange)
        task = Dispatch.of(request, received_at)
        exchange.note(task=task.task, round=task.round, build_id=task.id)
        began = time.monotonic()
        try:
            await self._dispatcher.dispatch(task)
        finally:
            exchange.note(dispatch_ms=milliseconds(began))
        named = request.model_dump(include={"task", "round", "nonce"})
        answer = Accepted(**named, id=task.id, runs_url=settings.runs_url)
        return JSONResponse(answer.model_dump())

    async def health(self) -> dict[str, str]:
        """Tell that the process is alive."""
        return {"status": "ok"}

    async def ready(self) -> dict[str, str | list[str]]:
        """Tell whether a task would get through, and what could not be checked."""
        return {"status": "ready", "not_checked": await self._readiness.confirm()}

    def _validated(self, body: bytearray, address: str, exchange: Exchange) -> Request:
        began = time.monotonic()
        exchange.note(bytes=len(body))
        value = parse(body)
        if isinstance(value.get("secret"), str):
            self._auth.check_secret(address, value["secret"])
        request = Submission.from_wire(value).request()
        exchange.note(validation_ms=milliseconds(began))
        return request


async def _fail(http: HttpRequest, error: Exception) -> JSONResponse:
    """Map an error to its answer, here and nowhere else."""
    exchange: Exchange = http.scope["exchange"]
    status, failure = describe(error)
    exchange.note(error=failure.error)
    if isinstance(error, InvalidRequest):
        fields = dict.fromkeys(field for field, _ in error.problems)
        exchange.note(fields=",".join(list(fields)[:MAX_LOGGED_FIELDS]))
    if status == 502 and isinstance(error, BriefshipError):
        log.error("%s. %s", error, error.fix, extra={"fields": exchange.fields})
    return failed(error)
