"""One budget of seconds for the whole run, counted from the moment the request was received."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

DEADLINE_SECONDS = 600.0
"""An evaluator waits ten minutes for the callback."""

Now = Callable[[], datetime]


@dataclass(frozen=True)
class Deadline:
    """The moment by which the answer is due; `now` is the clock."""

    ends_at: datetime
    now: Now

    @classmethod
    def counted_from(
        cls, start: datetime, now: Now, seconds: float = DEADLINE_SECONDS
    ) -> "Deadline":
        """End `seconds` after `start`."""
        return cls(start + timedelta(seconds=seconds), now)

    def remaining(self) -> float:
        """Return the seconds that are left, below zero once it is late."""
        return (self.ends_at - self.now()).total_seconds()

    def budget(self, *, keep: float, at_least: float) -> float:
        """Return the seconds a stage may spend when `keep` must be left for what follows.

        Late work is finished, not refused: a stage always has `at_least`.
        """
        return max(self.remaining() - keep, at_least)
