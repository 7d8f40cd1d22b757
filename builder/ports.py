"""What pure modules need from the outside world; adapters implement it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from builder.deadline import Deadline, Now
from builder.site import Files


@dataclass(frozen=True)
class Clock:
    """The current time, and a way to wait."""

    now: Now
    sleep: Callable[[float], None]
    """Takes seconds."""

    def since(self, start: datetime) -> float:
        return (self.now() - start).total_seconds()

    def deadline(self, seconds: float, start: datetime | None = None) -> Deadline:
        """Return the moment `seconds` after `start`, by default from now."""
        return Deadline((start or self.now()) + timedelta(seconds=seconds), self.now)


class Log(Protocol):
    """Where a person reads what happens in a run."""

    def line(self, text: str) -> None:
        """Print `text`, which may come from outside."""

    def warn(self, text: str) -> None:
        """Print a warning that stands out."""

    def group(self, title: str) -> AbstractContextManager[None]:
        """Group the lines printed within under `title`."""


@dataclass(frozen=True)
class Outcome:
    """What running a program in the sandbox brought; nothing of it is checked."""

    files: Mapping[str, bytes] = field(default_factory=dict)
    """What it wrote or changed, by path."""
    output: str = ""
    """The end of what it printed, traceback included."""
    error: str | None = None
    """Why it did not end well."""
    refused: Sequence[str] = ()
    """What it left and is not taken, each with the reason."""


class RunScript(Protocol):
    """Runs a Python program in a sandbox."""

    def __call__(self, script: str, site: Files, inputs: Files, seconds: float) -> Outcome:
        """Run `script` in a copy of `site`, for `seconds` at most; `inputs` are beside it."""


@dataclass(frozen=True)
class Answer:
    """An HTTP answer: headers by lower-case name, the body decoded from JSON where it is JSON."""

    status: int
    headers: Mapping[str, str]
    body: Any


class Rest(Protocol):
    """Calls GitHub's REST API, with retries."""

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

        A refusal for which `again` returns True is retried too.
        Raises GitHubRefused, GitHubUnreachable.
        """


@dataclass(frozen=True)
class AppRepository:
    """A repository that the app is pushed to; `full_name` is `owner/name` as GitHub spells it."""

    full_name: str
    html_url: str
    is_ours_when_empty: bool
    """Whether it was made by us, should nothing have been pushed to it yet."""
    token_scopes: frozenset[str] | None = None
    """The scopes of a classic token; None for any other."""
