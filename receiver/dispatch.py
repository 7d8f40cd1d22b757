"""Hands tasks to GitHub as `repository_dispatch` events, and checks that this would work now."""

import asyncio
import base64
import hashlib
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import httpx

from builder.errors import GitHubError, GitHubRefused, GitHubUnreachable, WorkflowUnavailable
from builder.request import EVENT_TYPE, Blob, Dispatch
from receiver.github import GitHub

INLINE_BYTES = 48 * 1024
"""GitHub takes payloads under 64 KB; whether it counts bytes or characters is not documented."""
WORKFLOW = ".github/workflows/build.yml"
PROBE = b'{"content":"briefship: may this token write?","encoding":"utf-8"}'
"""A blob that nothing refers to, always the same one: it takes the permission of a dispatch."""
KEPT_SECONDS = 30.0
"""How long the outcome of a check is remembered."""


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
        event = inline_event(task) or encode_event(await self._stored(task, ends_at))
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
        listed = answer.json().get("workflows", [])
        state = next((one["state"] for one in listed if one["path"] == WORKFLOW), "missing")
        if state != "active":
            raise WorkflowUnavailable(github.repository, WORKFLOW, state)
        return ["whether Actions minutes are left"]

    async def _stored(self, task: Dispatch, ends_at: float) -> Dispatch:
        content = _encode(task.inline().to_wire())
        # Put together by hand: encoding megabytes that need no escapes takes longer than the rest.
        upload = b'{"content":"%b","encoding":"base64"}' % base64.b64encode(content)
        answer = await self._github.call("POST", "/git/blobs", 201, ends_at, upload)
        return task.stored(_blob(answer, content))


class Readiness:
    """Remembers the outcome of `check` for a while, and asks once for all who wait."""

    def __init__(
        self,
        check: Callable[[], Awaitable[list[str]]],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._check = check
        self._monotonic = monotonic
        self._asking = asyncio.Lock()
        self._known_until = float("-inf")
        self._outcome: list[str] | GitHubError = []

    async def confirm(self) -> list[str]:
        """Return what could not be checked, if ready. Raises as `check` does."""
        async with self._asking:
            if self._monotonic() >= self._known_until:
                try:
                    self._outcome = await self._check()
                except GitHubError as error:
                    self._outcome = error
                self._known_until = self._monotonic() + KEPT_SECONDS
        if isinstance(self._outcome, GitHubError):
            # Raised many times: without this its traceback would grow each time.
            raise self._outcome.with_traceback(None)
        return self._outcome


def inline_event(task: Dispatch) -> bytes | None:
    """Return the body of a dispatch that carries the request; None when it is too long."""
    if sum(len(attachment.url) for attachment in task.inline().attachments) >= INLINE_BYTES:
        return None
    event = encode_event(task)
    return event if len(event) < INLINE_BYTES else None


def encode_event(task: Dispatch) -> bytes:
    """Return the body of the dispatch."""
    return _encode({"event_type": EVENT_TYPE, "client_payload": task.to_wire()})


def _encode(value: dict[str, Any]) -> bytes:
    """Return compact JSON in ASCII: no other encoding of it is longer."""
    return json.dumps(value, separators=(",", ":")).encode("ascii")


def _blob(answer: httpx.Response, content: bytes) -> Blob:
    try:
        sha = answer.json()["sha"]
        return Blob(sha=sha, sha256=hashlib.sha256(content).hexdigest(), size=len(content))
    except (ValueError, TypeError, KeyError) as error:
        raise GitHubUnreachable("GitHub stored the request and named no SHA") from error
