"""The callback as an evaluator takes it: its two forms, and whether it answers a request sent."""

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, TypeAdapter, ValidationError

from builder.errors import InvalidRequest
from builder.request import HttpUrl, Request, Text, Wire, problems

ECHOED = ("email", "task", "round", "nonce")
"""Fields that go back exactly as they came."""


class _Echo(Wire):
    email: str
    task: str
    round: int
    nonce: str
    verdict: str | None = None
    """How far the run trusts its own work; a builder may leave it out."""


class Delivered(_Echo):
    """An app was published."""

    status: Literal["success"]
    repo_url: HttpUrl
    commit_sha: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{40}$")]
    pages_url: HttpUrl


class Apology(_Echo):
    """There is no app, and this is why."""

    status: Literal["error"]
    error: Text


Callback = Delivered | Apology
_CALLBACK: TypeAdapter[Callback] = TypeAdapter(Annotated[Callback, Field(discriminator="status")])


def read(body: object) -> Callback:
    """Validate a decoded JSON body. Raises InvalidRequest, which repeats no input."""
    try:
        return _CALLBACK.validate_python(body)
    except ValidationError as error:
        raise InvalidRequest(problems(error)) from None


def answers(callback: Callback, request: Request) -> bool:
    """Say whether `callback` echoes `request` exactly."""
    return not _differing(callback, request)


def objection(callback: Callback, sent: Iterable[Request]) -> str | None:
    """Return why `callback` answers none of the requests sent, None when it answers one."""
    differing = [_differing(callback, request) for request in sent]
    if not differing:
        return "no request was sent"
    closest = min(differing, key=len)
    return f"not as in any request sent: {', '.join(closest)}" if closest else None


def _differing(callback: Callback, request: Request) -> list[str]:
    return [name for name in ECHOED if getattr(callback, name) != getattr(request, name)]
