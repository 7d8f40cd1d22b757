"""The wait until Pages serves what was pushed: when to look, to ask, and to be content."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from builder.backoff import poll, within
from builder.errors import GitHubError, PagesNotLive
from builder.ports import Clock
from builder.publish.pages import Build, Pages, Progress

ASK_EVERY = 15.0
"""Seconds of waiting after which the API is asked how the build is; most are live before."""


class Site(Protocol):
    """The published site as anybody sees it."""

    def difference(self, path: str) -> str | None:
        """Say how a served file differs; None when it is as pushed."""

    def answers(self) -> bool:
        """Whether the site's address answers 200 at all."""


@dataclass(frozen=True)
class Hosting:
    """The site of one commit, and what Pages says of it."""

    pages: Pages
    sha: str
    site: Site

    def difference(self, path: str) -> str | None:
        """Say how a served file differs; None when it is as pushed.

        What a workflow of the app's own deploys is its own affair: it has to end well.
        """
        if not self.pages.by_workflow:
            return self.site.difference(path)
        build = self.build()
        if build.progress is not Progress.BUILT:
            return f"the app's own Pages workflow: {build.progress}"
        return None if self.site.answers() else "the site does not answer 200"

    def build(self) -> Build:
        """Tell how far the build of our commit is; what is served counts, not whether we know."""
        try:
            return self.pages.build_of(self.sha)
        except GitHubError as error:
            return Build(Progress.UNKNOWN, str(error))


@dataclass(frozen=True)
class Live:
    """The site is up after `seconds`; `remark` says what could not be seen of it."""

    seconds: float
    remark: str = ""


@dataclass
class Wait:
    """One wait for the files `paths`; a build that failed or is missing is asked for once."""

    hosting: Hosting
    paths: Sequence[str]
    clock: Clock
    progress: Callable[[str], None]
    _seen: str = "nothing yet"
    _asked_for_build: bool = False
    _refused: str = ""
    _waiting: list[str] = field(default_factory=list)
    _asked_at: datetime = field(init=False)

    def until_live(self, budget: float) -> Live:
        """Wait at most `budget` seconds for every file to answer with its bytes.

        At the end a build of our commit at an address that answers is enough, and is remarked.
        Raises PagesNotLive, which names what differs.
        """
        start = self._asked_at = self.clock.now()
        self._waiting = list(self.paths)
        delays = within(lambda: budget - self.clock.since(start), _delays())
        is_live = poll(self._is_live, delays=delays, sleep=self.clock.sleep)
        seconds = self.clock.since(start)
        if is_live:
            return Live(seconds)
        build = self.hosting.build()
        if build.progress is Progress.BUILT and self.hosting.site.answers():
            return Live(seconds, f"GitHub reports the commit as built; last seen: {self._seen}")
        raise PagesNotLive(
            f"Pages does not serve the pushed files after {seconds:.0f} s: {self._seen}; the build "
            f"is {build.progress}{f' ({build.message})' if build.message else ''}{self._refused}"
        )

    def _is_live(self) -> bool:
        while self._waiting:
            differs = self.hosting.difference(self._waiting[0])
            if differs:
                self._note(differs)
                # The next look begins elsewhere, so that one slow file holds up none.
                self._waiting.append(self._waiting.pop(0))
                self._look_after_build()
                return False
            self._waiting.pop(0)
        return True

    def _note(self, seen: str) -> None:
        if seen != self._seen:
            self.progress(seen)
        self._seen = seen

    def _look_after_build(self) -> None:
        if self._asked_for_build or self.clock.since(self._asked_at) < ASK_EVERY:
            return
        self._asked_at = self.clock.now()
        build = self.hosting.build()
        if build.progress in {Progress.MISSING, Progress.ERRORED}:
            self.progress(f"The build is {build.progress} {build.message}: asking for one")
            self._ask_for_build()

    def _ask_for_build(self) -> None:
        self._asked_for_build = True
        try:
            self.hosting.pages.request_build(self.hosting.sha)
        except GitHubError as error:
            # Another one may be under way.
            self._refused = f"; a new build was not to be had ({error})"
            self.progress(f"A new build was not to be had: {error}")


def _delays() -> Iterator[float]:
    """Look often at first: a build takes half a minute, a local one a moment."""
    yield from (0.2, 0.3, 0.5, 1.0, 1.0, 2.0, 2.0)
    while True:
        yield 3.0
