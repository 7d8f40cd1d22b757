"""The forms in which a secret may stand in a text: plain, URL-encoded, and in base64."""

import base64
from collections.abc import Iterator
from urllib.parse import quote


def forms_of(secret: str) -> list[str]:
    """Return the longest form first, so that to cut one leaves no rest of another."""
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
