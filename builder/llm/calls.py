"""One call to a model: what is asked, what comes back, and the record that the report keeps."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from builder.llm.candidates import MAX_TOKENS, STALL_SECONDS, Candidate
from builder.llm.messages import Message

CUT_REASONS = frozenset({"length", "max_tokens", "model_length"})
"""`finish_reason` of a reply cut at the output limit (OpenAI; names that other servers send)."""

LIMIT_NAMES = ("max_tokens", "max_completion_tokens")
"""Names of the output limit. The older one first: who does not know it answers 400 (OpenAI's
reasoning models), while several servers ignore the newer one in silence (llama.cpp's in Python)."""
OPENAI = re.compile(r"\bopenai\.(com|azure\.com)/|\baipipe\.org/openai/")
"""Base URLs of OpenAI's own models, for which the newer name comes first."""


@dataclass(frozen=True)
class Limits:
    """Patience with a server, in seconds, and with a reply, in tokens."""

    connect: float = 10.0
    stall: float = STALL_SECONDS
    """Between two pieces of a reply."""
    silence: float = 75.0
    """Without a sign of life, after which the next candidate is started beside this one."""
    reserve: float = 60.0
    """Kept for another attempt while the first token is waited for."""
    max_tokens: int = MAX_TOKENS

    def first_token(self, budget: float) -> float:
        """Return how long to wait for the first token with `budget` seconds for everything."""
        return max(budget - self.reserve, budget / 2)


@dataclass
class Terms:
    """The optional parameters of a candidate; what it refuses is learned from its answers.

    Shared by threads: every change is a single assignment or `set.add`.
    """

    temperature: float | None
    max_tokens: int
    limit_names: tuple[str, ...] = LIMIT_NAMES
    refused: set[str] = field(default_factory=set)
    hopeless: "Failure | None" = None
    """Why this candidate is not asked any more."""

    @classmethod
    def of(cls, candidate: Candidate, temperature: float | None, max_tokens: int) -> "Terms":
        """Return the terms to begin with."""
        is_openai = OPENAI.search(f"{candidate.base_url}/") is not None
        return cls(temperature, max_tokens, LIMIT_NAMES[::-1] if is_openai else LIMIT_NAMES)

    @property
    def parameters(self) -> dict[str, Any]:
        """Return what to send."""
        wanted: dict[str, Any] = {"stream_options": {"include_usage": True}}
        if self.temperature is not None:
            wanted["temperature"] = self.temperature
        for name in [name for name in self.limit_names if name not in self.refused][:1]:
            wanted[name] = self.max_tokens
        return {name: value for name, value in wanted.items() if name not in self.refused}


@dataclass(frozen=True)
class Call:
    """One request to one candidate, within `budget` seconds."""

    candidate: Candidate
    messages: Sequence[Message]
    parameters: Mapping[str, Any]
    budget: float
    limits: Limits
    so_far: str = ""
    """What of a cut reply stands already and is gone on with."""
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
    CUT = "cut"
    STALL = "stall"
    UNUSABLE = "unusable"
    """An answer without text, one that was stopped, or none of the protocol."""
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
    tokens_in: int | None = None
    tokens_out: int | None = None

    def __str__(self) -> str:
        if self.status is None:
            return self.message
        return f"HTTP {self.status}: {self.message}"


@dataclass(frozen=True)
class ModelCall:
    """The record of one HTTP call; tokens are None where the server does not count them."""

    model: str
    provider: str
    seconds: float
    outcome: str
    tokens_in: int | None = None
    tokens_out: int | None = None


OnPiece = Callable[[str], None]
"""Takes each piece of text as it comes; an empty piece is another sign of life."""

Complete = Callable[[Call, OnPiece], Awaitable[Completion | Failure]]
"""The port: make one call, which may be cancelled. It never raises for what a server does."""
