"""Telling a model's thoughts, which some servers put before the reply, from the reply."""

import re

_OPENING = re.compile(r"\s*<(think|thinking)>")


def spoken(text: str) -> str:
    """Return the reply without the thoughts at its beginning; empty while they have no end."""
    opening = _OPENING.match(text)
    if opening is None:
        return text
    _, closing, reply = text[opening.end() :].partition(f"</{opening[1]}>")
    return reply.lstrip() if closing else ""
