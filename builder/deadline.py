"""The time a run has: one budget, counted from the moment the request was received."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

DEADLINE_SECONDS = 600.0
"""An evaluator waits ten minutes for the callback."""
MAX_DIGITS = 12
"""Digits of the longest number that is read as a time."""

Now = Callable[[], datetime]


@dataclass(frozen=True)
class Deadline:
    """The moment by which the answer is due; `now` is the clock."""

    ends_at: datetime
    now: Now

    def remaining(self) -> float:
        """Return the seconds that are left, below zero once it is late."""
        return (self.ends_at - self.now()).total_seconds()

    def budget(self, *, keep: float, at_least: float) -> float:
        """Return the seconds a stage may spend when `keep` must be left for what follows.

        Late work is finished, not refused: a stage always has `at_least`.
        """
        return max(self.remaining() - keep, at_least)


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the seconds that Retry-After asks for, as a whole number or as an HTTP date.

    None where it is missing or unusable (RFC 9110, section 10.2.3). Names are in lower case.
    """
    text = headers.get("retry-after", "").strip()
    if is_number(text):
        return float(text)
    until = http_date(text)
    return max(0.0, until.timestamp() - now.timestamp()) if until else None


def http_date(text: str) -> datetime | None:
    """Return the moment in a header; None if it is no date."""
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    # An HTTP date is in UTC whether it says so or not.
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def is_number(text: str) -> bool:
    """Return whether a header holds a whole number of seconds."""
    return text.isascii() and text.isdecimal() and len(text) <= MAX_DIGITS
