"""Opens windows, each in a browser context of its own that shares no storage."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from playwright.async_api import (
    APIRequestContext,
    Browser,
    Page,
    Playwright,
    Request,
    Route,
    ViewportSize,
)
from playwright.async_api import Error as PlaywrightError

DESKTOP = ViewportSize(width=1280, height=800)
MIRROR_MILLISECONDS = 3_000
CLOSE_SECONDS = 2.0

RouteHandler = Callable[[Route], Awaitable[None]]


@dataclass(frozen=True)
class Windows:
    """Opens the page at `path` of the site at `root` (a URL)."""

    browser: Browser
    root: str
    path: str
    load_seconds: float
    """For the load event."""
    mirrored: RouteHandler | None = None
    """Answers requests to other hosts."""
    asked: Callable[[str], None] | None = None
    """Is called with what pages load: a file of the site by its path, anything else by its host."""

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Page]:
        """Open an empty page for as long as the block lasts. Raises PlaywrightError."""
        context = await self.browser.new_context(
            viewport=DESKTOP,
            accept_downloads=False,
            permissions=["clipboard-read", "clipboard-write"],
        )
        try:
            if self.asked:
                # Not the bound method: Playwright sets an attribute on what it is bound to.
                context.on("request", lambda request: self._note(request))
            if self.mirrored:
                await context.route(lambda url: url.startswith("https://"), self.mirrored)
            yield await context.new_page()
        finally:
            with suppress(PlaywrightError, TimeoutError):
                async with asyncio.timeout(CLOSE_SECONDS):
                    await context.close()

    def _note(self, request: Request) -> None:
        # A document is where a link leads, not what the page shows.
        if self.asked and request.resource_type != "document":
            for subject in filter(None, self._subjects(request.url)):
                self.asked(subject)

    def _subjects(self, url: str) -> Iterator[str | None]:
        """Yield the file of the site; elsewhere the host, and one that is asked to fetch from."""
        if url.startswith(self.root):
            yield unquote(urlsplit(url).path.removeprefix(urlsplit(self.root).path))
            return
        for address in unquote(url).split("://")[1:]:
            with suppress(ValueError):
                yield urlsplit(f"//{address}").hostname

    async def load(self, page: Page) -> None:
        """Go to the page. Raises PlaywrightError."""
        timeout = self.load_seconds * 1000
        await page.goto(f"{self.root}{self.path}", wait_until="load", timeout=timeout)

    @asynccontextmanager
    async def loaded(self) -> AsyncIterator[Page]:
        """Open the page, loaded as far as it loads. Raises PlaywrightError."""
        async with self.opened() as page:
            with suppress(PlaywrightError):
                await self.load(page)
            yield page

    async def expect_browser(self) -> None:
        """Raise PlaywrightError if the browser is gone, since it closes its pages first."""
        await (await self.browser.new_context()).close()


async def mirror(playwright: Playwright, url: str | None) -> RouteHandler | None:
    """Return a handler that tries `{url}/{address}` before another host's `address`."""
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
