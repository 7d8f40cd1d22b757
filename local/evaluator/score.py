"""What a grader found: rows of a check, its outcome and what was seen."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Outcome(StrEnum):
    """What became of a check."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_CHECKABLE = "not checkable"


@dataclass(frozen=True)
class Row:
    """A check, its outcome and what was seen."""

    check: str
    outcome: Outcome
    seen: str = ""

    @classmethod
    def of(cls, check: str, holds: bool, seen: str = "") -> "Row":
        """Return a check that passed or failed."""
        return cls(check, Outcome.PASSED if holds else Outcome.FAILED, seen)

    @property
    def is_passed(self) -> bool:
        """Whether it was checked and holds."""
        return self.outcome is Outcome.PASSED


@dataclass(frozen=True)
class Score:
    """The rows of one round of a task, and where the delivery is, if there is one."""

    task: str
    round: int
    rows: tuple[Row, ...]
    repo_url: str | None = None
    commit_sha: str | None = None
    pages_url: str | None = None

    def count(self, outcome: Outcome) -> int:
        """Return how many rows have `outcome`."""
        return sum(row.outcome is outcome for row in self.rows)

    @property
    def is_good(self) -> bool:
        """Whether something was checked and nothing failed."""
        return self.count(Outcome.PASSED) > 0 and self.count(Outcome.FAILED) == 0

    def to_json(self) -> dict[str, Any]:
        """Return the score as a JSON object, totals included."""
        totals = {outcome.value: self.count(outcome) for outcome in Outcome}
        return asdict(self) | {"totals": totals}


def all_good(scores: Iterable[Score]) -> bool:
    """Say whether every one of at least one score is good."""
    return bool(verdicts := [score.is_good for score in scores]) and all(verdicts)
