"""Waits until Pages serves a commit: when to look, when to request a build, when to give up."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain, repeat
from typing import Protocol

from builder.errors import GitHubError, GitHubRefused, PagesNotLive
from builder.ports import Clock
from builder.publish.pages import Build, Pages, Progress

ASK_EVERY = 15.0
"""Seconds between questions to the API about the build; most sites are live before the first."""
REQUEST_AFTER = 60.0
"""Seconds after the push before a build is requested.

Until then one may be queued that the API does not list, or lists as `errored`; a second one makes
both fail (seen on GitHub in 2026).
"""
LOOKS = (0.2, 0.3, 0.5, 1.0, 1.0, 2.0, 2.0, 3.0)
"""Seconds between looks, the last one repeated: a local build takes a moment."""
LAST_LOOK = 5.0
"""Seconds of the budget that are kept for a last look at the site."""
PURGE_SECONDS = 20.0
"""Seconds that caches get to drop the old page, should a visitor have put it there."""
FIRST_BUILD_SECONDS = 60.0
"""Longest that a push waits for the build of the commit before: the first one of a site is slow."""


def wait_for_build(pages: Pages, sha: str, clock: Clock, progress: Callable[[str], None]) -> None:
    """Wait until no build of `sha` is under way: a push meanwhile would make both fail."""

    def is_over() -> bool:
        try:
            return pages.build_of(sha).progress is not Progress.BUILDING
        except GitHubError as error:
            progress(f"How far Pages' first build is, is not known: {error}")
            return True

    if not _poll(is_over, FIRST_BUILD_SECONDS, clock):
        progress(f"Pages' first build is not over after {FIRST_BUILD_SECONDS:.0f} s")


def _poll(
    is_done: Callable[[], bool], seconds: float, clock: Clock, start: datetime | None = None
) -> bool:
    """Look until it is done, or until the next look would be past `seconds` from `start`."""
    start = start or clock.now()
    for delay in chain(LOOKS, repeat(LOOKS[-1])):
        if is_done():
            return True
        if clock.since(start) + delay > seconds:
            break
        clock.sleep(delay)
    return False


class Published(Protocol):
    """The published site as anybody sees it, such as `PublishedSite`."""

    def difference(self, path: str, *, fresh: bool = True) -> str | None: ...
    def answers(self) -> bool: ...


@dataclass(frozen=True)
class Live:
    """The site is live after `seconds`; `remark` says what could not be confirmed."""

    seconds: float
    remark: str = ""


@dataclass
class Deployment:
    """The deployment of the commit `sha`, whose files `paths` Pages should serve."""

    pages: Pages
    sha: str
    site: Published
    paths: Sequence[str]
    clock: Clock
    progress: Callable[[str], None]
    _seen: str = "nothing yet"
    _requested_after: int | None = None
    """The attempt that had failed when a build was requested; None before that."""
    _refused: str = ""
    _waiting: list[str] = field(default_factory=list)
    _last_look: float = 0.0
    """Seconds after the start; the API was asked last at `_asked_at`."""
    _asked_at: float = 0.0
    _start: datetime = field(init=False)

    def wait(self, budget: float) -> Live:
        """Wait at most `budget` seconds until every file is served with its bytes.

        If the app's own workflow deploys the site, its run has to succeed and the address to
        answer. When time is up, a finished build of our commit at an address that answers is
        enough, with a remark. Raises PagesNotLive, also when a workflow has failed twice.
        """
        self._start = self.clock.now()
        self._waiting, self._last_look = list(self.paths), budget - LAST_LOOK
        if _poll(self._is_live, self._last_look, self.clock, self._start):
            remark = self._remark_on_plain_address(min(self._seconds + PURGE_SECONDS, budget))
            return Live(self._seconds, remark)
        build = self._build()
        if build.progress is Progress.BUILT and self.site.answers():
            return Live(self._seconds, f"GitHub calls the commit built; last seen: {self._seen}")
        raise self._not_live(build)

    @property
    def _seconds(self) -> float:
        return self.clock.since(self._start)

    def _is_live(self) -> bool:
        seen = self._workflow() if self.pages.by_workflow else self._first_difference()
        if seen and seen != self._seen:
            self.progress(seen)
        self._seen = seen or self._seen
        return seen is None

    def _first_difference(self) -> str | None:
        while self._waiting:
            path = self._waiting.pop(0)
            difference = self.site.difference(path)
            if difference:
                # The next look begins elsewhere, so that one slow file does not hold up the others.
                self._waiting.append(path)
                self._look_after_build()
                return difference
            if self._waiting and self._seconds > self._last_look:
                return f"{len(self._waiting)} files were not looked at"
        return None

    def _look_after_build(self) -> None:
        """Request a build, once, if ours failed or never began."""
        if self._requested_after is not None or self._seconds - self._asked_at < ASK_EVERY:
            return
        self._asked_at = self._seconds
        build = self._build()
        if build.progress in {Progress.MISSING, Progress.ERRORED} and self._seconds > REQUEST_AFTER:
            self._request(build)

    def _workflow(self) -> str | None:
        """Return what the deployment by the app's own workflow still lacks; None if nothing."""
        build = self._build()
        if build.progress is Progress.BUILT:
            return None if self.site.answers() else "the site does not answer 200"
        if build.progress is Progress.ERRORED:
            if self._requested_after is None:
                # Its first run may have come before Pages was on.
                self._request(build)
            elif build.attempt > self._requested_after:
                raise self._not_live(build)
        return f"the app's own Pages workflow: {build.progress}"

    def _request(self, build: Build) -> None:
        self._requested_after = build.attempt
        self.progress(f"The build is {build.progress} {build.message}: asking for another one")
        try:
            self.pages.request_build(self.sha)
        except GitHubError as error:
            # Another one may be under way, or a rate limit reached: the next look will show.
            self._requested_after = None
            self._refused = f"a new build was not to be had ({error})"
            self.progress(self._refused)
            if self.pages.by_workflow and isinstance(error, GitHubRefused):
                raise self._not_live(build) from error

    def _build(self) -> Build:
        """Return how far the build of our commit is; a failure to ask is not fatal."""
        try:
            return self.pages.build_of(self.sha)
        except GitHubError as error:
            return Build(Progress.UNKNOWN, str(error))

    def _remark_on_plain_address(self, seconds: float) -> str:
        """Look at the plain address; only now, so that no cache keeps an early answer."""
        if self.pages.by_workflow or "index.html" not in self.paths:
            return ""

        def is_as_pushed() -> bool:
            self._seen = self.site.difference("index.html", fresh=False) or ""
            return not self._seen

        if _poll(is_as_pushed, seconds, self.clock, self._start):
            return ""
        return f"the commit is live, and a cache still answers with an older page ({self._seen})"

    def _not_live(self, build: Build) -> PagesNotLive:
        said = f" ({build.message})" if build.message else ""
        reasons = [self._seen, f"the build is {build.progress}{said}", self._refused]
        reason = f"after {self._seconds:.0f} s, {'; '.join(filter(None, reasons))}"
        return PagesNotLive(reason)
