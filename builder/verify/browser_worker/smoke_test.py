"""The smoke test: use every form, button, select and link once, each on a fresh load.

It knows nothing of what the app is for. An uncaught error is a failure; a press after which
nothing is different is a warning.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Dialog, Locator, Page, Response
from playwright.async_api import Error as PlaywrightError

from builder.verify.browser_worker import field_values
from builder.verify.browser_worker.recorder import Record
from builder.verify.browser_worker.scenario_runner import OpenPage
from builder.verify.browser_worker.smoke_scripts import BLUR, FIELDS, INVENTORY, STATE
from builder.verify.worker_protocol import Kind

SMOKE_SECONDS = 10.0
"""For all elements together."""
MAX_ELEMENTS = 30
LANES = 3
CLICK_MILLISECONDS = 1_500
EFFECT_SECONDS = 0.7
"""How long a change is waited for."""
SETTLE_SECONDS = 0.12
"""Between two looks at a page that nobody touches: what changes then changes by itself."""
POLL_SECONDS = 0.05

Element = dict[str, Any]


async def smoke_test(open_page: OpenPage, record: Record, ends_at: float) -> None:
    """Use the page's elements until the loop's time is `ends_at`; record what is wrong."""
    test = _SmokeTest(open_page, record)
    with suppress(TimeoutError, PlaywrightError):
        async with asyncio.timeout_at(ends_at):
            await test.run()
    record(Kind.SMOKE_TESTED, tried=test.tried, total=test.total)


class _SmokeTest:
    def __init__(self, open_page: OpenPage, record: Record) -> None:
        self._open_page = open_page
        self._record = record
        self._lanes = asyncio.Semaphore(LANES)
        self._known_errors: set[str] = set()
        self.tried = 0
        self.total = 0

    async def run(self) -> None:
        elements = await self._inventory()
        self.total = len(elements)
        await asyncio.gather(*(self._try(element) for element in elements[:MAX_ELEMENTS]))

    async def _inventory(self) -> list[Element]:
        """Return what can be used; errors of the mere load are noted elsewhere."""
        page = await self._open_page()
        page.on("pageerror", lambda error: self._known_errors.add(error.message))
        elements: list[Element] = await page.evaluate(INVENTORY)
        await page.context.close()
        return elements

    async def _try(self, element: Element) -> None:
        async with self._lanes:
            page = await self._open_page()
            try:
                use = _Use(page, element)
                await use.run()
                self.tried += 1
                self._tell(use, element)
            except PlaywrightError:
                # It is covered, moved or gone on this load: no person could have pressed it.
                self.tried += 1
            finally:
                with suppress(PlaywrightError):
                    await page.context.close()

    def _tell(self, use: "_Use", element: Element) -> None:
        subject = f"{element['kind']} {element['label']!r}"
        for error in dict.fromkeys(use.errors):
            if error not in self._known_errors:
                self._record(Kind.USE_ERROR, subject=subject, seen=error)
        for url in dict.fromkeys(use.missing):
            self._record(Kind.USE_MISSING, subject=subject, seen=url)
        if use.was_idle and not use.errors:
            self._record(Kind.NO_EFFECT, subject=subject)


@dataclass
class _Use:
    """One element used on a page of its own."""

    page: Page
    element: Element
    errors: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    was_idle: bool = False
    _signs: int = 0
    """Dialogs, downloads, windows and requests: effects that the page's state does not show."""

    def __post_init__(self) -> None:
        self.page.on("pageerror", lambda error: self.errors.append(error.message))
        self.page.on("dialog", self._dialog)
        self.page.on("response", self._answered)
        for event in ("download", "popup", "request", "filechooser", "worker"):
            self.page.on(event, self._sign)

    async def run(self) -> None:
        """Fill the fields, press, and wait for something to be different."""
        act = getattr(self, f"_{self.element['kind']}")
        press: Callable[[], Awaitable[None]] | None = await act()
        if press is None:
            return
        await self.page.evaluate(BLUR)
        before = await self._state()
        await asyncio.sleep(SETTLE_SECONDS)
        changes_by_itself = await self._state() != before
        signs = self._signs
        await press()
        changed = await self._changes(before, signs)
        self.was_idle = not (changed or changes_by_itself)

    async def _changes(self, before: str, signs: int) -> bool:
        loop = asyncio.get_running_loop()
        ends_at = loop.time() + EFFECT_SECONDS
        while loop.time() < ends_at:
            if self._signs != signs or await self._state() != before:
                await asyncio.sleep(SETTLE_SECONDS)
                return True
            await asyncio.sleep(POLL_SECONDS)
        return False

    async def _state(self) -> str:
        try:
            return str(await self.page.evaluate(STATE))
        except PlaywrightError:
            return "between two pages"

    async def _form(self) -> Callable[[], Awaitable[None]] | None:
        fields = await self._fill(self.element["path"])
        form = self.page.locator(self.element["path"])
        if not await form.evaluate("form => form.noValidate || form.checkValidity()"):
            return None
        if self.element["submit"]:
            return self._click(self.page.locator(self.element["submit"]))
        typed = [each for each in fields if await each.evaluate("e => e.matches('input')")]
        return (lambda: typed[0].press("Enter")) if typed else None

    async def _button(self) -> Callable[[], Awaitable[None]]:
        await self._fill(None)
        return self._click(self.page.locator(self.element["path"]))

    async def _link(self) -> Callable[[], Awaitable[None]]:
        return self._click(self.page.locator(self.element["path"]))

    async def _select(self) -> Callable[[], Awaitable[None]] | None:
        locator = self.page.locator(self.element["path"])
        values = await locator.evaluate(
            "e => ({ value: e.value, options: [...e.options].filter(o => !o.disabled)"
            ".map(o => o.value) })"
        )
        value = field_values.option_for(values)

        async def choose() -> None:
            await locator.select_option(value, timeout=CLICK_MILLISECONDS)

        return choose if value is not None else None

    def _click(self, locator: Locator) -> Callable[[], Awaitable[None]]:
        async def click() -> None:
            await locator.click(timeout=CLICK_MILLISECONDS)

        return click

    async def _fill(self, scope: str | None) -> list[Locator]:
        """Fill the fields below `scope`; return those that were filled."""
        fields = await self.page.evaluate(FIELDS, scope)
        all_fields = self.page.locator(scope or "body").locator("input, textarea, select")
        filled = []
        groups: set[str] = set()
        for each in fields:
            locator = all_fields.nth(each["index"])
            if each["group"] is not None and each["group"] in groups:
                continue
            groups.add(each["group"] or "")
            with suppress(PlaywrightError):
                await _fill_field(locator, each)
                filled.append(locator)
        return filled

    def _sign(self, _: object) -> None:
        self._signs += 1

    def _dialog(self, dialog: Dialog) -> None:
        self._signs += 1
        answer = "Sample text" if dialog.type == "prompt" else ""
        self._closing = asyncio.ensure_future(dialog.accept(answer))

    def _answered(self, response: Response) -> None:
        request = response.request
        if response.status >= 400 and request.is_navigation_request():
            self.missing.append(response.url)


async def _fill_field(locator: Locator, each: field_values.Field) -> None:
    match each["type"]:
        case "checkbox" | "radio":
            await locator.check(timeout=CLICK_MILLISECONDS)
        case "file":
            await locator.set_input_files(field_values.file_for(each))
        case "select-one" | "select-multiple":
            option = field_values.option_for(each)
            if option is not None and not each["value"]:
                await locator.select_option(option, timeout=CLICK_MILLISECONDS)
        case _:
            await locator.fill(field_values.text_for(each), timeout=CLICK_MILLISECONDS)
