"""Runs scenarios in fresh windows with Playwright; each until its first failure."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page

from builder.verify.browser_worker.app_page import AppPage, Unmet
from builder.verify.browser_worker.scenario_actions import act
from builder.verify.browser_worker.scenario_expectations import EXPECTATIONS, expect
from builder.verify.browser_worker.scenario_locators import around
from builder.verify.scenarios.scenario import Outcome, Scenario, Step

STEP_SECONDS = 3.0
"""For an element to be there and take an action, or for an expectation to hold."""
CLOSE_SECONDS = 1.0
LANES = 3
"""Scenarios at a time."""
ERROR_CHARACTERS = 400

OpenPage = Callable[[], Awaitable[Page]]
"""Opens the app's page, loaded, in a window with storage of its own. Raises PlaywrightError."""


@dataclass(frozen=True)
class ScenarioRunner:
    """Where scenarios are run: the site at `root` (a URL) with its files, until `ends_at`.

    `ends_at` is a time of the running loop, in seconds; screenshots are written to `pictures`.
    """

    open_page: OpenPage
    root: str
    files: Path
    pictures: Path
    ends_at: float
    step_seconds: float = STEP_SECONDS

    async def run_all(self, scenarios: list[Scenario]) -> AsyncIterator[Outcome]:
        """Yield the outcome of each scenario as it is over, a few at a time."""
        lanes = asyncio.Semaphore(LANES)

        async def run_in_lane(scenario: Scenario) -> Outcome:
            async with lanes:
                return await self.run(scenario)

        for outcome in asyncio.as_completed([run_in_lane(scenario) for scenario in scenarios]):
            yield await outcome

    async def run(self, scenario: Scenario) -> Outcome:
        """Return how a scenario came out."""
        try:
            async with asyncio.timeout_at(self.ends_at), self._app_page() as app:
                return await self._run(scenario, app)
        except TimeoutError:
            return Outcome(id=scenario.id, passed=False, ran=False, seen="the time was over")
        except PlaywrightError as error:
            return Outcome(id=scenario.id, passed=False, ran=False, seen=_short(error))

    @asynccontextmanager
    async def _app_page(self) -> AsyncIterator[AppPage]:
        page = await self.open_page()
        try:
            yield AppPage(page, self.root, self.files, self.step_seconds)
        finally:
            with suppress(PlaywrightError, TimeoutError):
                async with asyncio.timeout(CLOSE_SECONDS):
                    await page.context.close()

    async def _run(self, scenario: Scenario, app: AppPage) -> Outcome:
        outcome = Outcome(id=scenario.id, passed=True)
        for number, step in enumerate(scenario.steps):
            failure = await _failure(app, step)
            if failure:
                fields = {"passed": False, "step": number, "html": await _html(app, step)}
                told = {"expected": failure.expected, "seen": failure.seen}
                outcome = outcome.model_copy(update=fields | told)
                break
        errors = tuple(dict.fromkeys(app.errors))
        picture = await self._picture(scenario, app)
        return outcome.model_copy(update={"errors": errors, "screenshot": picture})

    async def _picture(self, scenario: Scenario, app: AppPage) -> str | None:
        name = f"scenario-{scenario.id}.png"
        try:
            content = await app.page.screenshot(timeout=CLOSE_SECONDS * 1_000)
        except PlaywrightError:
            return None
        (self.pictures / name).write_bytes(content)
        return name


async def _failure(app: AppPage, step: Step) -> Unmet | None:
    """Do one step; return why it failed. A step on files is none of the page's."""
    try:
        if step.do in EXPECTATIONS:
            await expect(app, step)
        elif not step.do.is_file_probe:
            await act(app, step)
    except Unmet as unmet:
        return unmet
    except PlaywrightError as error:
        return Unmet("the step to be possible", _short(error))
    return None


async def _html(app: AppPage, step: Step) -> str:
    try:
        return await around(app.page, step.target)
    except PlaywrightError:
        return ""


def _short(error: PlaywrightError) -> str:
    """Return the lines of Playwright's message once each, cut."""
    lines = [line.strip(" -") for line in error.message.splitlines() if line.strip()]
    return "; ".join(dict.fromkeys(lines))[:ERROR_CHARACTERS]
