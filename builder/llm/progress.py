"""Telling how far a reply has come while it streams."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

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


Tell = Callable[[Progress], None]


@dataclass
class Meter:
    """Tells progress every so many seconds while pieces of a reply come in."""

    model: str
    now: Callable[[], datetime]
    tell: Tell
    every: float
    pieces: list[str]
    """What stands already; what comes is put behind it."""
    started_at: datetime = field(init=False)
    told_at: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.started_at = self.told_at = self.now()

    def hear(self, piece: str) -> None:
        """Take a piece in; see `builder.llm.calls.Hear`."""
        self.pieces.append(piece)
        now = self.now()
        if (now - self.told_at).total_seconds() < self.every:
            return
        self.told_at = now
        seconds = (now - self.started_at).total_seconds()
        text = "".join(self.pieces)
        self.tell(Progress(self.model, seconds, len(text), text.count(FILE_OPENING)))
