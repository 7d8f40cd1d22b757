"""What a page does by itself: errors, failed requests, leaving for another site."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from playwright.async_api import ConsoleMessage, Page, Request, Response
from playwright.async_api import Error as PlaywrightError

from builder.verify.browser_worker.recorder import Record
from builder.verify.worker_protocol import Kind

NO_FAILURES = {"net::ERR_ABORTED", "net::ERR_HTTP_RESPONSE_CODE_FAILURE"}
"""The page itself aborted the request, or the status says it already."""


class PageEvents:
    """Records the events of `page`, whose site lies below `root` (a URL)."""

    def __init__(self, page: Page, root: str, record: Record) -> None:
        self.errors: set[str] = set()
        """The messages of what was thrown."""
        self._page = page
        self._root = root
        self._origin = root[: root.index("/", len("http://"))]
        self._record = record
        self._gone = asyncio.Event()
        self._end: Kind | None = None
        page.on("pageerror", self._thrown)
        page.on("console", self._printed)
        page.on("request", self._requested)
        page.on("requestfailed", self._failed)
        page.on("response", self._answered)
        page.on("crash", lambda _: self._ended(Kind.CRASHED))
        page.on("close", lambda _: self._ended(Kind.CLOSED))

    async def unless_gone(self, work: Coroutine[Any, Any, None]) -> Kind | None:
        """Do `work` unless the page crashes or closes itself; return which of these it did."""
        working = asyncio.ensure_future(work)
        gone = asyncio.ensure_future(self._gone.wait())
        try:
            await asyncio.wait({working, gone}, return_when=asyncio.FIRST_COMPLETED)
            if gone.done():
                return self._end
            working.result()
            return None
        finally:
            working.cancel()
            gone.cancel()
            # From here on it is the browser that closes the page.
            self._gone.set()

    def _thrown(self, error: PlaywrightError) -> None:
        self.errors.add(error.message)
        place = next((line for line in (error.stack or "").splitlines() if self._root in line), "")
        text = f"{error.name or 'Error'}: {error.message} {place}"
        self._record(Kind.PAGE_ERROR, seen=text.replace(self._root, "/"))

    def _printed(self, message: ConsoleMessage) -> None:
        # Chromium's own messages about requests duplicate the requests' events.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self._record(Kind.CONSOLE_ERROR, seen=message.text)

    def _requested(self, request: Request) -> None:
        is_move = request.is_navigation_request() and request.frame == self._page.main_frame
        if is_move and not request.url.startswith(self._root):
            self._record(Kind.LEFT, seen=request.url)

    def _failed(self, request: Request) -> None:
        failure = request.failure or "no answer"
        if failure not in NO_FAILURES:
            self._missed(request.url, failure.removeprefix("net::"))

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self._missed(response.url, str(response.status))

    def _missed(self, url: str, seen: str) -> None:
        if url.startswith(f"{self._origin}/"):
            subject = url.removeprefix(self._root).removeprefix(self._origin)
            self._record(Kind.OWN_REQUEST, subject=subject, seen=seen)
        else:
            is_plain = url.startswith("http://")
            seen = "plain http, which Pages blocks" if is_plain else seen
            self._record(Kind.OTHER_REQUEST, subject=url, seen=seen)

    def _ended(self, kind: Kind) -> None:
        if not self._gone.is_set():
            self._end = kind
            self._gone.set()
