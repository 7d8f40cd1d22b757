"""Hands tasks to GitHub over kept connections, within one budget of time for each."""

import asyncio
import base64
import hashlib
import json
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from itertools import count
from typing import Any, Protocol

import httpx

from builder.errors import GitHubUnreachable
from builder.request import EVENT_TYPE, Blob, Dispatch
from receiver.github_errors import failure
from receiver.lanes import Lanes
from receiver.settings import Settings

INLINE_BYTES = 48 * 1024
"""GitHub takes payloads under 64 KB; whether it counts bytes or characters is not documented."""
BUDGET_SECONDS = 8.0
STEP_SECONDS = 4.0
"""For connecting, for sending and for the answer: a second try fits after a hanging first one."""
FIRST_WAIT = 0.25
"""Seconds before the second try; each further wait is twice the one before."""

API_HEADERS = {
    "Accept": "application/vnd.github+json",
    "Content-Type": "application/json",
    "User-Agent": "briefship",
    "X-GitHub-Api-Version": "2022-11-28",
}

Sleep = Callable[[float], Awaitable[None]]


class Dispatcher(Protocol):
    """Where tasks go; failures are errors of `builder.errors`."""

    async def dispatch(self, task: Dispatch) -> None:
        """Return once the task is held. Raises GitHubUnreachable, GitHubRefused."""

    async def check(self) -> None:
        """Return if tasks could be handed over now. Raises as `dispatch` does."""

    async def aclose(self) -> None:
        """Let go of the connections."""


class GitHubDispatcher:
    """Fires `repository_dispatch` events of one repository."""

    def __init__(
        self,
        settings: Settings,
        *,
        budget: float = BUDGET_SECONDS,
        step: float = STEP_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._repository = settings.dispatch_repository
        self._url = httpx.URL(f"{settings.github_api_url}/repos/{self._repository}")
        self._dispatches = httpx.URL(f"{self._url}/dispatches")
        self._blobs = httpx.URL(f"{self._url}/git/blobs")
        self._headers = {**API_HEADERS, "Authorization": f"Bearer {settings.dispatch_token}"}
        self._timeout = httpx.Timeout(step).as_dict()
        self._budget = budget
        self._monotonic = monotonic
        self._sleep = sleep
        self._turns = asyncio.Semaphore(settings.github_connections)
        self._lanes = Lanes()

    async def dispatch(self, task: Dispatch) -> None:
        """Fire the event, the request inline or, where it is too long, stored as a blob."""
        ends_at = self._monotonic() + self._budget
        event = inline_event(task) or encode_event(await self._stored(task, ends_at))
        # A try whose answer was lost may have fired: the builder makes one commit of two events.
        await self._call(self._request("POST", self._dispatches, event), 204, ends_at)

    async def check(self) -> None:
        """See whether the token can see the repository."""
        ends_at = self._monotonic() + self._budget
        await self._call(self._request("GET", self._url), 200, ends_at)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._lanes.aclose()

    async def _stored(self, task: Dispatch, ends_at: float) -> Dispatch:
        content = encode(task.inline().to_wire())
        # Put together by hand: to encode megabytes that need no escapes takes longer than the rest.
        upload = b'{"content":"%b","encoding":"base64"}' % base64.b64encode(content)
        answer = await self._call(self._request("POST", self._blobs, upload), 201, ends_at)
        return task.stored(_blob(answer, content))

    def _request(self, method: str, url: httpx.URL, content: bytes | None = None) -> httpx.Request:
        return httpx.Request(
            method,
            url,
            headers=self._headers,
            content=content,
            extensions={"timeout": self._timeout},
        )

    async def _call(self, request: httpx.Request, expected: int, ends_at: float) -> httpx.Response:
        """Try until `ends_at` on the monotonic clock; a wait that does not fit ends it at once."""
        for attempt in count():
            try:
                return await self._try(request, expected, ends_at)
            except GitHubUnreachable as error:
                asked = error.retry_after
                wait = FIRST_WAIT * 2**attempt if asked is None else asked
                if self._monotonic() + wait >= ends_at:
                    raise
                await self._sleep(wait)
        raise AssertionError("count() does not end")

    async def _try(self, request: httpx.Request, expected: int, ends_at: float) -> httpx.Response:
        try:
            async with asyncio.timeout(ends_at - self._monotonic()), self._turns:
                answer = await self._lanes.send(request)
        except (httpx.RequestError, TimeoutError) as error:
            raise GitHubUnreachable(f"GitHub gave no answer ({type(error).__name__})") from error
        if answer.status_code != expected:
            raise failure(
                answer.status_code,
                answer.headers,
                answer.content,
                repository=self._repository,
                now=datetime.now(UTC),
            )
        return answer


_ENCODER = json.JSONEncoder(separators=(",", ":"))


def encode(value: dict[str, Any]) -> bytes:
    """Return compact JSON in ASCII: no other encoding of it is longer."""
    return _ENCODER.encode(value).encode("ascii")


def inline_event(task: Dispatch) -> bytes | None:
    """Return the body of a dispatch that carries the request; None when it is too long."""
    request = task.inline()
    if sum(len(attachment.url) for attachment in request.attachments) >= INLINE_BYTES:
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
