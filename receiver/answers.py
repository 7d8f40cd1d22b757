"""What senders read: one acceptance, and one shape for every failure."""

import math
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from builder import errors
from builder.request import Request

BUSY_SECONDS = 10.0
"""What a sender is asked to wait when GitHub named no time."""


class Accepted(BaseModel):
    """GitHub holds the event."""

    status: Literal["accepted"] = "accepted"
    message: str = "Task accepted and is being processed"
    task: str
    round: int
    nonce: str


class Failure(BaseModel):
    """Why not; `detail` repeats nothing of the request."""

    status: Literal["error"] = "error"
    error: str
    detail: str


@dataclass(frozen=True)
class Kind:
    """A kind of failure: its HTTP status and its name in `error`."""

    status: int
    name: str


KINDS: dict[type, Kind] = {
    errors.MalformedRequest: Kind(400, "malformed_json"),
    errors.WrongSecret: Kind(403, "wrong_secret"),
    errors.RequestTooSlow: Kind(408, "too_slow"),
    errors.RequestTooLarge: Kind(413, "too_large"),
    errors.InvalidRequest: Kind(422, "invalid_request"),
    errors.TooManyFailures: Kind(429, "too_many_failures"),
    errors.TooManyBodies: Kind(503, "busy"),
    errors.GitHubRefused: Kind(502, "misconfigured"),
    errors.GitHubUnreachable: Kind(503, "github_unavailable"),
}
UNEXPECTED = Kind(500, "internal")
ROUTING = {404: "not_found", 405: "method_not_allowed"}


def accepted(request: Request) -> JSONResponse:
    """Say that GitHub holds the event."""
    return JSONResponse(
        {
            "status": "accepted",
            "message": "Task accepted and is being processed",
            "task": request.task,
            "round": request.round,
            "nonce": request.nonce,
        }
    )


def failed(error: Exception) -> JSONResponse:
    """Say what went wrong, as far as the sender may know."""
    kind = kind_of(error)
    return JSONResponse(
        {"status": "error", "error": kind.name, "detail": _detail(error)},
        status_code=kind.status,
        headers=_headers(error),
    )


def kind_of(error: Exception) -> Kind:
    """Tell the kind of a failure."""
    if isinstance(error, HTTPException):
        return Kind(error.status_code, ROUTING.get(error.status_code, "http"))
    return next((KINDS[one] for one in type(error).__mro__ if one in KINDS), UNEXPECTED)


def _detail(error: Exception) -> str:
    match error:
        case HTTPException():
            return error.detail
        case errors.GitHubRefused():
            return "the receiver is not set up right: GitHub refused it; its log says why"
        case errors.GitHubUnreachable():
            return f"{error}; send the task again later"
        case errors.BriefshipError():
            return str(error)
    return "the receiver failed; its log says where"


def _headers(error: Exception) -> dict[str, str]:
    if isinstance(error, HTTPException):
        return dict(error.headers or {})
    wait = getattr(error, "retry_after", None)
    if isinstance(error, errors.GitHubUnreachable) and wait is None:
        wait = BUSY_SECONDS
    return {} if wait is None else {"Retry-After": str(max(1, math.ceil(wait)))}


def described(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return OpenAPI's description of failures."""
    return {
        status: {
            "model": Failure,
            "description": " or ".join(
                kind.name for kind in KINDS.values() if kind.status == status
            ),
        }
        for status in statuses
    }
