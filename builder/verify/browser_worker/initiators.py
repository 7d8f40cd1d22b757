"""Who asked for what: a request that a check makes itself is no doing of the page."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote, urldefrag

from playwright.async_api import CDPSession

from builder.verify.browser_worker.readings import ORIGIN_OF_CHECKS


class Initiators:
    """Keeps the URLs that a page, whose site lies below `root`, and its checks ask for."""

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
        if scripts and (scripts[0] == ORIGIN_OF_CHECKS or ORIGIN_OF_CHECKS not in scripts):
            return bool(scripts[0] == ORIGIN_OF_CHECKS)
        return self._is_named(url)

    def _is_named(self, url: str) -> bool:
        path = unquote(url.removeprefix(self._root))
        return bool(path) and any(path in check for check in self._checks)
