"""What senders read: one answer for an accepted task, and one shape for every failure."""

import math
from typing import Literal

from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse

from builder import errors

BUSY_SECONDS = 10
"""Retry-After where nobody named a time."""


class Accepted(BaseModel):
    """GitHub holds the event; `id` is the build id, `runs_url` the page of the workflow runs."""

    status: Literal["accepted"] = "accepted"
    message: str = "Task accepted and is being processed"
    task: str
    round: int
    nonce: str
    id: str
    runs_url: str


class Failure(BaseModel):
    """Why a request failed; `detail` repeats nothing of it."""

    status: Literal["error"] = "error"
    error: str
    detail: str


KINDS: dict[type[Exception], tuple[int, str, str]] = {
    errors.MalformedRequest: (400, "malformed_json", "{}"),
    errors.WrongSecret: (403, "wrong_secret", "{}"),
    errors.RequestTooSlow: (408, "too_slow", "{}"),
    errors.RequestTooLarge: (413, "too_large", "{}"),
    errors.InvalidRequest: (422, "invalid_request", "{}"),
    errors.TooManyFailures: (429, "too_many_failures", "{}"),
    errors.TooManyBodies: (503, "busy", "{}"),
    errors.GitHubUnreachable: (503, "github_unavailable", "{}; send the task again later"),
    errors.GitHubError: (502, "misconfigured", "the receiver is not set up correctly; see its log"),
    ClientDisconnect: (499, "disconnected", "the connection ended within the body"),
    Exception: (500, "internal", "the receiver failed; its log says where"),
}
"""HTTP status, `error` and `detail` of each failure; the first class that matches counts."""
ROUTING = {404: "not_found", 405: "method_not_allowed"}


def describe(error: Exception) -> tuple[int, Failure]:
    """Return the HTTP status and what the sender may know."""
    if isinstance(error, HTTPException):
        name = ROUTING.get(error.status_code, "http")
        return error.status_code, Failure(error=name, detail=error.detail)
    status, name, detail = next(kind for one, kind in KINDS.items() if isinstance(error, one))
    return status, Failure(error=name, detail=detail.format(error))


def failed(error: Exception) -> JSONResponse:
    """Answer the sender."""
    status, failure = describe(error)
    headers = dict(getattr(error, "headers", None) or {})
    wait = getattr(error, "retry_after", None)
    if status == 503 or wait is not None:
        headers["Retry-After"] = str(max(1, math.ceil(BUSY_SECONDS if wait is None else wait)))
    return JSONResponse(failure.model_dump(), status, headers)
