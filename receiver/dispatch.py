"""Hands tasks to GitHub as `repository_dispatch` events."""

import base64
import hashlib
import json
from typing import Any, Protocol

import httpx

from builder.errors import GitHubUnreachable
from builder.request import EVENT_TYPE, Blob, Dispatch
from receiver.github import GitHub
from receiver.readiness import find_obstacles

INLINE_BYTES = 48 * 1024
"""GitHub takes payloads under 64 KB; whether it counts bytes or characters is not documented."""


class Dispatcher(Protocol):
    """Where tasks go; both calls raise GitHubUnreachable and GitHubRefused."""

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
        """Check token, permission and workflow."""
        return await find_obstacles(self._github)

    async def _stored(self, task: Dispatch, ends_at: float) -> Dispatch:
        content = encode(task.inline().to_wire())
        # Put together by hand: encoding megabytes that need no escapes takes longer than the rest.
        upload = b'{"content":"%b","encoding":"base64"}' % base64.b64encode(content)
        answer = await self._github.call("POST", "/git/blobs", 201, ends_at, upload)
        return task.stored(_blob(answer, content))


def encode(value: dict[str, Any]) -> bytes:
    """Return compact JSON in ASCII: no other encoding of it is longer."""
    return json.dumps(value, separators=(",", ":")).encode("ascii")


def inline_event(task: Dispatch) -> bytes | None:
    """Return the body of a dispatch that carries the request; None when it is too long."""
    if sum(len(attachment.url) for attachment in task.inline().attachments) >= INLINE_BYTES:
        return None
    event = encode_event(task)
    return event if len(event) < INLINE_BYTES else None


def encode_event(task: Dispatch) -> bytes:
    """Return the body of the dispatch."""
    return encode({"event_type": EVENT_TYPE, "client_payload": task.to_wire()})


def _blob(answer: httpx.Response, content: bytes) -> Blob:
    try:
        sha = answer.json()["sha"]
        return Blob(sha=sha, sha256=hashlib.sha256(content).hexdigest(), size=len(content))
    except (ValueError, TypeError, KeyError) as error:
        raise GitHubUnreachable("GitHub stored the request and named no SHA") from error
