"""Hands tasks to GitHub as `repository_dispatch` events, and checks that this would work now."""

import asyncio
import hashlib
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeVar

import httpx
from pydantic_core import to_json

from builder.errors import GitHubRefused, GitHubUnreachable, WorkflowUnavailable
from builder.request import EVENT_TYPE, Blob, Dispatch
from receiver.github import GitHub

INLINE_BYTES = 48 * 1024
"""GitHub takes payloads under 64 KB; whether it counts bytes or characters is not documented."""
WORKFLOW = ".github/workflows/build.yml"
PROBE = b'{"content":"briefship: may this token write?","encoding":"utf-8"}'
"""A blob that nothing refers to, always the same one: it takes the permission of a dispatch."""
KEPT_SECONDS = 30.0
"""How long the outcome of a check is remembered."""

T = TypeVar("T")


class Dispatcher(Protocol):
    """Where tasks go; both calls raise GitHubError."""

    async def dispatch(self, task: Dispatch) -> None:
        """Return once the task is held."""

    async def check(self) -> list[str]:
        """Return if tasks could be dispatched now; list what could not be checked."""

    async def aclose(self) -> None:
        """Close the connections."""


class GitHubDispatcher:
    """Fires the events of one repository."""

    def __init__(self, github: GitHub) -> None:
        self._github = github
        self.aclose = github.aclose

    async def dispatch(self, task: Dispatch) -> None:
        """Fire the event, the request inline or, where it is too long, stored as a blob."""
        ends_at = self._github.deadline()
        text = task.inline().model_dump_json(exclude_none=True)
        # The event in ASCII is longer still, and encoding a long one takes a while.
        event = encode_event(task) if len(text) < INLINE_BYTES else b""
        if not event or len(event) >= INLINE_BYTES:
            event = encode_event(task.stored(await self._store(text, ends_at)))
        # A try whose answer was lost may have fired: the builder makes one commit of two events.
        await self._github.call("POST", "/dispatches", 204, ends_at, event)

    async def check(self) -> list[str]:
        """Check repository, permission and workflow by calls that start nothing.

        Raises GitHubUnreachable, GitHubRefused, WorkflowUnavailable.
        """
        github, ends_at = self._github, self._github.deadline()
        await github.call("GET", "", 200, ends_at)
        await github.call("POST", "/git/blobs", 201, ends_at, PROBE)
        try:
            answer = await github.call("GET", "/actions/workflows?per_page=100", 200, ends_at)
        except GitHubRefused as error:
            if error.status not in {403, 404}:
                raise
            return ["the state of the workflow: the token may not read Actions"]
        states = _read(answer, lambda body: {w["path"]: w["state"] for w in body["workflows"]})
        state = states.get(WORKFLOW, "missing")
        if state != "active":
            raise WorkflowUnavailable(f"{WORKFLOW} of {github.repository} is {state}")
        return ["whether Actions minutes are left"]

    async def _store(self, text: str, ends_at: float) -> Blob:
        content = text.encode()
        digest, size = hashlib.sha256(content).hexdigest(), len(content)
        # pydantic's encoder: the standard library's takes four times as long for megabytes.
        upload = to_json({"content": text, "encoding": "utf-8"})
        answer = await self._github.call("POST", "/git/blobs", 201, ends_at, upload)
        return _read(answer, lambda body: Blob(sha=body["sha"], sha256=digest, size=size))


class Readiness:
    """Remembers the outcome of `check` for a while, and asks once for all who wait."""

    def __init__(
        self,
        check: Callable[[], Awaitable[list[str]]],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._check = check
        self._monotonic = monotonic
        self._asked: asyncio.Future[list[str]] | None = None
        self._known_until = 0.0

    async def confirm(self) -> list[str]:
        """Return what could not be checked, if ready. Raises as `check` does."""
        now = self._monotonic()
        if self._asked is None or self._asked.cancelled() or now >= self._known_until:
            self._asked = asyncio.ensure_future(self._check())
            self._known_until = now + KEPT_SECONDS
        return await asyncio.shield(self._asked)


def encode_event(task: Dispatch) -> bytes:
    """Return the body of the dispatch: compact JSON in ASCII, the longest encoding."""
    event = {"event_type": EVENT_TYPE, "client_payload": task.to_wire()}
    return json.dumps(event, separators=(",", ":")).encode("ascii")


def _read(answer: httpx.Response, take: Callable[[Any], T]) -> T:
    try:
        return take(answer.json())
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise GitHubUnreachable("GitHub's answer is not what it documents") from error
