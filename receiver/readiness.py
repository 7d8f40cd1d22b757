"""Whether a task would get through now, asked at most once in a while."""

import asyncio
from collections.abc import Awaitable, Callable

from builder.errors import GitHubError

KEPT_SECONDS = 30.0


class Readiness:
    """Remembers the outcome of one cheap authenticated call."""

    def __init__(
        self,
        check: Callable[[], Awaitable[None]],
        monotonic: Callable[[], float],
        kept: float = KEPT_SECONDS,
    ) -> None:
        self._check = check
        self._monotonic = monotonic
        self._kept = kept
        self._asking = asyncio.Lock()
        self._known_until = float("-inf")
        self._outcome: GitHubError | None = None

    async def confirm(self) -> None:
        """Return if ready. Raises GitHubUnreachable, GitHubRefused."""
        async with self._asking:
            if self._monotonic() >= self._known_until:
                self._outcome = await self._ask()
                self._known_until = self._monotonic() + self._kept
        if self._outcome is not None:
            # Raised many times: without this its traceback would grow each time.
            raise self._outcome.with_traceback(None)

    async def _ask(self) -> GitHubError | None:
        try:
            await self._check()
        except GitHubError as error:
            return error
        return None
