"""Visits a page: load it, run the checks, use it, take screenshots."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from urllib.parse import quote

from playwright.async_api import Browser, Page, ViewportSize, async_playwright
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import TimeoutError as PlaywrightTimeout

from builder.verify.browser_worker.check_runner import CheckRunner
from builder.verify.browser_worker.chromium import started
from builder.verify.browser_worker.egress import ORIGIN, Egress
from builder.verify.browser_worker.inspector import Inspector
from builder.verify.browser_worker.page_events import PageEvents
from builder.verify.browser_worker.recorder import Record
from builder.verify.browser_worker.scenario_runner import ScenarioRunner
from builder.verify.browser_worker.scripts import script
from builder.verify.browser_worker.smoke_test import SmokeTest
from builder.verify.browser_worker.windows import RouteHandler, Windows, mirror
from builder.verify.worker_protocol import SITE, Job, Kind, Launch

PHONE = ViewportSize(width=390, height=844)
LOAD_SECONDS = 10.0
"""How long to wait for the load event, but at most a third of the visit."""
BLANK_SECONDS = 5.0
PULSE_SECONDS = 3.0
"""A page that does not respond for this long hangs."""
STEP_SECONDS = 5.0
"""For a screenshot."""
RESERVED_SECONDS = 3.0
"""Reserved for what follows the checks."""
CHECKS_ALONE_SECONDS = 4.0
"""How long, at most, the checks have the machine to themselves."""


async def visit(
    launch: Launch, job: Callable[[], Awaitable[Job]], proxy: Egress, record: Record
) -> None:
    """Start a browser behind the proxy, wait for the job, and open the page that it names.

    Everything is recorded as soon as it is seen.
    """
    async with (
        async_playwright() as playwright,
        started(playwright, launch, proxy.url, record) as browser,
    ):
        asked = await job()
        if browser:
            mirrored = await mirror(playwright, asked.cdn_mirror)
            await visit_in(browser, asked, proxy.site.root, record, mirrored)


async def visit_in(
    browser: Browser, job: Job, root: str, record: Record, mirrored: RouteHandler | None = None
) -> None:
    """Visit in a browser that runs already."""
    seconds = min(LOAD_SECONDS, job.seconds / 3)

    def asked(name: str) -> None:
        record(Kind.ASKED, subject=name)

    windows = Windows(browser, f"{ORIGIN}{root}", quote(job.page), seconds, mirrored, asked)
    try:
        async with asyncio.timeout(job.seconds) as limit:
            await Visit(job, windows, record, limit.when() or 0.0).run()
    except TimeoutError:
        record(Kind.OUT_OF_TIME)
    except PlaywrightError as error:
        record(Kind.BROWSER_DIED, seen=f"it ended: {error.message.splitlines()[0]}")


@dataclass(frozen=True)
class Visit:
    """The steps of a visit until the loop's time is `ends_at`.

    What the page does by itself is observed in a window of its own.
    """

    job: Job
    windows: Windows
    record: Record
    ends_at: float

    async def run(self) -> None:
        """Do all steps. Raises PlaywrightError when the browser is gone, TimeoutError."""
        async with self.windows.opened() as page:
            events = PageEvents(page, self.windows.root, self.record)
            ended = await events.unless_gone(self._steps(page, events))
            if ended:
                await self.windows.expect_browser()
                self.record(ended)
            self.record(Kind.DONE)

    async def _steps(self, page: Page, events: PageEvents) -> None:
        inspector = Inspector(await page.context.new_cdp_session(page))
        await self._load(page)
        pulse_ends = asyncio.get_running_loop().time() + PULSE_SECONDS
        if not (await inspector.hold("true", pulse_ends)).holds:
            self.record(Kind.HANGS)
            return
        await self._bounded(self._snapshot(page))
        checks = asyncio.ensure_future(self._checks())
        await asyncio.gather(
            checks, self._something_visible(inspector), self._use(checks, events.errors)
        )
        await self._bounded(self._screenshot(inspector, "desk.png"))
        await self._bounded(self._phone(page, inspector))

    async def _load(self, page: Page) -> None:
        try:
            await self.windows.load(page)
        except PlaywrightTimeout:
            seen = f"no load event after {self.windows.load_seconds:.0f} s"
            self.record(Kind.SLOW, seen=seen)
        except PlaywrightError as error:
            await self.windows.expect_browser()
            self.record(Kind.NOT_LOADED, seen=error.message.split("\n")[0])
            return
        self.record(Kind.OPENED)

    async def _snapshot(self, page: Page) -> None:
        self.record(Kind.SNAPSHOT, seen=await page.locator("body").aria_snapshot())

    def _until(self, seconds: float) -> float:
        now = asyncio.get_running_loop().time()
        return min(now + seconds, self.ends_at - RESERVED_SECONDS)

    async def _checks(self) -> None:
        """Poll the checks; those of earlier rounds on a load of their own."""
        until = self._until(self.job.check_seconds)
        # What a check fetches is not the page's doing.
        windows = replace(self.windows, asked=None)
        runner = CheckRunner(windows, self.job.patience, until, self.record)
        own = dict(enumerate(self.job.checks))
        earlier = {index: own.pop(index) for index in self.job.earlier}
        await asyncio.gather(runner.run(own), runner.run(earlier))

    async def _something_visible(self, inspector: Inspector) -> None:
        if not (await inspector.hold(f"!{script('is_blank')}", self._until(BLANK_SECONDS))).holds:
            self.record(Kind.BLANK)

    async def _use(self, checks: Awaitable[None], known_errors: set[str]) -> None:
        """Use the page as people would, on fresh loads: scenarios, then the smoke test."""
        await asyncio.wait({asyncio.ensure_future(checks)}, timeout=CHECKS_ALONE_SECONDS)
        runner = ScenarioRunner(
            windows=self.windows,
            files=self.job.path(SITE),
            pictures=self.job.path(""),
            ends_at=self._until(2 * self.job.use_seconds),
        )
        async for outcome in runner.run_all(self.job.scenarios):
            self.record(Kind.SCENARIO, outcome=outcome.model_dump())
        if self.job.smoke:
            test = SmokeTest(self.windows, self.record, known_errors)
            await test.run(self._until(self.job.use_seconds))

    async def _bounded(self, step: Awaitable[None]) -> None:
        """Give an optional step a few seconds, and go on without it if it fails."""
        with suppress(PlaywrightError, TimeoutError):
            async with asyncio.timeout(STEP_SECONDS):
                await step

    async def _screenshot(self, inspector: Inspector, name: str) -> None:
        self.job.path(name).write_bytes(await inspector.screenshot())
        self.record(Kind.SCREENSHOT, name=name)

    async def _phone(self, page: Page, inspector: Inspector) -> None:
        await page.set_viewport_size(PHONE)
        excess = await inspector.evaluate(script("overflow"))
        if excess.holds:
            self.record(Kind.OVERFLOW, seen=str(excess.value))
        await self._screenshot(inspector, "phone.png")
