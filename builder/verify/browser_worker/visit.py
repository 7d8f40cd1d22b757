"""The visit of a page: load it, run the checks, take screenshots, look for what hinders people."""

import asyncio
from collections.abc import Awaitable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import async_playwright

from builder.verify.browser_worker.check_runner import CheckRunner
from builder.verify.browser_worker.chromium import started
from builder.verify.browser_worker.egress import ORIGIN
from builder.verify.browser_worker.recorder import Record
from builder.verify.browser_worker.scenario_runner import ScenarioRunner
from builder.verify.browser_worker.scripts import IS_BLANK, OVERFLOW
from builder.verify.browser_worker.smoke_scripts import HOOKS
from builder.verify.browser_worker.smoke_test import smoke_test
from builder.verify.browser_worker.tabs import PHONE, Tab, Tabs, mirror
from builder.verify.scenarios.scenario import Scenario
from builder.verify.worker_protocol import SITE, Job, Kind

LOAD_SECONDS = 10.0
"""How long the load event is waited for, but no more than a third of the visit."""
BLANK_SECONDS = 5.0
PULSE_SECONDS = 3.0
"""A page that does not answer for longer hangs."""
STEP_SECONDS = 5.0
"""For a screenshot."""
RESERVED_SECONDS = 3.0
"""Kept back for what follows the checks."""


async def visit(job: Job, root: str, proxy: str, record: Record) -> None:
    """Open the page below `root` (a path); record each thing as soon as it is seen."""
    async with async_playwright() as playwright:
        mirrored = await mirror(playwright, job.cdn_mirror)
        async with started(playwright, job, proxy, record) as browser:
            if browser is None:
                return
            url = f"{ORIGIN}{root}{quote(job.page)}"
            seconds = min(LOAD_SECONDS, job.seconds / 3)
            tabs = Tabs(browser, url, f"{ORIGIN}{root}", job.checks, seconds, mirrored)
            try:
                async with asyncio.timeout(job.seconds) as limit:
                    await Visit(job, tabs, record, limit.when() or 0.0).run()
            except TimeoutError:
                record(Kind.OUT_OF_TIME)
            except PlaywrightError as error:
                record(Kind.BROWSER_DIED, seen=f"it ended: {error.message.splitlines()[0]}")


@dataclass(frozen=True)
class Visit:
    """The steps of a visit until the loop's time is `ends_at`; most of them on the first load."""

    job: Job
    tabs: Tabs
    record: Record
    ends_at: float

    async def run(self) -> None:
        """Do all steps. Raises PlaywrightError when the browser is gone, TimeoutError."""
        tab = await self.tabs.open(self.record)
        await self._unless_gone(tab, self._steps(tab))
        self.record(Kind.DONE)

    async def _unless_gone(self, tab: Tab, steps: Coroutine[Any, Any, None]) -> None:
        ended = await tab.events.unless_gone(steps)
        if ended:
            await self.tabs.expect_browser()
            self.record(ended)

    async def _steps(self, tab: Tab) -> None:
        await self.tabs.load(tab, self.record)
        pulse_ends = asyncio.get_running_loop().time() + PULSE_SECONDS
        if not (await tab.inspector.hold("true", pulse_ends)).holds:
            self.record(Kind.HANGS)
            return
        await self._bounded(self._snapshot(tab))
        ends_at = self.ends_at - RESERVED_SECONDS
        await asyncio.gather(self._checks(tab, ends_at), self._use(ends_at))
        await self._bounded(self._screenshot(tab, "desk.png"))
        await self._bounded(self._phone(tab))

    async def _checks(self, tab: Tab, ends_at: float) -> None:
        """Poll all checks side by side, and whether anything can be seen."""
        now = asyncio.get_running_loop().time()
        until = min(now + self.job.check_seconds, ends_at)
        runner = CheckRunner(self.tabs.fresh, self.job.patience, until, self.record)
        checks = dict(enumerate(self.job.checks))
        earlier = {index: checks.pop(index) for index in self.job.earlier}
        await asyncio.gather(
            self._something_visible(tab, min(now + BLANK_SECONDS, ends_at)),
            runner.run(tab.inspector, checks),
            self._earlier_checks(runner, earlier),
        )

    async def _use(self, ends_at: float) -> None:
        """Use the page as people would, on loads of its own: scenarios, then the smoke test."""
        if not self.job.use_seconds:
            return
        scenarios = [Scenario.model_validate(each) for each in self.job.scenarios]
        now = asyncio.get_running_loop().time()
        runner = ScenarioRunner(
            open_page=self.tabs.open_loaded,
            root=self.tabs.root,
            files=self.job.path(SITE),
            pictures=self.job.path(""),
            ends_at=min(now + 2 * self.job.use_seconds, ends_at),
        )
        async for outcome in runner.run_all(scenarios):
            self.record(Kind.SCENARIO, outcome=outcome.model_dump())
        if not self.job.smoke:
            return
        until = min(asyncio.get_running_loop().time() + self.job.use_seconds, ends_at)
        await smoke_test(lambda: self.tabs.open_loaded(HOOKS), self.record, until)

    async def _snapshot(self, tab: Tab) -> None:
        self.record(Kind.SNAPSHOT, seen=await tab.page.locator("body").aria_snapshot())

    async def _earlier_checks(self, runner: CheckRunner, checks: Mapping[int, str]) -> None:
        """Run the checks of earlier rounds on a load that those of this round do not touch."""
        if not checks:
            return
        tab = await self.tabs.open(self.record)

        async def loaded_and_checked() -> None:
            await self.tabs.load(tab, self.record)
            await runner.run(tab.inspector, checks)

        await self._unless_gone(tab, loaded_and_checked())

    async def _something_visible(self, tab: Tab, ends_at: float) -> None:
        if not (await tab.inspector.hold(f"!{IS_BLANK.strip()}", ends_at)).holds:
            self.record(Kind.BLANK)

    async def _bounded(self, step: Awaitable[None]) -> None:
        """Give a step that only warns a few seconds; do without it when it fails."""
        with suppress(PlaywrightError, TimeoutError):
            async with asyncio.timeout(STEP_SECONDS):
                await step

    async def _screenshot(self, tab: Tab, name: str) -> None:
        self.job.path(name).write_bytes(await tab.inspector.screenshot())
        self.record(Kind.SCREENSHOT, name=name)

    async def _phone(self, tab: Tab) -> None:
        await tab.page.set_viewport_size(PHONE)
        excess = await tab.inspector.evaluate(OVERFLOW)
        if excess.holds:
            self.record(Kind.OVERFLOW, seen=str(excess.value))
        await self._screenshot(tab, "phone.png")
