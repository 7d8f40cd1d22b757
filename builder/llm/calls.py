"""One call to a model: what is asked, and what comes back."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from builder.llm.candidates import MAX_TOKENS, STALL_SECONDS, Candidate
from builder.llm.messages import Message

CUT_REASONS = frozenset({"length", "max_tokens", "model_length"})
"""`finish_reason` of a reply cut at the output limit, as OpenAI and other servers name it."""


@dataclass(frozen=True)
class Limits:
    """Patience with a server, in seconds, and with a reply, in tokens."""

    connect: float = 10.0
    stall: float = STALL_SECONDS
    """Between two pieces of a reply."""
    silence: float = 75.0
    """Without a sign of life: then the next candidate is started beside this one."""
    reserve: float = 60.0
    """Kept for another attempt while waiting for the first token."""
    max_tokens: int = MAX_TOKENS

    def first_token(self, budget: float) -> float:
        """Return how long to wait for the first token with `budget` seconds for everything."""
        return max(budget - self.reserve, budget / 2)


@dataclass(frozen=True)
class Call:
    """One request to one candidate, within `budget` seconds."""

    candidate: Candidate
    messages: Sequence[Message]
    parameters: Mapping[str, Any]
    budget: float
    limits: Limits
    so_far: str = ""
    """The cut reply that this call continues."""
    expects_files: bool = False
    """Whether a long reply without a file block is stopped."""


@dataclass(frozen=True)
class Completion:
    """What a server answered, word for word."""

    text: str
    finish_reason: str | None
    refusal: str = ""
    tokens_in: int | None = None
    tokens_out: int | None = None
    cost: float | None = None
    """In US dollars, if the provider reports it (OpenRouter does)."""

    @property
    def is_cut(self) -> bool:
        """Whether the output limit ended it."""
        return self.finish_reason in CUT_REASONS

    def __str__(self) -> str:
        ending = "cut at the output limit" if self.is_cut else "answered"
        return f"{ending}, {len(self.text)} characters"


class FailureKind(StrEnum):
    """How a call failed."""

    STATUS = "status"
    UNREACHABLE = "unreachable"
    BROKEN = "broken"
    """A reply that broke off, fell silent, was stopped, or is not one."""
    OUT_OF_TIME = "out of time"


@dataclass(frozen=True)
class Failure:
    """Why a call gave no completion; `message` is safe to log: short and without a key."""

    kind: FailureKind
    message: str
    status: int | None = None
    code: str = ""
    parameter: str = ""
    wait: float | None = None
    """Seconds that the server asks to wait."""

    def __str__(self) -> str:
        return self.message if self.status is None else f"HTTP {self.status}: {self.message}"


OnPiece = Callable[[str], None]
"""Takes each piece of text as it comes; an empty piece is another sign of life."""

Complete = Callable[[Call, OnPiece], Awaitable[Completion | Failure]]
"""The port: make one call, which may be cancelled. It never raises for what a server does."""
