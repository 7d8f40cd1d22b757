"""The visit of a page: load it, evaluate the checks, take pictures, look at what hinders people."""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page
from playwright.async_api import TimeoutError as PlaywrightTimeout

from builder.verification.assignment import Assignment
from builder.verification.look.chromium import PHONE, opened
from builder.verification.look.egress import ORIGIN
from builder.verification.look.inspector import Inspector
from builder.verification.look.scripts import AXE, IS_BLANK, OVERFLOW
from builder.verification.look.witness import Note, Witness
from builder.verification.observation import Kind

LOAD_SECONDS = 10.0
"""How long the load event is waited for, but no more than a third of the visit."""
BLANK_SECONDS = 5.0
PULSE_SECONDS = 3.0
"""A page that does not answer for longer hangs."""
LOOK_SECONDS = 5.0
"""For a picture, or for axe-core."""
KEPT_SECONDS = 3.0
"""Kept back for what follows the checks."""


async def visit(assignment: Assignment, root: str, proxy: str, note: Note) -> None:
    """Look at the page below `root` (a path); note each thing as soon as it is seen."""
    ends_at = asyncio.get_running_loop().time() + assignment.seconds
    try:
        async with asyncio.timeout_at(ends_at), opened(assignment, proxy) as page:
            witness = Witness(page, f"{ORIGIN}{root}", note)
            inspector = Inspector(await page.context.new_cdp_session(page))
            note(Kind.OPENED)
            look = _Look(assignment, page, inspector, note)
            await witness.unless_gone(look.run(f"{ORIGIN}{root}", ends_at))
            note(Kind.DONE)
    except TimeoutError:
        note(Kind.OUT_OF_TIME)
    except PlaywrightError as error:
        note(Kind.NOT_STARTED, seen=_without_command(error.message))


class _Look:
    """The steps of a visit."""

    def __init__(
        self, assignment: Assignment, page: Page, inspector: Inspector, note: Note
    ) -> None:
        self._assignment = assignment
        self._page = page
        self._inspector = inspector
        self._note = note

    async def run(self, root: str, ends_at: float) -> None:
        await self._load(f"{root}{quote(self._assignment.page)}")
        if not await self._answers():
            self._note(Kind.HANGS)
            return
        await self._checks(ends_at - KEPT_SECONDS)
        await self._bounded(self._picture("desk.png"))
        await self._bounded(self._accessibility())
        await self._bounded(self._phone())

    async def _load(self, url: str) -> None:
        seconds = min(LOAD_SECONDS, self._assignment.seconds / 3)
        try:
            await self._page.goto(url, wait_until="load", timeout=seconds * 1000)
        except PlaywrightTimeout:
            self._note(Kind.SLOW, seen=f"no load event after {seconds:.0f} s")
        except PlaywrightError as error:
            self._note(Kind.NOT_LOADED, seen=error.message.split("\n")[0])

    async def _answers(self) -> bool:
        pulse_ends = asyncio.get_running_loop().time() + PULSE_SECONDS
        return (await self._inspector.hold("true", pulse_ends)).holds

    async def _checks(self, ends_at: float) -> None:
        """Poll all checks side by side, and whether anything can be seen."""
        now = asyncio.get_running_loop().time()
        until = min(now + self._assignment.check_seconds, ends_at)
        await asyncio.gather(
            self._something_visible(min(now + BLANK_SECONDS, ends_at)),
            *(
                self._check(index, text, until)
                for index, text in enumerate(self._assignment.checks)
            ),
        )

    async def _check(self, index: int, expression: str, ends_at: float) -> None:
        outcome = await self._inspector.check(expression, ends_at)
        if not outcome.parses:
            self._note(Kind.UNREADABLE_CHECK, index=index, seen=outcome.seen)
            return
        words = "" if outcome.holds else await self._inspector.words(expression)
        self._note(Kind.CHECK, index=index, passed=outcome.holds, seen=outcome.seen + words)

    async def _something_visible(self, ends_at: float) -> None:
        if not (await self._inspector.hold(f"!{IS_BLANK.strip()}", ends_at)).holds:
            self._note(Kind.BLANK)

    async def _bounded(self, step: Awaitable[None]) -> None:
        """Give a step that only warns a few seconds; do without it when it fails."""
        with suppress(PlaywrightError, TimeoutError):
            async with asyncio.timeout(LOOK_SECONDS):
                await step

    async def _picture(self, name: str) -> None:
        self._assignment.path(name).write_bytes(await self._inspector.picture())
        self._note(Kind.PICTURE, name=name)

    async def _accessibility(self) -> None:
        if self._assignment.axe is None:
            self._note(Kind.NO_AXE)
            return
        library = Path(self._assignment.axe).read_text(encoding="utf-8")
        for found in await self._inspector.run_apart(library, AXE) or []:
            self._note(
                Kind.VIOLATION,
                subject=found["id"],
                expected=found["help"],
                seen=f"{found['count']} {found['impact']}, the first: {found['first']}",
            )

    async def _phone(self) -> None:
        await self._page.set_viewport_size(PHONE)
        excess = await self._inspector.evaluate(OVERFLOW)
        if excess.holds:
            self._note(Kind.OVERFLOW, seen=str(excess.value))
        await self._picture("phone.png")


def _without_command(message: str) -> str:
    """Leave out the long command that Playwright repeats: the reason stands after it."""
    return "\n".join(line for line in message.splitlines() if "<launching>" not in line)
