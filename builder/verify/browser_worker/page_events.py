"""What a page does by itself: errors that it throws, requests that fail, a place it leaves for."""

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any
from urllib.parse import unquote, urldefrag

from playwright.async_api import CDPSession, ConsoleMessage, Page, Request, Response
from playwright.async_api import Error as PlaywrightError

from builder.verify.browser_worker.recorder import Record
from builder.verify.browser_worker.scripts import CHECK_NAME
from builder.verify.worker_protocol import Kind

NO_FAILURES = {"net::ERR_ABORTED", "net::ERR_HTTP_RESPONSE_CODE_FAILURE"}
"""The page gave a request up itself; or the status tells it already."""


class Initiators:
    """Tells the requests of a page, whose site lies below `root`, from those of its checks."""

    def __init__(self, root: str, checks: Sequence[str]) -> None:
        self._root = root
        self._checks = checks
        self._of_page: set[str] = set()
        self._of_checks: set[str] = set()

    async def watch(self, session: CDPSession) -> None:
        """Begin to listen; each request is told before its answer is."""
        session.on("Network.requestWillBeSent", self._sent)
        await session.send("Network.enable")

    def only_checks(self, url: str) -> bool:
        """Say whether checks asked for `url` and the page did not."""
        address = urldefrag(url).url
        return address in self._of_checks and address not in self._of_page

    def _sent(self, event: Mapping[str, Any]) -> None:
        url = event["request"]["url"]
        (self._of_checks if self._is_of_check(url, event["initiator"]) else self._of_page).add(url)

    def _is_of_check(self, url: str, initiator: Mapping[str, Any]) -> bool:
        """Go by the innermost script on the stack; where that is unclear, by who names the file."""
        if initiator["type"] == "parser":
            return False
        scripts = [frame["url"] for frame in initiator.get("stack", {}).get("callFrames", ())]
        if scripts and (scripts[0] == CHECK_NAME or CHECK_NAME not in scripts):
            return bool(scripts[0] == CHECK_NAME)
        return self._is_named(url)

    def _is_named(self, url: str) -> bool:
        path = unquote(url.removeprefix(self._root))
        return bool(path) and any(path in check for check in self._checks)


class PageEvents:
    """Records the events of `page`, whose site lies below `root` (a URL), less what checks do."""

    def __init__(self, page: Page, root: str, initiators: Initiators, record: Record) -> None:
        self._page = page
        self._root = root
        self._origin = root[: root.index("/", len("http://"))]
        self._initiators = initiators
        self._record = record
        self._gone = asyncio.Event()
        self._end: Kind | None = None
        self._listen()

    async def unless_gone(self, work: Coroutine[Any, Any, None]) -> Kind | None:
        """Do `work` until it ends or the page crashes or closes itself; return which of these."""
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
        self._record(Kind.PAGE_ERROR, seen=text.replace(self._root, "/"))

    def _printed(self, message: ConsoleMessage) -> None:
        # Chromium's own lines on requests are told by the requests.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self._record(Kind.CONSOLE_ERROR, seen=message.text)

    def _requested(self, request: Request) -> None:
        is_move = request.is_navigation_request() and request.frame == self._page.main_frame
        if is_move and not request.url.startswith(self._root):
            self._record(Kind.LEFT, seen=request.url)

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
            self._record(Kind.OWN_REQUEST, subject=subject, seen=seen)
        else:
            is_plain = request.url.startswith("http://")
            seen = "plain http, which Pages blocks" if is_plain else seen
            self._record(Kind.OTHER_REQUEST, subject=request.url, seen=seen)

    def _ended(self, kind: Kind) -> None:
        if not self._gone.is_set():
            self._end = kind
            self._gone.set()


def _is_of_check(stack: Sequence[str]) -> bool:
    """Say whether the innermost script on the stack is that of a check."""
    places = (
        line for line in stack if line.lstrip().startswith("at ") and "<anonymous>" not in line
    )
    return CHECK_NAME in next(places, "")
