"""Taking secrets out of text that others wrote."""

import re
from collections.abc import Iterable

from builder.credentials import forms_of

PIECE = 8
"""A run of so many characters of a secret is taken out: servers like to quote a part."""
SHORTEST = 4

MASK = "***"
"""In a key as OpenAI quotes it: both ends readable, stars between."""
READ = 10
"""Times the limit: of a longer text no more is looked at."""


def redact(text: str, secrets: Iterable[str], limit: int = 300) -> str:
    """Return `text` on one line, without the secrets in any form, cut to `limit` characters."""
    text = text[: READ * limit]
    for secret in secrets:
        # Shorter ones are placeholders for servers that ask for no key.
        for form in forms_of(secret) if len(secret) >= SHORTEST else ():
            text = _without(text, form)
    words = ("[key]" if MASK in word else word for word in text.split())
    return " ".join(words)[:limit]


def _without(text: str, secret: str) -> str:
    size = min(PIECE, len(secret))
    pieces = {secret[at : at + size] for at in range(len(secret) - size + 1)}
    hidden = bytearray(len(text))
    for at in range(len(text) - size + 1):
        if text[at : at + size] in pieces:
            hidden[at : at + size] = b"\1" * size
    marked = "".join("\0" if hide else char for char, hide in zip(text, hidden, strict=True))
    return re.sub("\0+", "[key]", marked)
