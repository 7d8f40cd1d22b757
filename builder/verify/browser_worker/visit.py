"""The visit of a page: load it, evaluate the checks, take pictures, look at what hinders people."""

import asyncio
from collections.abc import Awaitable, Mapping
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

from playwright.async_api import Error as PlaywrightError

from builder.verify.assignment import Assignment
from builder.verify.browser_worker.checking import Checking
from builder.verify.browser_worker.chromium import PHONE, NewPage, opened
from builder.verify.browser_worker.egress import ORIGIN
from builder.verify.browser_worker.page_events import Note
from builder.verify.browser_worker.scripts import AXE, IS_BLANK, OVERFLOW
from builder.verify.browser_worker.tab import Tab, Tabs
from builder.verify.observation import Kind

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
        async with asyncio.timeout_at(ends_at), opened(assignment, proxy) as new_page:
            tabs = _tabs(assignment, new_page, f"{ORIGIN}{root}")
            tab = await tabs.open(note)
            note(Kind.OPENED)
            await tab.witness.unless_gone(_Look(assignment, tabs, tab, note).run(ends_at))
            note(Kind.DONE)
    except TimeoutError:
        note(Kind.OUT_OF_TIME)
    except PlaywrightError as error:
        note(Kind.NOT_STARTED, seen=_without_command(error.message))


def _tabs(assignment: Assignment, new_page: NewPage, root: str) -> Tabs:
    seconds = min(LOAD_SECONDS, assignment.seconds / 3)
    return Tabs(new_page, f"{root}{quote(assignment.page)}", root, assignment.checks, seconds)


class _Look:
    """The steps of a visit; most of them in the first window."""

    def __init__(self, assignment: Assignment, tabs: Tabs, tab: Tab, note: Note) -> None:
        self._assignment = assignment
        self._tabs = tabs
        self._tab = tab
        self._inspector = tab.inspector
        self._note = note

    async def run(self, ends_at: float) -> None:
        await self._tabs.load(self._tab, self._note)
        if not await self._answers():
            self._note(Kind.HANGS)
            return
        await self._checks(ends_at - KEPT_SECONDS)
        await self._bounded(self._picture("desk.png"))
        await self._bounded(self._accessibility())
        await self._bounded(self._phone())

    async def _answers(self) -> bool:
        pulse_ends = asyncio.get_running_loop().time() + PULSE_SECONDS
        return (await self._inspector.hold("true", pulse_ends)).holds

    async def _checks(self, ends_at: float) -> None:
        """Poll all checks side by side, and whether anything can be seen."""
        now = asyncio.get_running_loop().time()
        until = min(now + self._assignment.check_seconds, ends_at)
        checking = Checking(self._tabs.fresh, until, self._note)
        checks = dict(enumerate(self._assignment.checks))
        earlier = {index: checks.pop(index) for index in self._assignment.earlier}
        await asyncio.gather(
            self._something_visible(min(now + BLANK_SECONDS, ends_at)),
            checking.run(self._inspector, checks),
            self._earlier_checks(checking, earlier),
        )

    async def _earlier_checks(self, checking: Checking, checks: Mapping[int, str]) -> None:
        """Run the checks of earlier rounds on a load that those of this round do not touch."""
        if not checks:
            return
        tab = await self._tabs.open(self._note)

        async def loaded_and_checked() -> None:
            await self._tabs.load(tab, self._note)
            await checking.run(tab.inspector, checks)

        await tab.witness.unless_gone(loaded_and_checked())

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
        await self._tab.page.set_viewport_size(PHONE)
        excess = await self._inspector.evaluate(OVERFLOW)
        if excess.holds:
            self._note(Kind.OVERFLOW, seen=str(excess.value))
        await self._picture("phone.png")


def _without_command(message: str) -> str:
    """Leave out the long command that Playwright repeats: the reason stands after it."""
    return "\n".join(line for line in message.splitlines() if "<launching>" not in line)
