"""What a page does by itself: errors that it throws, requests that fail, a place it leaves for."""

import asyncio
import re
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from playwright.async_api import ConsoleMessage, Page, Request, Response
from playwright.async_api import Error as PlaywrightError

from builder.verify.browser_worker.initiators import Initiators
from builder.verify.browser_worker.readings import ORIGIN_OF_CHECKS
from builder.verify.observation import Kind

Note = Callable[..., None]

NO_FAILURES = {"net::ERR_ABORTED", "net::ERR_HTTP_RESPONSE_CODE_FAILURE"}
"""The page gave a request up itself; or the status tells it already."""


class PageEvents:
    """Notes the events of `page`, whose site lies below `root` (a URL), less what checks do."""

    def __init__(self, page: Page, root: str, initiators: Initiators, note: Note) -> None:
        self._page = page
        self._root = root
        self._origin = root[: root.index("/", len("http://"))]
        self._initiators = initiators
        self._note = note
        self._gone = asyncio.Event()
        self._listen()

    async def unless_gone(self, look: Coroutine[Any, Any, None]) -> None:
        """Go on with `look` until it ends or the page crashes or closes itself."""
        looking = asyncio.ensure_future(look)
        gone = asyncio.ensure_future(self._gone.wait())
        try:
            await asyncio.wait({looking, gone}, return_when=asyncio.FIRST_COMPLETED)
            if looking.done():
                looking.result()
        finally:
            looking.cancel()
            gone.cancel()
            # From here on it is the browser that closes the page.
            self._gone.set()

    def _listen(self) -> None:
        self._page.on("pageerror", self._thrown)
        self._page.on("console", self._printed)
        self._page.on("request", self._requested)
        self._page.on("requestfailed", self._failed)
        self._page.on("response", self._answered)
        self._page.on("crash", lambda _: self._ended(Kind.CRASHED))
        self._page.on("close", lambda _: self._ended(Kind.CLOSED))

    def _thrown(self, error: PlaywrightError) -> None:
        stack = (error.stack or "").splitlines()
        if _is_of_check(stack):
            return
        place = next((line for line in stack if self._root in line), "")
        text = f"{error.name or 'Error'}: {error.message} {place}"
        self._note(Kind.PAGE_ERROR, seen=text.replace(self._root, "/"))

    def _printed(self, message: ConsoleMessage) -> None:
        # Chromium's own lines on requests are told by the requests.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self._note(Kind.CONSOLE_ERROR, seen=message.text)

    def _requested(self, request: Request) -> None:
        is_move = request.is_navigation_request() and request.frame == self._page.main_frame
        if is_move and not request.url.startswith(self._root):
            self._note(Kind.LEFT, seen=request.url)

    def _failed(self, request: Request) -> None:
        failure = request.failure or "no answer"
        if failure not in NO_FAILURES:
            self._missed(request, failure.removeprefix("net::"))

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self._missed(response.request, str(response.status))

    def _missed(self, request: Request, seen: str) -> None:
        if self._initiators.only_checks(request.url):
            return
        if request.url.startswith(f"{self._origin}/"):
            subject = request.url.removeprefix(self._root).removeprefix(self._origin)
            self._note(Kind.OWN_REQUEST, subject=subject, seen=seen)
        else:
            self._note(Kind.OTHER_REQUEST, subject=request.url, seen=seen)

    def _ended(self, kind: Kind) -> None:
        if not self._gone.is_set():
            self._gone.set()
            self._note(kind)


def _is_of_check(stack: Sequence[str]) -> bool:
    """Say whether the innermost script on the stack is that of a check."""
    places = (line for line in stack if re.match(r"\s+at ", line) and "<anonymous>" not in line)
    return ORIGIN_OF_CHECKS in next(places, "")
