"""JavaScript checks of a published page in Chromium, as a grader runs them."""

import asyncio
import os
import re
import shutil
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.async_api import Browser, Page, Playwright, Route, ViewportSize, async_playwright
from playwright.async_api import Error as PlaywrightError

from builder.verify.browser_worker.inspector import Inspector
from local.cdn import HOSTS, CdnFiles

PATIENCE = 15.0
"""Seconds a check has to become true once the page is there."""
SEEN = 300
"""Characters of a value or an error that are shown."""
WINDOW = ViewportSize(width=1280, height=800)
NAMES = ("google-chrome", "google-chrome-stable", "chromium", "chromium-browser")
FLAGS = ("--disable-background-networking", "--disable-component-update", "--disable-sync")


@dataclass(frozen=True)
class Observation:
    """Whether something holds on the page, and what was seen last."""

    holds: bool
    seen: str


@dataclass(frozen=True)
class PageVisit:
    """Whether the page opened in the browser, and what became of each expression."""

    opened: Observation
    checks: list[Observation]


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser | str]:
    """Run one headless Chromium; yield in words why not, where none starts."""
    # A short folder: Chromium puts a socket there, whose path may hold some 100 bytes.
    with TemporaryDirectory(prefix="grader-", dir="/tmp") as folder:
        async with async_playwright() as playwright:
            browser = await _launched(playwright, folder)
            try:
                yield browser
            finally:
                if not isinstance(browser, str):
                    await browser.close()


async def _launched(playwright: Playwright, folder: str) -> Browser | str:
    """Start the first browser that starts; return the failures where none does."""
    environ: dict[str, str | float | bool] = {**os.environ, "TMPDIR": folder}
    args = [*FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    failures = []
    for program in _programs():
        try:
            return await playwright.chromium.launch(executable_path=program, args=args, env=environ)
        except PlaywrightError as error:
            failures.append(f"{program or 'Playwright'}: {_first_line(error)}")
    return f"no browser starts ({'; '.join(failures)})"


def _programs() -> Iterator[str | None]:
    """Yield the browsers to try; None is Playwright's own."""
    yield from filter(None, map(shutil.which, NAMES))
    yield None


class PageChecks:
    """Opens pages in `browser`; what they ask of CDNs comes from `cdn` where it is there."""

    def __init__(self, browser: Browser | str, cdn: CdnFiles, patience: float = PATIENCE) -> None:
        """`browser` is one, or in words why there is none; `patience` in seconds."""
        self._browser = browser
        self._cdn = cdn
        self._patience = patience

    async def visit(
        self, url: str, expressions: Sequence[str], screenshot: Path | None = None
    ) -> PageVisit:
        """Open `url` and evaluate each expression until it is true or patience ends."""
        if isinstance(self._browser, str):
            return _unopened(self._browser, expressions)
        context = await self._browser.new_context(viewport=WINDOW)
        try:
            await context.route(HOSTS, self._answer)
            return await self._visit(await context.new_page(), url, expressions, screenshot)
        finally:
            await context.close()

    async def _visit(
        self, page: Page, url: str, expressions: Sequence[str], screenshot: Path | None
    ) -> PageVisit:
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(error.message))
        opened = await self._open(page, url)
        if not opened.holds:
            return _unopened(opened.seen, expressions)
        ends_at = asyncio.get_running_loop().time() + self._patience
        # One reading of what a check says, here and in the builder.
        inspector = Inspector(await page.context.new_cdp_session(page))
        found = await asyncio.gather(*(inspector.check(text, ends_at) for text in expressions))
        if screenshot:
            await _photograph(page, screenshot)
        seen = [Observation(outcome.holds, outcome.seen[:SEEN]) for outcome in found]
        return PageVisit(opened, [_explained(observation, errors) for observation in seen])

    async def _open(self, page: Page, url: str) -> Observation:
        until, timeout = "domcontentloaded", self._patience * 1000
        try:
            response = await page.goto(url, wait_until=until, timeout=timeout)  # type: ignore[arg-type]
        except PlaywrightError as error:
            return Observation(False, f"the page does not open: {_first_line(error)}")
        if response is not None and response.status >= 400:
            return Observation(False, f"the page answers {response.status}")
        browser = page.context.browser
        version = browser.version if browser else "of an unknown version"
        return Observation(True, f"Chromium {version} opened {page.url}")

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


def _unopened(reason: str, expressions: Sequence[str]) -> PageVisit:
    failed = Observation(False, reason)
    return PageVisit(failed, [failed] * len(expressions))


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
