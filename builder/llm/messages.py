"""Messages to a model and its replies, independent of a provider's format."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pydantic_core import to_json

Role = Literal["system", "user", "assistant"]

MAX_OPENINGS = 200
"""How many opening braces of a reply are tried as the start of JSON."""
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
    """A model's whole answer, and the seconds it took."""

    text: str
    model: str
    seconds: float
    complete: bool = True
    """False if it was still cut at the output limit after the last continuation."""


Ask = Callable[[Sequence[Message], float], Reply]
"""Takes messages, and the seconds that the answer may take. Raises NoModelAnswered."""


def spoken(text: str) -> str:
    """Return a reply without the reasoning that some servers put before it in tags.

    Empty as long as the reasoning has not ended.
    """
    opening = _REASONING.match(text)
    if opening is None:
        return text
    _, closing, reply = text[opening.end() :].partition(f"</{opening[1]}>")
    return reply.lstrip() if closing else ""


def json_answer(text: str, key: str) -> dict[str, Any] | None:
    """Return the last JSON object with `key` in a reply, whatever words and fences are around it.

    One that is nested too deeply to be stored in a report or a round does not count.
    """
    decoder, found = json.JSONDecoder(), None
    at = text.find("{")
    for _ in range(MAX_OPENINGS):
        if at < 0:
            break
        try:
            value, end = decoder.raw_decode(text, at)
            to_json([[[[[[value]]]]]])
            found = value if key in value else found
        except (ValueError, RecursionError):
            end = at + 1
        at = text.find("{", end)
    return found
