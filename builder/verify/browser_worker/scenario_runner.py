"""Runs scenarios with Playwright in fresh windows, each up to its first failure."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Error as PlaywrightError

from builder.verify.browser_worker.app_page import AppPage
from builder.verify.browser_worker.scenario_steps import take
from builder.verify.browser_worker.windows import Windows
from builder.verify.scenarios.scenario import Outcome, Scenario, Step, Unmet

STEP_SECONDS = 5.0
"""For an element to be there and take an action, or for an expectation to hold."""
PICTURE_MILLISECONDS = 1_000
LANES = 3
"""Scenarios at the same time."""
ERROR_CHARACTERS = 400


@dataclass(frozen=True)
class ScenarioRunner:
    """Runs scenarios on the site, whose files are in `files`, until the loop's time is `ends_at`.

    Screenshots are written to `pictures`.
    """

    windows: Windows
    files: Path
    pictures: Path
    ends_at: float

    async def run_all(self, scenarios: Sequence[Scenario]) -> AsyncIterator[Outcome]:
        """Yield the outcome of each scenario as soon as it ends; a few run at a time."""
        lanes = asyncio.Semaphore(LANES)

        async def run_in_lane(scenario: Scenario) -> Outcome:
            async with lanes:
                return await self._run(scenario)

        for outcome in asyncio.as_completed([run_in_lane(scenario) for scenario in scenarios]):
            yield await outcome

    async def _run(self, scenario: Scenario) -> Outcome:
        try:
            async with asyncio.timeout_at(self.ends_at), self.windows.loaded() as page:
                app = AppPage(page, self.windows.root, self.files, STEP_SECONDS)
                outcome = await _outcome(scenario, app)
                picture = await self._picture(scenario, app)
                return outcome.model_copy(update={"screenshot": picture})
        except TimeoutError:
            return Outcome(id=scenario.id, passed=False, ran=False, seen="the time was over")
        except PlaywrightError as error:
            return Outcome(id=scenario.id, passed=False, ran=False, seen=_short(error))

    async def _picture(self, scenario: Scenario, app: AppPage) -> str | None:
        name = f"scenario-{scenario.id}.png"
        try:
            content = await app.page.screenshot(timeout=PICTURE_MILLISECONDS)
        except PlaywrightError:
            return None
        (self.pictures / name).write_bytes(content)
        return name


async def _outcome(scenario: Scenario, app: AppPage) -> Outcome:
    """Take the steps up to the first that fails."""
    for number, step in enumerate(scenario.steps):
        failure = await _failure(app, step)
        if failure:
            return Outcome(
                id=scenario.id,
                passed=False,
                step=number,
                expected=failure.expected,
                seen=failure.seen,
                errors=tuple(dict.fromkeys(app.errors)),
                html=await app.html_around(step.target),
            )
    return Outcome(id=scenario.id, passed=True, errors=tuple(dict.fromkeys(app.errors)))


async def _failure(app: AppPage, step: Step) -> Unmet | None:
    try:
        await take(app, step)
    except Unmet as unmet:
        return unmet
    except PlaywrightError as error:
        return Unmet("the step to be possible", _short(error))
    return None


def _short(error: PlaywrightError) -> str:
    """Return the distinct lines of Playwright's message, cut."""
    lines = [line.strip(" -") for line in error.message.splitlines() if line.strip()]
    return "; ".join(dict.fromkeys(lines))[:ERROR_CHARACTERS]
