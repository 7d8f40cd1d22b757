"""Credentials that the run itself holds, and where they stand in what is to be published."""

import base64
from collections.abc import Iterator, Mapping
from urllib.parse import quote

SHORTEST = 8
"""Characters below which a value is too common to be looked for."""
CUT = b"[removed]"


class Credentials:
    """Secret values by name; found in plain, base64 and URL-encoded form."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._forms = {
            name: tuple(_forms(value)) for name, value in values.items() if len(value) >= SHORTEST
        }

    def __repr__(self) -> str:
        return f"Credentials({', '.join(self._forms)})"

    def found_in(self, content: bytes) -> list[str]:
        """Return the names of the credentials that stand in `content`."""
        return [
            name for name, forms in self._forms.items() if any(form in content for form in forms)
        ]

    def cut_from(self, content: bytes) -> bytes:
        """Return `content` with every form of every credential cut out."""
        for forms in self._forms.values():
            for form in forms:
                content = content.replace(form, CUT)
        return content


def _forms(value: str) -> Iterator[bytes]:
    """Yield the longest form first, so that none leaves a rest of another."""
    plain = value.encode()
    forms = {plain, quote(value, safe="").encode(), *_in_base64(plain)}
    yield from sorted(forms, key=len, reverse=True)


def _in_base64(plain: bytes) -> Iterator[bytes]:
    """Yield what base64 shows of the value wherever it begins in a longer text.

    Three bytes are four characters: those that also depend on a neighbour are left out.
    """
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + plain)
        start = (0, 2, 3)[before]
        end = len(encoded) - (0, 3, 2)[(before + len(plain)) % 3]
        shown = encoded[start:end]
        yield shown
        yield shown.translate(bytes.maketrans(b"+/", b"-_"))
