"""One call to a model: what is asked, what comes back, and the record that the report keeps."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict

from builder.llm.candidates import Candidate
from builder.llm.messages import Message

CUT_REASONS = frozenset({"length", "max_tokens", "model_length"})
"""`finish_reason` of a reply cut at the length limit (OpenAI; names that other servers send)."""

LIMIT_NAMES = ("max_completion_tokens", "max_tokens")
"""The limit's present name and the older one, which several servers know alone."""


@dataclass(frozen=True)
class Limits:
    """Seconds of patience with a server."""

    connect: float = 10.0
    stall: float = 20.0
    """Without a token."""
    thinking: float = 60.0
    """Before the first token of a model that was silent that long once and accepted the call."""

    @classmethod
    def of(cls, stall: float) -> "Limits":
        """Return the limits for a stall of so many seconds; thinking may take three times that."""
        return cls(stall=stall, thinking=3 * stall)


@dataclass(frozen=True)
class Terms:
    """How one candidate wants to be called; what it refuses is learned from its answers."""

    patience: float
    temperature: float | None = None
    max_tokens: int | None = None
    refused: frozenset[str] = frozenset()

    @property
    def parameters(self) -> dict[str, Any]:
        """Return the optional parameters to send."""
        wanted: dict[str, Any] = {"stream_options": {"include_usage": True}}
        if self.temperature is not None:
            wanted["temperature"] = self.temperature
        limits = [name for name in LIMIT_NAMES if name not in self.refused]
        if self.max_tokens is not None and limits:
            wanted[limits[0]] = self.max_tokens
        return {name: value for name, value in wanted.items() if name not in self.refused}

    def without(self, parameter: str) -> "Terms":
        """Send this parameter no more."""
        return replace(self, refused=self.refused | {parameter})

    def with_patience(self, seconds: float) -> "Terms":
        """Wait so long for the first token."""
        return replace(self, patience=max(seconds, self.patience))


@dataclass(frozen=True)
class Call:
    """One request to one candidate; all times in seconds."""

    candidate: Candidate
    messages: Sequence[Message]
    parameters: Mapping[str, Any]
    budget: float
    """For the call in all."""
    connect: float
    first_token: float
    stall: float


@dataclass(frozen=True)
class Completion:
    """What a server answered, word for word."""

    text: str
    finish_reason: str | None
    refusal: str = ""
    tokens_in: int | None = None
    tokens_out: int | None = None

    @property
    def is_cut(self) -> bool:
        """Whether the length limit ended it."""
        return self.finish_reason in CUT_REASONS

    def __str__(self) -> str:
        ending = "cut at the length limit" if self.is_cut else "answered"
        return f"{ending}, {len(self.text)} characters"


class FailureKind(StrEnum):
    """How a call failed."""

    STATUS = "status"
    UNREACHABLE = "unreachable"
    CUT = "cut"
    STALL = "stall"
    UNUSABLE = "unusable"
    """An answer without text, or none of the protocol."""
    OUT_OF_TIME = "out of time"


@dataclass(frozen=True)
class Failure:
    """Why a call gave no completion; `message` is fit for logs: short and without a key."""

    kind: FailureKind
    message: str
    status: int | None = None
    code: str = ""
    parameter: str = ""
    wait: float | None = None
    """Seconds that the server asks to wait."""
    was_accepted: bool = False
    """Whether the server had accepted the call and gave no token yet."""

    def __str__(self) -> str:
        if self.status is None:
            return self.message
        return f"HTTP {self.status}: {self.message}"


class ModelCall(BaseModel):
    """The record of one HTTP call; tokens are None where the server does not count them."""

    model_config = ConfigDict(frozen=True)

    model: str
    provider: str
    started_at: datetime
    seconds: float
    outcome: str
    tokens_in: int | None = None
    tokens_out: int | None = None


Hear = Callable[[str], None]
"""Takes each piece of text as it comes; an empty piece says that the model is thinking."""

Complete = Callable[[Call, Hear], Completion | Failure]
"""The port: make one call. It never raises for what a server does."""


@dataclass(frozen=True)
class Progress:
    """How far a reply has come."""

    model: str
    seconds: float
    characters: int
    files: int


FILE_OPENING = "<file path="
"""How a file begins in a reply."""


@dataclass
class Meter:
    """Tells progress every so many seconds while pieces of a reply come in."""

    model: str
    now: Callable[[], datetime]
    tell: Callable[[Progress], None]
    every: float
    pieces: list[str]
    """What stands already; what comes is put behind it."""
    started_at: datetime = field(init=False)
    told_at: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.started_at = self.told_at = self.now()

    def hear(self, piece: str) -> None:
        """Take a piece in; see `Hear`."""
        self.pieces.append(piece)
        now = self.now()
        if (now - self.told_at).total_seconds() < self.every:
            return
        self.told_at = now
        seconds = (now - self.started_at).total_seconds()
        text = "".join(self.pieces)
        self.tell(Progress(self.model, seconds, len(text), text.count(FILE_OPENING)))
