"""Runs checks in parallel on one load of the page, and those that fail again on a fresh load.

A check may click and type: what it leaves behind must not count against the next.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace

from playwright.async_api import Error as PlaywrightError

from builder.verify.browser_worker.inspector import Inspector, Value
from builder.verify.browser_worker.recorder import Record
from builder.verify.browser_worker.windows import Windows
from builder.verify.worker_protocol import Kind

SHARED_SECONDS = 2.0
"""A check that does not hold on the shared page by then gets a page of its own."""
PARALLEL_LOADS = 3
"""Fresh loads at the same time."""


class CheckRunner:
    """Runs checks until the loop's time is `ends_at`, for `patience` seconds on one load."""

    def __init__(self, windows: Windows, patience: float, ends_at: float, record: Record) -> None:
        self._windows = windows
        self._patience = patience
        self._ends_at = ends_at
        self._record = record
        self._slots = asyncio.Semaphore(PARALLEL_LOADS)
        self._waiting = 0

    async def run(self, checks: Mapping[int, str]) -> None:
        """Poll `checks` on a shared page, and record each result."""
        if checks:
            async with self._fresh() as inspector:
                polls = (self._check(inspector, *check) for check in checks.items())
                await asyncio.gather(*polls)

    @asynccontextmanager
    async def _fresh(self) -> AsyncIterator[Inspector]:
        async with self._windows.loaded() as page:
            yield Inspector(await page.context.new_cdp_session(page))

    async def _check(self, inspector: Inspector, index: int, source: str) -> None:
        now = asyncio.get_running_loop().time()
        value = await self._polled(inspector, source, now + SHARED_SECONDS)
        if value.parses and not value.holds:
            value = await self._afresh(source) or value
        if value.parses:
            self._record(Kind.CHECK, index=index, passed=value.holds, seen=value.seen)
        else:
            self._record(Kind.UNREADABLE_CHECK, index=index, seen=value.seen)

    async def _afresh(self, source: str) -> Value | None:
        """Try a check alone on a fresh load, within its share of the time."""
        self._waiting += 1
        try:
            async with self._slots:
                now = asyncio.get_running_loop().time()
                share = (self._ends_at - now) * PARALLEL_LOADS / max(self._waiting, PARALLEL_LOADS)
                return await self._alone(source, now + share)
        finally:
            self._waiting -= 1

    async def _alone(self, source: str, ends_at: float) -> Value | None:
        with suppress(PlaywrightError, TimeoutError):
            async with AsyncExitStack() as stack:
                async with asyncio.timeout_at(ends_at):
                    inspector = await stack.enter_async_context(self._fresh())
                return await self._polled(inspector, source, ends_at)
        return None

    async def _polled(self, inspector: Inspector, source: str, ends_at: float) -> Value:
        """Return the result of a check; if it fails, with what it looks up on the page."""
        now = asyncio.get_running_loop().time()
        value = await inspector.check(source, min(now + self._patience, ends_at))
        if value.holds or not value.parses:
            return value
        return replace(value, seen=value.seen + await inspector.words(source))
