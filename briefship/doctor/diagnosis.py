"""What a check found, and what all checks start from."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cached_property

import httpx

from briefship.context import Context
from builder.deadline import http_date
from builder.errors import BriefshipError, SettingsError


class State(StrEnum):
    """How it is."""

    GOOD = "good"
    WARNING = "warning"
    """A run works, and less well than it could."""
    FAULT = "fault"
    UNKNOWN = "not looked at"


@dataclass(frozen=True)
class Diagnosis:
    """What was looked at, how it is, what was seen, and what to do."""

    name: str
    state: State
    seen: str
    fix: str = ""

    def to_json(self) -> dict[str, str]:
        """Return it for scripts."""
        return asdict(self)


@dataclass(frozen=True)
class Patient:
    """The set-up that is looked at; `now` is this machine's clock.

    `callback_url` is where to send an answer for trial, if not to this machine.
    """

    context: Context
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    callback_url: str | None = None

    @property
    def on_runner(self) -> bool:
        """Whether this is a workflow run, which holds secrets and is what it looks at."""
        return self.context.environ.get("GITHUB_ACTIONS") == "true"

    @property
    def root(self) -> str:
        """The API's path of the workflow repository. Raises SettingsError."""
        return f"/repos/{self.context.settings.repository}"

    @cached_property
    def variables(self) -> dict[str, str]:
        """The variables of the workflow repository. Raises GitHubError, SettingsError."""
        if self.on_runner:
            return dict(self.context.environ)
        answer = self.context.github("GET", f"{self.root}/actions/variables?per_page=30")
        return {one["name"]: one["value"] for one in answer.json()["variables"]}


Check = Callable[[Patient], Iterator[Diagnosis]]


def good(name: str, seen: str) -> Diagnosis:
    """Return that something is as it should be."""
    return Diagnosis(name, State.GOOD, seen)


def warning(name: str, seen: str, fix: str) -> Diagnosis:
    """Return that something could be better."""
    return Diagnosis(name, State.WARNING, seen, fix)


def fault(name: str, seen: str, fix: str) -> Diagnosis:
    """Return that a run fails for this."""
    return Diagnosis(name, State.FAULT, seen, fix)


def unknown(name: str, seen: str, fix: str = "") -> Diagnosis:
    """Return that something cannot be looked at from here."""
    return Diagnosis(name, State.UNKNOWN, seen, fix)


def failed(name: str, error: Exception) -> Diagnosis:
    """Return what the failure of a check means: without its settings nothing is known."""
    if isinstance(error, SettingsError):
        return unknown(name, str(error), error.fix)
    if isinstance(error, BriefshipError):
        return fault(name, str(error), error.fix)
    fix = "Please report it: the check itself failed."
    return fault(name, f"unexpected {type(error).__name__}: {error}", fix)


def clock_of(name: str, answer: httpx.Response, now: datetime) -> Diagnosis:
    """Compare the time in an answer's header with `now`."""
    sent = http_date(answer.headers.get("date", ""))
    if sent is None:
        return unknown(name, "the answer has no time")
    ahead = (now - sent).total_seconds()
    seen = f"{abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'} this machine's"
    if abs(ahead) <= SKEW_SECONDS:
        return good(name, f"within {SKEW_SECONDS:.0f} s of this machine's")
    fix = "Set the clock by NTP (timedatectl set-ntp true): the deadline counts from it."
    return fault(name, seen, fix)


SKEW_SECONDS = 30.0
"""The deadline of ten minutes counts from the receiver's clock to the runner's."""
