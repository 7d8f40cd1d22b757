"""What senders read: one answer for an accepted task, and one shape for every failure."""

import math
from typing import Literal

from pydantic import BaseModel
from starlette.exceptions import HTTPException
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


KINDS: dict[type, tuple[int, str]] = {
    errors.MalformedRequest: (400, "malformed_json"),
    errors.WrongSecret: (403, "wrong_secret"),
    errors.RequestTooSlow: (408, "too_slow"),
    errors.RequestTooLarge: (413, "too_large"),
    errors.InvalidRequest: (422, "invalid_request"),
    errors.TooManyFailures: (429, "too_many_failures"),
    errors.TooManyBodies: (503, "busy"),
    errors.GitHubUnreachable: (503, "github_unavailable"),
    errors.GitHubError: (502, "misconfigured"),
}
"""HTTP status and `error` of each failure; the first class that matches counts."""
ROUTING = {404: "not_found", 405: "method_not_allowed"}


def failed(error: Exception) -> JSONResponse:
    """Tell the sender what went wrong, as far as it may know."""
    status, name = kind_of(error)
    told = Failure(error=name, detail=_detail(error, name))
    return JSONResponse(told.model_dump(), status, _headers(error))


def kind_of(error: Exception) -> tuple[int, str]:
    """Return the HTTP status and the name of a failure."""
    if isinstance(error, HTTPException):
        return error.status_code, ROUTING.get(error.status_code, "http")
    matching = (kind for one, kind in KINDS.items() if isinstance(error, one))
    return next(matching, (500, "internal"))


def _detail(error: Exception, name: str) -> str:
    if isinstance(error, HTTPException):
        return error.detail
    if name == "misconfigured":
        return "the receiver is not set up correctly; its log says why"
    if isinstance(error, errors.GitHubUnreachable):
        return f"{error}; send the task again later"
    if isinstance(error, errors.BriefshipError):
        return str(error)
    return "the receiver failed; its log says where"


def _headers(error: Exception) -> dict[str, str]:
    if isinstance(error, HTTPException):
        return dict(error.headers or {})
    wait = getattr(error, "retry_after", None)
    if isinstance(error, errors.GitHubUnreachable) and wait is None:
        wait = BUSY_SECONDS
    return {} if wait is None else {"Retry-After": str(max(1, math.ceil(wait)))}
