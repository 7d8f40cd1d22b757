"""What the stages ask of the outside world; the adapters implement it, `__main__` wires it."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from builder.deadline import Now
from builder.rounds import Base, Round
from builder.site import Site


@dataclass(frozen=True)
class Clock:
    """The time, and the way to let it pass."""

    now: Now
    sleep: Callable[[float], None]
    """Takes seconds."""

    def since(self, start: datetime) -> float:
        """Return the seconds that have passed."""
        return (self.now() - start).total_seconds()


class Log(Protocol):
    """Where a person reads what happens."""

    def line(self, text: str) -> None:
        """Print `text`, which may hold words from outside."""

    def warn(self, text: str) -> None:
        """Print a warning that stands out."""

    def group(self, title: str) -> AbstractContextManager[None]:
        """Fold the lines printed within under `title`."""


@dataclass(frozen=True)
class Answer:
    """An HTTP answer: headers by lower-case name, the body decoded from JSON where it is JSON."""

    status: int
    headers: Mapping[str, str]
    body: Any


class Render(Protocol):
    """Text out of a template."""

    def __call__(self, template: str, **values: object) -> str:
        """Return the text of `template` filled with values."""


class Rest(Protocol):
    """Calls to GitHub's REST API under one policy of retries."""

    def __call__(
        self,
        verb: str,
        path: str,
        body: Mapping[str, object] | None = None,
        *,
        accept: Iterable[int] = (),
        again: Callable[[Answer], bool] = lambda _: False,
    ) -> Answer:
        """Return a 2xx answer, or one whose status is in `accept`.

        An answer for which `again` holds is tried again although it is not known to pass.
        Raises GitHubRefused, GitHubUnreachable.
        """


@dataclass(frozen=True)
class AppRepository:
    """A repository that the app is pushed to; `full_name` is `owner/name` as GitHub spells it."""

    full_name: str
    html_url: str
    is_ours_when_empty: bool
    """Whether it was made by us, should nothing have been pushed to it yet."""


class Checkout(Protocol):
    """A clone of the app repository on disk."""

    @property
    def head(self) -> str | None:
        """The SHA of the newest commit; None in an empty repository."""

    @property
    def has_mark(self) -> bool:
        """Whether `.builder/` says that the repository is ours."""

    def base(self) -> Base:
        """Return the files and rounds that the newest commit holds."""

    def site_at(self, sha: str) -> Site:
        """Return the files of an earlier commit; none where it is not in this history."""

    def commit_of(self, build_id: str) -> str | None:
        """Return the SHA of the newest commit with that `Build-Id`."""

    def commit_before(self, build_id: str) -> str | None:
        """Return the SHA of the commit on which the first one with that `Build-Id` was made."""

    def commit(self, site: Site, built: Round, message: str) -> str:
        """Replace the files by `site`, note the round, commit; return the SHA."""

    def push(self) -> None:
        """Push the branch. Raises PushOvertaken when another push came first, PushFailed."""

    def catch_up(self) -> None:
        """Drop what was not pushed and take the newest commit of the branch."""
