"""The routes: a request is read, authenticated and validated, and answered once GitHub holds it."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse

from builder.errors import BriefshipError, GitHubError, InvalidRequest
from builder.request import Dispatch, Request
from receiver.answers import Accepted, Failure, failed, kind_of
from receiver.auth import Authenticator, client_address
from receiver.dispatch import Dispatcher, Readiness
from receiver.limits import BodyReader
from receiver.logs import RequestMiddleware, RequestRecord, log
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
        exception_handlers={HTTPException: _fail, BriefshipError: _fail},
    )
    app.add_middleware(RequestMiddleware, paths=PATHS)
    routes = Routes(settings, dispatcher, now)
    for path in TASK_PATHS:
        route = app.post(
            path, response_model=Accepted, responses=FAILURES, openapi_extra={"requestBody": BODY}
        )
        route(routes.handle_task)
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
        self._bodies = BodyReader(
            settings.max_request_bytes, settings.request_seconds, settings.max_buffered_bytes
        )
        self._readiness = Readiness(dispatcher.check)

    async def handle_task(self, http: HttpRequest) -> JSONResponse:
        """Take a task; a 200 means that GitHub holds its event."""
        received_at = self._now()
        record: RequestRecord = http.scope["record"]
        address = client_address(http, self._settings.trusted_proxies)
        self._auth.check_address(address)
        async with self._bodies.read(http, address) as body:
            request = self._validated(body, address, record)
            began = time.monotonic()
            try:
                await self._dispatcher.dispatch(Dispatch.of(request, received_at))
            finally:
                record.note(dispatch_ms=record.milliseconds(began))
        answer = Accepted(
            task=request.task,
            round=request.round,
            nonce=request.nonce,
            id=request.build_id,
            runs_url=self._settings.runs_url,
        )
        return JSONResponse(answer.model_dump())

    async def health(self) -> dict[str, str]:
        """Tell that the process is alive."""
        return {"status": "ok"}

    async def ready(self) -> dict[str, str | list[str]]:
        """Tell whether a task would get through, and what could not be checked."""
        return {"status": "ready", "not_checked": await self._readiness.confirm()}

    def _validated(self, body: bytearray, address: str, record: RequestRecord) -> Request:
        began = time.monotonic()
        record.note(bytes=len(body))
        value = parse(body)
        if isinstance(value.get("secret"), str):
            self._auth.check_secret(address, value["secret"])
        request = Submission.from_wire(value).request()
        record.note(task=request.task, round=request.round, build_id=request.build_id)
        record.note(validation_ms=record.milliseconds(began))
        return request


async def _fail(http: HttpRequest, error: Exception) -> JSONResponse:
    """Map an error to its answer, here and nowhere else."""
    record: RequestRecord = http.scope["record"]
    status, name = kind_of(error)
    record.note(error=name)
    if isinstance(error, InvalidRequest):
        fields = dict.fromkeys(field for field, _ in error.problems)
        record.note(fields=",".join(list(fields)[:MAX_LOGGED_FIELDS]))
    if isinstance(error, GitHubError) and status == 502:
        log.error("%s. %s", error, error.fix, extra={"fields": record.fields})
    return failed(error)
