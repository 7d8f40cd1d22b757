"""Finds the run's own credentials in texts, in whatever encoding, and removes them."""

import base64
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import quote

SHORTEST = 8
"""Characters below which a value is too common to be looked for."""
CUT = b"[removed]"
PIECE = 8
"""A word with this many characters of a key in a row is removed: servers like to quote parts."""
SHORTEST_KEY = 4
"""Shorter ones are placeholders for servers that ask for no key."""


class Credentials:
    """Secret values by name; found in plain, base64 and URL-encoded form."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._forms = {
            name: [form.encode() for form in forms_of(value)]
            for name, value in values.items()
            if len(value) >= SHORTEST
        }

    def __repr__(self) -> str:
        return f"Credentials({', '.join(self._forms)})"

    def found_in(self, content: bytes) -> list[str]:
        """Return the names of the credentials that occur in `content`."""
        return [
            name for name, forms in self._forms.items() if any(form in content for form in forms)
        ]

    def cut_from(self, content: bytes) -> bytes:
        """Return `content` without any form of any credential."""
        for forms in self._forms.values():
            for form in forms:
                content = content.replace(form, CUT)
        return content


def redact(text: str, keys: Iterable[str], limit: int = 300) -> str:
    """Return `text` on one line, without words that hold a key, cut to `limit` characters.

    Stars in the middle of a word are a key too, as OpenAI quotes it: both ends readable.
    """
    pieces = {"***"}
    for form in [form for key in keys if len(key) >= SHORTEST_KEY for form in forms_of(key)]:
        pieces |= {form[at : at + PIECE] for at in range(max(1, len(form) - PIECE + 1))}
    words = text[: 10 * limit].split()
    shown = ("[key]" if any(map(word.__contains__, pieces)) else word for word in words)
    return " ".join(shown)[:limit]


def forms_of(secret: str) -> list[str]:
    """Return the longest form first, so that removing one leaves no part of another."""
    forms = {secret, quote(secret, safe=""), *_in_base64(secret.encode())}
    return sorted(forms, key=lambda form: (-len(form), form))


def _in_base64(plain: bytes) -> Iterator[str]:
    """Yield what base64 shows of the secret: alone, and wherever it begins in a longer text."""
    yield from _alphabets(base64.b64encode(plain).rstrip(b"="))
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + plain)
        # Three bytes are four characters: those that also depend on a neighbour are left out.
        start = (0, 2, 3)[before]
        end = len(encoded) - (0, 3, 2)[(before + len(plain)) % 3]
        yield from _alphabets(encoded[start:end])


def _alphabets(encoded: bytes) -> tuple[str, str]:
    """Return the text in the standard alphabet and in that for URLs (RFC 4648)."""
    return encoded.decode(), encoded.translate(bytes.maketrans(b"+/", b"-_")).decode()
