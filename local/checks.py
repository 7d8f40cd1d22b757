"""JavaScript checks of a published page in Chromium, as a grader runs them."""

import asyncio
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page, Route, ViewportSize, async_playwright

from builder.verify.browser import LAUNCH_SECONDS, flags, programs, short_folder
from builder.verify.browser_worker.chromium import launch
from builder.verify.browser_worker.inspector import Inspector, Value
from local.cdn import HOSTS, CdnFiles

OPEN_SECONDS = 30.0
PATIENCE = 15.0
"""Seconds that a check may take to become true once the page is open."""
SEEN = 400
"""Characters of a value or an error that are shown."""
WINDOW = ViewportSize(width=1280, height=800)


@dataclass(frozen=True)
class PageVisit:
    """Whether the page opened in the browser, and the result of each expression."""

    opened: Value
    checks: list[Value]


class PageChecks:
    """Opens pages, each in a browser of its own; files of CDNs come from `cdn` if it has them."""

    def __init__(self, cdn: CdnFiles, patience: float = PATIENCE) -> None:
        """`patience` in seconds."""
        self._cdn = cdn
        self._patience = patience

    async def visit(
        self, url: str, expressions: Sequence[str], screenshot: Path | None = None
    ) -> PageVisit:
        """Open `url` and evaluate each expression until it is true or patience ends."""
        with TemporaryDirectory(prefix="grader-", dir=short_folder()) as folder:
            async with async_playwright() as playwright:
                failures: list[str] = []
                found = await launch(
                    playwright,
                    {name: path for name, path in programs().items() if path is not None},
                    flags(),
                    lambda name, reason: failures.append(f"{name}: {reason}"),
                    LAUNCH_SECONDS,
                    {**os.environ, "TMPDIR": folder},
                )
                if found is None:
                    return _unopened(f"no browser starts ({'; '.join(failures)})", expressions)
                async with found[1] as browser:
                    page = await browser.new_page(viewport=WINDOW)
                    await page.route(HOSTS, self._answer)
                    return await self._visit(page, url, expressions, screenshot)

    async def _visit(
        self, page: Page, url: str, expressions: Sequence[str], screenshot: Path | None
    ) -> PageVisit:
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(error.message))
        opened = await self._open(page, url)
        if not opened.holds:
            return _unopened(opened.seen, expressions)
        ends_at = asyncio.get_running_loop().time() + self._patience
        # Checks are interpreted as in the builder.
        inspector = Inspector(await page.context.new_cdp_session(page))
        found = await asyncio.gather(*(inspector.check(text, ends_at) for text in expressions))
        if screenshot:
            await _photograph(page, screenshot)
        threw = f"; the page threw: {errors[0]}" if errors else ""
        return PageVisit(
            opened,
            [
                Value(outcome.holds, f"{outcome.seen}{'' if outcome.holds else threw}"[:SEEN])
                for outcome in found
            ],
        )

    async def _open(self, page: Page, url: str) -> Value:
        until, timeout = "domcontentloaded", OPEN_SECONDS * 1000
        try:
            response = await page.goto(url, wait_until=until, timeout=timeout)  # type: ignore[arg-type]
        except PlaywrightError as error:
            return Value(False, f"the page does not open: {_first_line(error)}")
        if response is not None and response.status >= 400:
            return Value(False, f"the page answers {response.status}")
        browser = page.context.browser
        version = browser.version if browser else "of an unknown version"
        return Value(True, f"Chromium {version} opened {page.url}")

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
    failed = Value(False, reason)
    return PageVisit(failed, [failed] * len(expressions))


async def _photograph(page: Page, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        await page.screenshot(path=target, full_page=True, timeout=10_000)
    except PlaywrightError:
        # A page that hangs has no screenshot; its checks say so.
        target.unlink(missing_ok=True)


def _first_line(error: PlaywrightError) -> str:
    line = next(iter(error.message.splitlines()), "")
    # Playwright prefixes the name of its own call.
    return re.sub(r"^[A-Z]\w+\.\w+: ", "", line)[:SEEN]
