"""Fresh loads of the page: each in a browser context of its own, with what watches it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from playwright.async_api import APIRequestContext, Browser, Page, Playwright, Route, ViewportSize
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import TimeoutError as PlaywrightTimeout

from builder.verify.browser_worker.chromium import CLOSE_SECONDS
from builder.verify.browser_worker.inspector import Inspector
from builder.verify.browser_worker.page_events import Initiators, PageEvents
from builder.verify.browser_worker.recorder import Record
from builder.verify.worker_protocol import Kind

DESKTOP = ViewportSize(width=1280, height=800)
PHONE = ViewportSize(width=390, height=844)
MIRROR_MILLISECONDS = 3_000

RouteHandler = Callable[[Route], Awaitable[None]]


@dataclass(frozen=True)
class Tab:
    """A page in a context that shares no storage with another; `events` records what it does."""

    page: Page
    inspector: Inspector
    events: PageEvents


@dataclass(frozen=True)
class Tabs:
    """Opens the page at `url` of the site below `root`, with `load_seconds` for its load event."""

    browser: Browser
    url: str
    root: str
    checks: Sequence[str]
    load_seconds: float
    mirrored: RouteHandler | None = None
    """Answers what a page asks of other hosts."""

    async def open(self, record: Record) -> Tab:
        """Open an empty page. Raises PlaywrightError."""
        context = await self.browser.new_context(viewport=DESKTOP, accept_downloads=False)
        if self.mirrored:
            await context.route(lambda url: url.startswith("https://"), self.mirrored)
        page = await context.new_page()
        session = await context.new_cdp_session(page)
        initiators = Initiators(self.root, self.checks)
        await initiators.watch(session)
        return Tab(page, Inspector(session), PageEvents(page, self.root, initiators, record))

    async def load(self, tab: Tab, record: Record) -> None:
        """Go to the page; record how that ended."""
        try:
            await tab.page.goto(self.url, wait_until="load", timeout=self.load_seconds * 1000)
        except PlaywrightTimeout:
            record(Kind.SLOW, seen=f"no load event after {self.load_seconds:.0f} s")
        except PlaywrightError as error:
            await self.expect_browser()
            record(Kind.NOT_LOADED, seen=error.message.split("\n")[0])
            return
        record(Kind.OPENED)

    async def expect_browser(self) -> None:
        """Raise PlaywrightError when the browser is gone, which closes its pages first."""
        await (await self.browser.new_context()).close()

    @asynccontextmanager
    async def fresh(self) -> AsyncIterator[Inspector]:
        """Load the page once more, unrecorded, for as long as the block lasts."""
        tab = await self.open(_unrecorded)
        try:
            await self.load(tab, _unrecorded)
            yield tab.inspector
        finally:
            with suppress(PlaywrightError, TimeoutError):
                async with asyncio.timeout(CLOSE_SECONDS):
                    await tab.page.context.close()

    async def open_loaded(self, script: str | None = None) -> Page:
        """Load the page, unrecorded, with `script` run before its own. Raises PlaywrightError."""
        tab = await self.open(_unrecorded)
        if script:
            await tab.page.add_init_script(script)
        await self.load(tab, _unrecorded)
        return tab.page


def _unrecorded(kind: Kind, **fields: object) -> None:
    """Drop what the page does by itself: it was recorded on its first load."""


async def mirror(playwright: Playwright, url: str | None) -> RouteHandler | None:
    """Return what asks `{url}/{address}` first for what a page gets from other hosts."""
    if url is None:
        return None
    client = await playwright.request.new_context()

    async def answer(route: Route) -> None:
        if not await _answered(route, client, f"{url}/{route.request.url}"):
            await route.continue_()

    return answer


async def _answered(route: Route, client: APIRequestContext, url: str) -> bool:
    if route.request.method != "GET":
        return False
    try:
        found = await client.get(url, timeout=MIRROR_MILLISECONDS)
        if found.status != 200:
            return False
        content_type = found.headers.get("content-type", "application/octet-stream")
        headers = {"content-type": content_type, "access-control-allow-origin": "*"}
        await route.fulfill(status=200, headers=headers, body=await found.body())
    except PlaywrightError:
        return False
    return True
