"""What a scenario acts on: the page, its dialogs and downloads, and the files of the site."""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from pathlib import Path

from playwright.async_api import Dialog, Page
from playwright.async_api import Error as PlaywrightError

from builder.verify.scenarios.scenario import Step


class Unmet(Exception):
    """An expectation that does not hold; `seen` says what is there instead."""

    def __init__(self, expected: str, seen: str) -> None:
        super().__init__(expected)
        self.expected = expected
        self.seen = seen


class AppPage:
    """One page of the site at `root` (a URL), whose files are below `files`.

    `seconds` is how long an element or an expectation is waited for.
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
        """Return the path of a file of the site."""
        path = (self._files / name).resolve()
        if not path.is_relative_to(self._files) or not path.is_file():
            raise Unmet(f"the file {name} to upload", "no such file in the site")
        return path

    def _answer(self, dialog: Dialog) -> None:
        """Answer as the scenario says; a dialog that it does not mention is accepted."""
        step = self.dialog_answers.pop(0) if self.dialog_answers else None
        if step is None or step.accept:
            reply = dialog.accept((step.value if step else None) or "")
        else:
            reply = dialog.dismiss()
        closing = asyncio.ensure_future(_closed(reply))
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)


async def _closed(reply: Awaitable[None]) -> None:
    with suppress(PlaywrightError):
        await reply
