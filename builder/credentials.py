"""Credentials that the run itself holds, and where they stand in what is to be published."""

from collections.abc import Mapping

from builder.secret_forms import forms_of

SHORTEST = 8
"""Characters below which a value is too common to be looked for."""
CUT = b"[removed]"


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
