"""Runs checks side by side on one load, and again on a fresh one where they fail there.

A check may click and type: what it leaves behind is not to be held against the next.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, suppress
from dataclasses import replace

from playwright.async_api import Error as PlaywrightError

from builder.verify.browser_worker.inspector import Inspector, Outcome
from builder.verify.browser_worker.recorder import Record
from builder.verify.worker_protocol import Kind

LATE_SECONDS = 2.0
"""A check that does not hold by then on a page that it shares gets one of its own as well."""
PARALLEL_LOADS = 3
"""Fresh loads at a time."""

NO_ANSWER = Outcome(False, "nothing")


class CheckRunner:
    """Runs checks until the loop's time is `ends_at`, for `patience` seconds on one load.

    `fresh` loads the page anew.
    """

    def __init__(
        self,
        fresh: Callable[[], AbstractAsyncContextManager[Inspector]],
        patience: float,
        ends_at: float,
        record: Record,
    ) -> None:
        self._fresh = fresh
        self._patience = patience
        self._ends_at = ends_at
        self._record = record
        self._slots = asyncio.Semaphore(PARALLEL_LOADS)
        self._waiting = 0

    async def run(self, inspector: Inspector, checks: Mapping[int, str]) -> None:
        """Poll `checks` on a page that they share; record how each comes out."""
        late = LATE_SECONDS if len(checks) > 1 else None
        await asyncio.gather(
            *(self._check(inspector, index, source, late) for index, source in checks.items())
        )

    async def _check(
        self, inspector: Inspector, index: int, source: str, late: float | None
    ) -> None:
        here = asyncio.ensure_future(self._polled(inspector, source, self._ends_at))
        try:
            done, _ = await asyncio.wait({here}, timeout=late)
            outcome = here.result() if done else await self._here_or_afresh(here, source)
        finally:
            here.cancel()
        if outcome.parses:
            self._record(Kind.CHECK, index=index, passed=outcome.holds, seen=outcome.seen)
        else:
            self._record(Kind.UNREADABLE_CHECK, index=index, seen=outcome.seen)

    async def _here_or_afresh(self, here: asyncio.Future[Outcome], source: str) -> Outcome:
        """Return the first outcome that holds, else what was seen where nothing else had run."""
        afresh = asyncio.ensure_future(self._afresh(source))
        both = [here, afresh]
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            if not any(tried.done() and tried.result().holds for tried in both):
                await asyncio.wait(both)
            told = [tried.result() for tried in both if tried.done()]
        finally:
            afresh.cancel()
        return next((outcome for outcome in told if outcome.holds), _last_that_tells(told))

    async def _afresh(self, source: str) -> Outcome:
        """Try a check alone on a fresh load, in its share of the time."""
        self._waiting += 1
        try:
            async with self._slots:
                now = asyncio.get_running_loop().time()
                share = (self._ends_at - now) * PARALLEL_LOADS / max(self._waiting, PARALLEL_LOADS)
                return await self._alone(source, now + share)
        finally:
            self._waiting -= 1

    async def _alone(self, source: str, ends_at: float) -> Outcome:
        with suppress(PlaywrightError, TimeoutError):
            async with AsyncExitStack() as stack:
                async with asyncio.timeout_at(ends_at):
                    inspector = await stack.enter_async_context(self._fresh())
                return await self._polled(inspector, source, ends_at)
        return NO_ANSWER

    async def _polled(self, inspector: Inspector, source: str, ends_at: float) -> Outcome:
        """Return how a check comes out; where it fails, with what it looks up on the page."""
        now = asyncio.get_running_loop().time()
        outcome = await inspector.check(source, min(now + self._patience, ends_at))
        if outcome.holds or not outcome.parses:
            return outcome
        return replace(outcome, seen=outcome.seen + await inspector.words(source))


def _last_that_tells(told: Sequence[Outcome]) -> Outcome:
    return next((outcome for outcome in reversed(told) if outcome is not NO_ANSWER), NO_ANSWER)
