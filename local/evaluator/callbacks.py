"""Callbacks: their two forms, which requests they answer, and the URL that receives them."""

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import FastAPI
from fastapi import Request as HttpRequest
from fastapi.responses import JSONResponse
from pydantic import Field, StringConstraints, TypeAdapter, ValidationError
from pydantic_core import from_json

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
    """The run's own verdict; a builder may leave it out."""


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


def _differing(callback: Callback, request: Request) -> list[str]:
    return [name for name in ECHOED if getattr(callback, name) != getattr(request, name)]


@dataclass(frozen=True)
class ReceivedCallback:
    """A callback that came; `reason` says why it was refused."""

    body: Any
    reason: str | None
    received_at: datetime = field(default_factory=lambda: datetime.now(UTC))


class Ledger:
    """Requests sent and callbacks that came; may be used from several threads."""

    def __init__(self) -> None:
        self.accepts_unknown = False
        """Whether callbacks are taken for requests that somebody else sent."""
        self._sent: list[Request] = []
        self._entries: list[ReceivedCallback] = []
        self._lock = threading.Lock()

    @property
    def entries(self) -> list[ReceivedCallback]:
        with self._lock:
            return list(self._entries)

    def note_sent(self, request: Request) -> int:
        """Expect a callback for `request`; return how many callbacks came before."""
        with self._lock:
            self._sent.append(request)
            return len(self._entries)

    def receive(self, body: object) -> str | None:
        """Record a callback; return why it is refused, None if it is accepted."""
        with self._lock:
            reason = self._objection(body)
            self._entries.append(ReceivedCallback(body, reason))
        return reason

    def _objection(self, body: object) -> str | None:
        """Return why it answers none of the requests sent, None if it answers one."""
        try:
            callback = read(body)
        except InvalidRequest as error:
            return "; ".join(f"{name}: {why}" for name, why in error.problems)
        if self.accepts_unknown:
            return None
        differing = [_differing(callback, request) for request in self._sent]
        closest = min(differing, key=len, default=["no request was sent"])
        return f"not as in any request sent: {', '.join(closest)}" if closest else None

    def answer_to(self, request: Request, *, after: int = 0) -> Callback | None:
        """Return the newest callback accepted for `request`, ignoring the first `after`."""
        taken = [entry.body for entry in self.entries[after:] if entry.reason is None]
        answers = (read(body) for body in reversed(taken))
        return next((answer for answer in answers if not _differing(answer, request)), None)

    def earlier_rounds(self, request: Request) -> list[Request]:
        """Return the newest request of each earlier round of the same task, in their order."""
        with self._lock:
            rounds = {
                other.round: other
                for other in self._sent
                if (other.email, other.task) == (request.email, request.task)
                and other.round < request.round
            }
        return [rounds[number] for number in sorted(rounds)]


def create_app(ledger: Ledger) -> FastAPI:
    """Answer 200 to a callback that matches a request sent, and 400 with the reason to others."""
    app = FastAPI(title="briefship evaluator")

    @app.post("/evaluation")
    async def evaluation(http: HttpRequest) -> JSONResponse:
        reason = ledger.receive(_decoded(await http.body()))
        if reason:
            return JSONResponse({"status": "error", "error": reason}, status_code=400)
        return JSONResponse({"status": "ok"})

    return app


def _decoded(body: bytes) -> object:
    try:
        return from_json(body, allow_inf_nan=False)
    except ValueError:
        return None
