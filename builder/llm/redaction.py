"""Taking secrets out of text that others wrote."""

from collections.abc import Iterable

from builder.credentials import forms_of

PIECE = 8
"""A word with so many characters of a secret is taken out: servers like to quote a part."""
SHORTEST = 4
"""Shorter ones are placeholders for servers that ask for no key."""
MASK = "***"
"""In a key as OpenAI quotes it: both ends readable, stars between."""
READ = 10
"""Times the limit: of a longer text no more is looked at."""


def redact(text: str, secrets: Iterable[str], limit: int = 300) -> str:
    """Return `text` on one line, without words that hold a secret, cut to `limit` characters."""
    pieces = {MASK}
    for form in [form for one in secrets if len(one) >= SHORTEST for form in forms_of(one)]:
        pieces |= {form[at : at + PIECE] for at in range(max(1, len(form) - PIECE + 1))}
    words = text[: READ * limit].split()
    return " ".join("[key]" if any(map(word.__contains__, pieces)) else word for word in words)[
        :limit
    ]
