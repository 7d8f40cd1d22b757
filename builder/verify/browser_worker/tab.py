"""The page in a window of its own, with storage of its own, its console, and who watches it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page
from playwright.async_api import TimeoutError as PlaywrightTimeout

from builder.verify.browser_worker.chromium import CLOSE_SECONDS, NewPage
from builder.verify.browser_worker.initiators import Initiators
from builder.verify.browser_worker.inspector import Inspector
from builder.verify.browser_worker.page_events import Note, PageEvents
from builder.verify.observation import Kind


@dataclass(frozen=True)
class Tab:
    """An opened window; `witness` notes what the page does by itself."""

    page: Page
    inspector: Inspector
    witness: PageEvents


class Tabs:
    """Opens the page at `url` of the site below `root`, with `load_seconds` for its load event."""

    def __init__(
        self, new_page: NewPage, url: str, root: str, checks: Sequence[str], load_seconds: float
    ) -> None:
        self._new_page = new_page
        self._url = url
        self._root = root
        self._checks = checks
        self._load_seconds = load_seconds

    async def open(self, note: Note) -> Tab:
        """Open an empty window. Raises PlaywrightError."""
        page = await self._new_page()
        session = await page.context.new_cdp_session(page)
        initiators = Initiators(self._root, self._checks)
        await initiators.watch(session)
        return Tab(page, Inspector(session), PageEvents(page, self._root, initiators, note))

    async def load(self, tab: Tab, note: Note) -> None:
        """Go to the page; note when it does not load."""
        seconds = self._load_seconds
        try:
            await tab.page.goto(self._url, wait_until="load", timeout=seconds * 1000)
        except PlaywrightTimeout:
            note(Kind.SLOW, seen=f"no load event after {seconds:.0f} s")
        except PlaywrightError as error:
            note(Kind.NOT_LOADED, seen=error.message.split("\n")[0])

    @asynccontextmanager
    async def fresh(self) -> AsyncIterator[Inspector]:
        """Load the page once more, unwatched, for as long as the block lasts."""
        tab = await self.open(_unnoted)
        try:
            await self.load(tab, _unnoted)
            yield tab.inspector
        finally:
            with suppress(PlaywrightError, TimeoutError):
                async with asyncio.timeout(CLOSE_SECONDS):
                    await tab.page.context.close()


def _unnoted(kind: Kind, **fields: object) -> None:
    """What the page does by itself is told where it is looked at first."""
