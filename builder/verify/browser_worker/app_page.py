"""What a scenario works with: the page, its dialogs and downloads, and the files of the site."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from playwright.async_api import Dialog, Locator, Page
from playwright.async_api import Error as PlaywrightError

from builder.verify.browser_worker.scripts import script
from builder.verify.scenarios.scenario import Step, Target, Unmet

POLL_SECONDS = 0.05
HTML_CHARACTERS = 1_500

T = TypeVar("T")


class AppPage:
    """One page of the site at `root` (a URL), whose files are below `files`.

    `seconds` is how long to wait for an element or an expectation.
    """

    def __init__(self, page: Page, root: str, files: Path, seconds: float) -> None:
        self.page = page
        self.seconds = seconds
        self.errors: list[str] = []
        self.downloads: list[str] = []
        self.dialog_answers: list[Step] = []
        self._root = root
        self._files = files.resolve()
        self._closing: set[asyncio.Future[None]] = set()
        page.set_default_timeout(seconds * 1_000)
        page.on("pageerror", lambda error: self.errors.append(error.message))
        page.on("download", lambda download: self.downloads.append(download.suggested_filename))
        page.on("dialog", self._answer)

    def url(self, value: str) -> str:
        """Return the URL of a place of the site: a query, a fragment or a relative path."""
        if "://" in value or value.startswith("//"):
            raise Unmet("a place of the site", f"an address elsewhere: {value}")
        return self._root + value.removeprefix("./").lstrip("/")

    def file(self, name: str) -> Path:
        path = (self._files / name).resolve()
        if not path.is_relative_to(self._files) or not path.is_file():
            raise Unmet(f"the file {name} to upload", "no such file in the site")
        return path

    def all(self, target: Target | None) -> Locator:
        """Return all elements that the target matches, in page order."""
        if target is None:
            return self.page.locator("body")
        found = _matches(self.page.locator(target.within) if target.within else self.page, target)
        return found if target.nth is None else found.nth(target.nth)

    async def usable(self, target: Target | None) -> Locator:
        """Return the first visible match, the exact name before longer ones.

        A file input may be hidden behind its label. Raises PlaywrightError when none comes.
        """
        return await poll(lambda: self._usable_now(target), self.seconds)

    async def _usable_now(self, target: Target | None) -> Locator:
        found = self.all(target)
        visible = [each for each in await found.all() if await each.is_visible()]
        if visible:
            return await _closest(visible, target)
        count = await found.count()
        if count and await found.first.evaluate("e => e.type === 'file'"):
            return found.first
        seen = f"{count} in the page, none visible" if count else "no such element"
        raise PlaywrightError(f"{target}: {seen}")

    async def html_around(self, target: Target | None) -> str:
        """Return the HTML of the element's parent, or of the body if there is no element."""
        with suppress(PlaywrightError):
            found = self.all(target)
            element = found.first if target and await found.count() else self.page.locator("body")
            return str(await element.evaluate(script("around"), HTML_CHARACTERS))
        return ""

    def _answer(self, dialog: Dialog) -> None:
        """Answer as the scenario says; other dialogs are accepted."""
        step = self.dialog_answers.pop(0) if self.dialog_answers else None
        if step is None or step.accept:
            reply = dialog.accept((step.value if step else None) or "")
        else:
            reply = dialog.dismiss()
        closing = asyncio.ensure_future(_closed(reply))
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)


async def poll(attempt: Callable[[], Awaitable[T]], seconds: float) -> T:
    """Try for some seconds until `attempt` works; raise what the last one raised."""
    ends_at = asyncio.get_running_loop().time() + seconds
    while True:
        try:
            return await attempt()
        except (Unmet, PlaywrightError):
            if asyncio.get_running_loop().time() >= ends_at:
                raise
        await asyncio.sleep(POLL_SECONDS)


def _matches(scope: Any, target: Target) -> Locator:
    ways = {
        "label": "get_by_label",
        "placeholder": "get_by_placeholder",
        "text": "get_by_text",
        "test_id": "get_by_test_id",
        "css": "locator",
    }
    found: Locator
    if target.role is not None:
        found = scope.get_by_role(target.role, name=target.name or None)
    else:
        way = next(way for way in ways if getattr(target, way) is not None)
        found = getattr(scope, ways[way])(getattr(target, way))
    return found


async def _closest(visible: list[Locator], target: Target | None) -> Locator:
    """Prefer an element whose whole text is the name asked for: "Add" before "Add list"."""
    name = (target.name or target.text) if target else None
    if name is None or len(visible) == 1:
        return visible[0]
    texts = [(await each.inner_text()).strip().casefold() for each in visible]
    exact = [each for each, text in zip(visible, texts, strict=True) if text == name.casefold()]
    return (exact or visible)[0]


async def _closed(reply: Awaitable[None]) -> None:
    with suppress(PlaywrightError):
        await reply
