"""Uses single elements of a page, and observes whether anything changes."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from playwright.async_api import Dialog, Locator, Page, Response
from playwright.async_api import Error as PlaywrightError

from builder.verify.browser_worker import field_values
from builder.verify.browser_worker.scripts import script
from builder.verify.browser_worker.windows import Windows

HANGS = "the page hangs"
FIELDS = "input, textarea, select, [contenteditable]"
BLUR = "() => document.activeElement?.blur?.()"
"""Leaves the field that was filled last, as clicking elsewhere does."""
CLICK_MILLISECONDS = 2_500
MOMENT = 50
"""Milliseconds for a press to have a visible effect."""
WHILE = 1_500
"""Milliseconds for anything else that a press starts."""
SETTLED_SECONDS = 5.0
"""Of the page's time after loading, by when what it does by itself is over."""
WAIT_SECONDS = 0.15
"""Of real time, for what comes from outside the page."""
POLL_SECONDS = 0.05
OF_THE_MACHINE = ("NotAllowedError", "AbortError", "Requested device not found")
"""Errors of a browser without a camera, a screen and a person."""

Element = dict[str, Any]
"""As the inventory lists it: kind, label and path (CSS)."""
Press = Callable[[], Awaitable[object]]


class ElementUse:
    """Uses elements of a page one after another; the page's clock stands still meanwhile.

    Errors and links to missing pages are kept for the elements that are being tested.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.errors: list[str] = []
        self.missing: list[str] = []
        self._turn = 0
        self._signs = 0
        self._listens = True
        page.on("pageerror", lambda error: self._thrown(error.message, error.name or ""))
        page.on("dialog", self._dialog)
        page.on("response", self._answered)
        for event in ("download", "popup", "request", "filechooser", "worker"):
            page.on(event, self._sign)

    async def begin(self, windows: Windows) -> None:
        """Load the page and stop its clock. Raises PlaywrightError."""
        await self.page.clock.install()
        await self.page.add_init_script(script("hooks"))
        with suppress(PlaywrightError):
            await windows.load(self.page)
        await self.page.clock.pause_at(time.time() + SETTLED_SECONDS)

    async def take(self, element: Element) -> None:
        """Fill the fields and use the element, ignoring its effect. Raises PlaywrightError."""
        self._listens = False
        self._turn += 1
        press = await self._prepared(element)
        if press:
            await press()
        await self._pass(WHILE)

    async def changes_by_itself(self) -> bool:
        """Return whether the page changes without being used."""
        before = await self._state()
        await self._pass(WHILE)
        return await self._state() != before

    async def has_effect(self, element: Element, *, is_live: bool) -> bool:
        """Use the element; return whether anything changes, or it cannot be used at all.

        A page that `is_live` changes by itself. Raises PlaywrightError if the element is missing.
        """
        locator = self.page.locator(element["path"])
        await locator.wait_for(state="visible", timeout=CLICK_MILLISECONDS)
        if await self.has_effect_at_once(element):
            await self._pass(WHILE)
            return True
        before, signs = await self._state(), self._signs
        await self._pass(WHILE)
        return not is_live and await self._differs(before, signs)

    async def has_effect_at_once(self, element: Element) -> bool:
        """Like `has_effect`, for what shows within the next second."""
        press = await self._prepared(element)
        if press is None:
            return True
        await self.page.evaluate(BLUR)
        before, signs = await self._state(), self._signs
        self._listens = True
        await press()
        await self._pass(MOMENT)
        return await self._differs(before, signs)

    async def _pass(self, milliseconds: int) -> None:
        """Let time pass for the page, which runs timers and frames that are due."""
        try:
            await self.page.clock.fast_forward(milliseconds)
        except PlaywrightError as error:
            # An error thrown by a timer shows up here.
            if "ClockController" in error.message:
                _, name, text = error.message.splitlines()[0].split(": ", 2)
                self._thrown(text, name)

    async def _differs(self, before: str, signs: int) -> bool:
        ends_at = time.monotonic() + WAIT_SECONDS
        while self._signs == signs and await self._state() == before:
            if time.monotonic() >= ends_at:
                return False
            await asyncio.sleep(POLL_SECONDS)
        return True

    async def _state(self) -> str:
        try:
            return str(await self.page.evaluate(script("state"), FIELDS))
        except PlaywrightError:
            return "between two pages"

    async def _prepared(self, element: Element) -> Press | None:
        """Fill what belongs to the element; return what uses it, None if it cannot be used."""
        locator = self.page.locator(element["path"])
        if not await locator.is_visible():
            raise PlaywrightError("nobody sees it")
        match element["kind"]:
            case "form":
                return await self._submission(locator, element)
            case "select":
                return await _choice(locator)
            case "button":
                await self._fill(self.page.locator("html"))
        return await _click(locator)

    async def _submission(self, form: Locator, element: Element) -> Press | None:
        fields = await self._fill(form)
        if not await form.evaluate("form => form.noValidate || form.checkValidity()"):
            return None
        if element.get("submit"):
            return await _click(self.page.locator(element["submit"]))
        typed = [each for each in fields if await each.evaluate("e => e.matches('input')")]
        return (lambda: typed[0].press("Enter")) if typed else None

    async def _fill(self, scope: Locator) -> list[Locator]:
        """Fill the fields in `scope`; return those that were filled."""
        locators = scope.locator(FIELDS)
        filled = []
        groups: set[str] = set()
        for each in await locators.evaluate_all(script("fields"), field_values.SAMPLES):
            if each["group"] in groups:
                continue
            groups |= {each["group"]} if each["group"] else set()
            locator = locators.nth(each["index"])
            with suppress(PlaywrightError):
                await _fill_field(locator, each, self._turn)
                filled.append(locator)
        return filled

    def _sign(self, _: object) -> None:
        """Count an effect that does not show in the page's state."""
        self._signs += 1

    def _dialog(self, dialog: Dialog) -> None:
        self._signs += 1
        answer = field_values.WORDS[0] if dialog.type == "prompt" else ""
        self._closing = asyncio.ensure_future(dialog.accept(answer))

    def _thrown(self, message: str, name: str) -> None:
        text = f"{name}: {message}"
        if self._listens and not any(words in text for words in OF_THE_MACHINE):
            self.errors.append(message)

    def _answered(self, response: Response) -> None:
        is_move = response.request.is_navigation_request()
        if self._listens and is_move and response.status >= 400:
            self.missing.append(response.url)


async def _click(locator: Locator) -> Press | None:
    if not await locator.is_enabled():
        return None
    return lambda: locator.click(timeout=CLICK_MILLISECONDS)


async def _choice(locator: Locator) -> Press | None:
    [field] = await locator.evaluate_all(script("fields"), [])
    option = field_values.option_for(field)
    if option is None:
        return None
    return lambda: locator.select_option(option, timeout=CLICK_MILLISECONDS)


async def _fill_field(locator: Locator, field: field_values.Field, turn: int) -> None:
    match field["type"]:
        case "checkbox" | "radio":
            await locator.check(timeout=CLICK_MILLISECONDS)
        case "file":
            await locator.set_input_files(field_values.file_for(field))
        case "select-one" | "select-multiple":
            option = field_values.option_for(field)
            if option is not None and not field["value"]:
                await locator.select_option(option, timeout=CLICK_MILLISECONDS)
        case _:
            await locator.fill(field_values.text_for(field, turn), timeout=CLICK_MILLISECONDS)
