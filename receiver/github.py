"""Calls to GitHub's REST API, retried within a budget of time, and what its failures mean."""

import asyncio
import json
import re
import time
from collections.abc import Awaitable, Callable, Mapping

import httpx
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type

from builder.errors import GitHubError, GitHubRefused, GitHubUnreachable
from receiver.settings import Settings

BUDGET_SECONDS = 8.0
STEP_SECONDS = 4.0
"""For connecting, for sending and for the answer: a second try fits after a hanging first one."""
FIRST_WAIT = 0.25
"""Seconds before the second try; each further wait is twice the one before."""
LIMIT_SECONDS = 60.0
"""Wait after a limit that names no time (GitHub docs, REST API best practices)."""
CONNECTIONS = 32
"""Calls at once: GitHub serves an account 100 (REST docs); httpx's pool is slow with more."""
MAX_MESSAGE = 200
PERMISSION = "give DISPATCH_TOKEN the permission {needed} on {repository}"
MOVED = "{repository} was renamed or moved: set DISPATCH_REPOSITORY to its new name."
FIXES = {
    301: MOVED,
    307: MOVED,
    401: "DISPATCH_TOKEN is wrong or has expired: create a new one.",
    403: f"To dispatch, {PERMISSION}.",
    404: f"Check DISPATCH_REPOSITORY, and {PERMISSION}: GitHub hides what it may not see.",
}
"""What to do about each status."""
HEADERS = {
    "Accept": "application/vnd.github+json",
    "Content-Type": "application/json",
    "User-Agent": "briefship",
    "X-GitHub-Api-Version": "2022-11-28",
}


class GitHub:
    """The workflow repository's part of the API; `budget` and `step` are in seconds."""

    def __init__(
        self,
        settings: Settings,
        *,
        budget: float = BUDGET_SECONDS,
        step: float = STEP_SECONDS,
        connections: int = CONNECTIONS,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.repository = settings.dispatch_repository
        self._url = f"{settings.github_api_url}/repos/{self.repository}"
        self._token = settings.dispatch_token
        self._budget = budget
        self._step = step
        self._connections = connections
        self._monotonic = monotonic
        self._sleep = sleep
        # The pool looks at every waiting call for each call: keep them out of it.
        self._turns = asyncio.Semaphore(connections)
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
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(GitHubUnreachable),
            wait=_wait,
            stop=lambda tried: self._monotonic() + tried.upcoming_sleep >= ends_at,
            sleep=self._sleep,
            reraise=True,
        )
        return await retrying(self._try, method, path, expected, ends_at, content)

    async def aclose(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()

    async def _try(
        self, method: str, path: str, expected: int, ends_at: float, content: bytes | None
    ) -> httpx.Response:
        client = self._open()
        try:
            async with asyncio.timeout(ends_at - self._monotonic()), self._turns:
                answer = await client.request(method, self._url + path, content=content)
        except (httpx.RequestError, TimeoutError) as error:
            raise GitHubUnreachable(f"GitHub gave no answer ({type(error).__name__})") from error
        if answer.status_code == expected:
            return answer
        status, headers = answer.status_code, answer.headers
        raise error_of(status, headers, answer.content, self.repository, now=time.time())

    def _open(self) -> httpx.AsyncClient:
        """Return the client of the running event loop: serverless hosts start one per request."""
        loop = asyncio.get_running_loop()
        if self._client is None or loop is not self._loop:
            self._loop = loop
            self._client = httpx.AsyncClient(
                headers={**HEADERS, "Authorization": f"Bearer {self._token.get_secret_value()}"},
                timeout=httpx.Timeout(self._step, pool=None),
                limits=httpx.Limits(
                    max_connections=self._connections, max_keepalive_connections=self._connections
                ),
            )
        return self._client


def _wait(tried: RetryCallState) -> float:
    """Wait as GitHub asks, else twice as long as before."""
    error = tried.outcome.exception() if tried.outcome else None
    asked = error.retry_after if isinstance(error, GitHubUnreachable) else None
    return FIRST_WAIT * 2 ** (tried.attempt_number - 1) if asked is None else asked


def error_of(
    status: int, headers: Mapping[str, str], body: bytes, repository: str, *, now: float
) -> GitHubError:
    """Return the error that an answer stands for: one that may pass, or a wrong setting of ours.

    Header names are in lower case; `now` is in seconds since 1970. GitHub's message is repeated
    only where it can be about the token and the repository, never about what was sent.
    """
    asked = _seconds(headers.get("retry-after"))
    is_spent = headers.get("x-ratelimit-remaining") == "0"
    is_limit = is_spent or "retry-after" in headers or b"rate limit" in body.lower()
    if status == 429 or (status == 403 and is_limit):
        reset = _seconds(headers.get("x-ratelimit-reset")) if is_spent else None
        wait = LIMIT_SECONDS if reset is None else max(0.0, reset - now)
        wait = wait if asked is None else asked
        return GitHubUnreachable(f"GitHub limits our calls ({status})", retry_after=wait)
    if status >= 500 or status == 408:
        return GitHubUnreachable(f"GitHub answered {status}", retry_after=asked)
    message = f"GitHub answered {status} for {repository}"
    if status in {401, 403, 404}:
        message += f": {_message(body)}"
    needed = headers.get("x-accepted-github-permissions", "contents=write")[:MAX_MESSAGE]
    fix = FIXES.get(status, "See GitHub's REST documentation for this status.")
    fix = fix.format(repository=repository, needed=needed)
    return GitHubRefused(message, status=status, fix=fix)


def _seconds(text: str | None) -> float | None:
    """Read a whole number of seconds, the only form in which GitHub sends them."""
    return float(text) if text and re.fullmatch(r"[0-9]{1,10}", text) else None


def _message(body: bytes) -> str:
    try:
        message = json.loads(body)["message"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return "no reason given"
    return " ".join(str(message).split())[:MAX_MESSAGE]
