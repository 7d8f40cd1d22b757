"""JavaScript checks of a published page in Chromium, as a grader runs them."""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Browser, Page, Route, ViewportSize, async_playwright
from playwright.async_api import Error as PlaywrightError

from builder.verify.browser import executable, flags
from builder.verify.browser_worker.inspector import Inspector
from local.cdn import HOSTS, CdnFiles

PATIENCE = 15.0
"""Seconds a check has to become true once the page is there."""

SEEN = 300
"""Characters of a value or an error that are shown."""

WINDOW = ViewportSize(width=1280, height=800)


@dataclass(frozen=True)
class Observation:
    """Whether an expression came true on the page, and what was seen last."""

    holds: bool
    seen: str


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Run one headless Chromium."""
    # Looked up in a thread: it may ask Playwright's blocking side.
    program = await asyncio.to_thread(executable)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=flags())
        try:
            yield browser
        finally:
            await browser.close()


class PageChecks:
    """Opens pages in `browser`; what they ask of CDNs comes from `cdn` where it is there."""

    def __init__(self, browser: Browser, cdn: CdnFiles, patience: float = PATIENCE) -> None:
        """`patience` in seconds."""
        self._browser = browser
        self._cdn = cdn
        self._patience = patience

    async def observe(
        self, url: str, expressions: Sequence[str], screenshot: Path | None = None
    ) -> list[Observation]:
        """Open `url` and evaluate each expression until it is true or patience ends."""
        context = await self._browser.new_context(viewport=WINDOW)
        try:
            await context.route(HOSTS, self._answer)
            page = await context.new_page()
            return await self._observe(page, url, expressions, screenshot)
        finally:
            await context.close()

    async def _observe(
        self, page: Page, url: str, expressions: Sequence[str], screenshot: Path | None
    ) -> list[Observation]:
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(error.message))
        trouble = await _open(page, url, self._patience)
        if trouble:
            return [Observation(False, trouble)] * len(expressions)
        ends_at = asyncio.get_running_loop().time() + self._patience
        # One reading of what a check says, here and in the builder.
        inspector = Inspector(await page.context.new_cdp_session(page))
        found = await asyncio.gather(*(inspector.check(text, ends_at) for text in expressions))
        if screenshot:
            await _photograph(page, screenshot)
        observations = [Observation(outcome.holds, outcome.seen[:SEEN]) for outcome in found]
        return [_explained(observation, errors) for observation in observations]

    async def _answer(self, route: Route) -> None:
        found = self._cdn.find(route.request.url)
        if found is None:
            await route.continue_()
            return
        await route.fulfill(
            path=found.path,
            content_type=f"{found.media_type}; charset=utf-8",
            headers={"access-control-allow-origin": "*"},
        )


async def _open(page: Page, url: str, patience: float) -> str | None:
    try:
        response = await page.goto(url, wait_until="domcontentloaded", timeout=patience * 1000)
    except PlaywrightError as error:
        return f"the page does not open: {_first_line(error)}"
    if response is not None and response.status >= 400:
        return f"the page answers {response.status}"
    return None


async def _photograph(page: Page, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        await page.screenshot(path=target, full_page=True, timeout=10_000)
    except PlaywrightError:
        # A page that hangs has no picture; its checks have said so.
        target.unlink(missing_ok=True)


def _explained(observation: Observation, errors: Sequence[str]) -> Observation:
    if observation.holds or not errors:
        return observation
    return Observation(False, f"{observation.seen}; the page threw: {errors[0][:SEEN]}")


def _first_line(error: PlaywrightError) -> str:
    line = next(iter(error.message.splitlines()), "")
    # Playwright puts the name of its own call in front.
    return re.sub(r"^[A-Z]\w+\.\w+: ", "", line)[:SEEN]
