"""The smoke test: use every form, button, select and link, each on a fresh load.

It does not know what the app is for. An uncaught error is a failure. An element whose use changes
nothing is used again after some of the others, since there may have been nothing to clear, sort or
stop yet. Only one that never has an effect is a warning.
"""

import asyncio
from collections.abc import Container
from contextlib import suppress

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page

from builder.verify.browser_worker.element_use import HANGS, Element, ElementUse
from builder.verify.browser_worker.recorder import Record
from builder.verify.browser_worker.scripts import script
from builder.verify.browser_worker.windows import Windows
from builder.verify.worker_protocol import Kind

MAX_ELEMENTS = 30
MAX_OTHERS = 8
"""How many others are used before an element that seems to do nothing is tried again."""
LANES = 3
ELEMENT_PART = 0.5
"""Share of the whole time that one element may take."""
PULSE_SECONDS = 5.0
"""A page that does not respond for this long hangs."""


class SmokeTest:
    """Uses the elements of the page; records what is wrong, except the page's `known_errors`."""

    def __init__(self, windows: Windows, record: Record, known_errors: Container[str]) -> None:
        self._windows = windows
        self._record = record
        self._known_errors = known_errors
        self._lanes = asyncio.Semaphore(LANES)
        self._elements: list[Element] = []
        self._element_seconds = 0.0
        self._is_live = False
        self._idle: list[Element] = []
        self._tried = 0

    async def run(self, ends_at: float) -> None:
        """Use the elements until the loop's time is `ends_at`."""
        self._element_seconds = ELEMENT_PART * (ends_at - asyncio.get_running_loop().time())
        with suppress(TimeoutError, PlaywrightError):
            async with asyncio.timeout_at(ends_at):
                await self._look_round()
                await asyncio.gather(*map(self._try, self._elements[:MAX_ELEMENTS]))
        self._record(Kind.SMOKE_TESTED, tried=self._tried, total=len(self._elements))

    async def _look_round(self) -> None:
        async with self._windows.opened() as page:
            use = ElementUse(page)
            await use.begin(self._windows)
            self._elements = await page.evaluate(script("inventory"))
            self._is_live = await use.changes_by_itself()

    async def _try(self, element: Element) -> None:
        async with self._lanes, self._windows.opened() as page:
            use = ElementUse(page)
            has_effect = True
            try:
                async with asyncio.timeout(self._element_seconds):
                    await use.begin(self._windows)
                    has_effect = await self._has_effect(use, element)
            except (PlaywrightError, TimeoutError):
                # Covered, moved or missing on this load: nobody could have used it.
                if await _hangs(page):
                    use.errors.append(HANGS)
            self._tried += 1
            self._record_use(use, element, has_effect)

    async def _has_effect(self, use: ElementUse, element: Element) -> bool:
        """Use the element on the fresh page; if nothing changes, again after others."""
        if await use.has_effect(element, is_live=self._is_live):
            return True
        seen = []
        for other in self._others(element):
            seen.append(await self._has_effect_after(use, other, element))
            if seen[-1]:
                return True
        self._idle.append(element)
        # If it was never usable after others, nobody knows.
        return bool(seen) and all(has_effect is None for has_effect in seen)

    async def _has_effect_after(
        self, use: ElementUse, other: Element, element: Element
    ) -> bool | None:
        try:
            await use.take(other)
            return await use.has_effect_at_once(element)
        except PlaywrightError:
            # The other one led away from the element.
            await self._windows.load(use.page)
            return None

    def _others(self, element: Element) -> list[Element]:
        """Return others to use first: a form twice, which makes content, and some of the rest."""
        usable = [
            other
            for other in self._elements
            if other is not element and other["kind"] != "link" and other not in self._idle
        ]
        forms = [other for other in usable if other["kind"] == "form"][:1] * 2
        rest = [other for other in usable if other not in forms]
        return [*forms, *rest[:: max(1, -(-len(rest) // (MAX_OTHERS - len(forms))))]]

    def _record_use(self, use: ElementUse, element: Element, has_effect: bool) -> None:
        subject = f"{element['kind']} {element['label']!r}"
        for error in dict.fromkeys(use.errors):
            if error not in self._known_errors:
                self._record(Kind.USE_ERROR, subject=subject, seen=error)
        for url in dict.fromkeys(use.missing):
            self._record(Kind.USE_MISSING, subject=subject, seen=url)
        if not has_effect and not use.errors:
            self._record(Kind.NO_EFFECT, subject=subject)


async def _hangs(page: Page) -> bool:
    try:
        async with asyncio.timeout(PULSE_SECONDS):
            await page.evaluate("1")
    except TimeoutError:
        return True
    except PlaywrightError:
        return False
    return False
