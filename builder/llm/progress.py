"""Telling how far a reply has come while it streams."""

from collections.abc import Callable
from dataclasses import dataclass

from builder.deadline import Now
from builder.llm.calls import Call

PROGRESS_SECONDS = 3.0
"""Between two progress messages."""
FILE_OPENING = "<file path="


@dataclass(frozen=True)
class Progress:
    """How far a reply has come."""

    model: str
    seconds: float
    characters: int
    files: int


class Meter:
    """Tells the progress of a call every so many seconds while pieces of the reply come in."""

    def __init__(
        self, call: Call, now: Now, tell: Callable[[Progress], None], every: float
    ) -> None:
        self._model, self._now, self._tell, self._every = call.candidate.model, now, tell, every
        self._pieces = [call.so_far]
        self._started_at = self._told_at = now()

    def add(self, piece: str) -> None:
        """Take a piece in; see `builder.llm.calls.OnPiece`."""
        self._pieces.append(piece)
        now = self._now()
        if (now - self._told_at).total_seconds() >= self._every:
            self._told_at = now
            text, seconds = "".join(self._pieces), (now - self._started_at).total_seconds()
            self._tell(Progress(self._model, seconds, len(text), text.count(FILE_OPENING)))
