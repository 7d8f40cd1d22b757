"""Calls to GitHub's REST API, each retried within a budget of time."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from itertools import count

import httpx

from builder.errors import GitHubUnreachable
from receiver.github_errors import error_of
from receiver.settings import Settings

BUDGET_SECONDS = 8.0
STEP_SECONDS = 4.0
"""For connecting, for sending and for the answer: a second try fits after a hanging first one."""
FIRST_WAIT = 0.25
"""Seconds before the second try; each further wait is twice the one before."""
KEPT_SECONDS = 30.0
"""How long an idle connection is kept."""
API_HEADERS = {
    "Accept": "application/vnd.github+json",
    "Content-Type": "application/json",
    "User-Agent": "briefship",
    "X-GitHub-Api-Version": "2022-11-28",
}


class GitHub:
    """The workflow repository's part of the API."""

    def __init__(
        self,
        settings: Settings,
        *,
        budget: float = BUDGET_SECONDS,
        step: float = STEP_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.repository = settings.dispatch_repository
        self._settings = settings
        self._url = f"{settings.github_api_url}/repos/{self.repository}"
        self._budget = budget
        self._timeout = httpx.Timeout(step, pool=None)
        self._monotonic = monotonic
        self._sleep = sleep
        self._client: httpx.AsyncClient | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def deadline(self) -> float:
        """Return the end of a budget that starts now, on the monotonic clock."""
        return self._monotonic() + self._budget

    async def call(
        self, method: str, path: str, expected: int, ends_at: float, content: bytes | None = None
    ) -> httpx.Response:
        """Call until `ends_at`; a wait that does not fit ends it at once.

        Raises GitHubUnreachable, GitHubRefused.
        """
        for attempt in count():
            try:
                return await self._try(method, path, expected, ends_at, content)
            except GitHubUnreachable as error:
                asked = error.retry_after
                wait = FIRST_WAIT * 2**attempt if asked is None else asked
                if self._monotonic() + wait >= ends_at:
                    raise
                await self._sleep(wait)
        raise AssertionError("count() does not end")

    async def aclose(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()

    async def _try(
        self, method: str, path: str, expected: int, ends_at: float, content: bytes | None
    ) -> httpx.Response:
        client = self._open()
        try:
            async with asyncio.timeout(ends_at - self._monotonic()):
                answer = await client.request(method, self._url + path, content=content)
        except (httpx.RequestError, TimeoutError) as error:
            raise GitHubUnreachable(f"GitHub gave no answer ({type(error).__name__})") from error
        if answer.status_code == expected:
            return answer
        raise error_of(
            answer.status_code,
            answer.headers,
            answer.content,
            repository=self.repository,
            now=time.time(),
        )

    def _open(self) -> httpx.AsyncClient:
        """Return the client of the running event loop: serverless hosts start one per request."""
        loop = asyncio.get_running_loop()
        if self._client is None or loop is not self._loop:
            token = self._settings.dispatch_token.get_secret_value()
            connections = self._settings.github_connections
            self._client = httpx.AsyncClient(
                headers={**API_HEADERS, "Authorization": f"Bearer {token}"},
                timeout=self._timeout,
                limits=httpx.Limits(
                    max_connections=connections,
                    max_keepalive_connections=connections,
                    keepalive_expiry=KEPT_SECONDS,
                ),
            )
            self._loop = loop
        return self._client
