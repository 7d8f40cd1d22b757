"""What is said to a model and what it said, in no provider's format."""

from dataclasses import dataclass
from typing import Literal

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True)
class Image:
    """A picture that goes along with a message."""

    media_type: str
    content: bytes


@dataclass(frozen=True)
class Message:
    """One turn of the conversation."""

    role: Role
    text: str
    images: tuple[Image, ...] = ()


@dataclass(frozen=True)
class Reply:
    """A model's whole answer; tokens are None where the server does not count them."""

    text: str
    model: str
    seconds: float
    tokens_in: int | None = None
    tokens_out: int | None = None
    complete: bool = True
    """False when it was still cut at the length limit after the last continuation."""
