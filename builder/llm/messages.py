"""What is said to a model and what it said, in no provider's format."""

import re
from dataclasses import dataclass
from typing import Literal

Role = Literal["system", "user", "assistant"]

_REASONING = re.compile(r"\s*<(think|thinking)>")


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
    """False when it was still cut at the output limit after the last continuation."""


def spoken(text: str) -> str:
    """Return a reply without the reasoning that some servers put before it, in tags.

    Empty while the reasoning has no end.
    """
    opening = _REASONING.match(text)
    if opening is None:
        return text
    _, closing, reply = text[opening.end() :].partition(f"</{opening[1]}>")
    return reply.lstrip() if closing else ""


def fence(text: str, language: str = "") -> str:
    """Return `text` between fences longer than any run of backticks in it."""
    longest = max(map(len, re.findall(r"`+", text)), default=0)
    marks = "`" * max(3, longest + 1)
    return f"{marks}{language}\n{text.rstrip()}\n{marks}"


def one_line(text: str) -> str:
    """Return `text` for a line of its own: without backticks and line ends."""
    return " ".join(text.replace("`", "'").split())
