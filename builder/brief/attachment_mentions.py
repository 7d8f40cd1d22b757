"""Where prose names an attachment, and the words around each name."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

ATTACHED = "\N{PAPERCLIP}"
"""Stands for the attachment's name."""
OTHER = "\N{PAGE FACING UP}"
"""Stands for the name of another file."""
_FILE = r"(?<![\w/.@-])(?:[\w.-]+/)*\w[\w.-]*\.[A-Za-z]\w{0,10}(?![\w/-]|\.\w)"
_CLAUSE_END = re.compile(r"(?<=[.!?;])\s+|\n+|;|,?\s\bbut\b\s", re.IGNORECASE)
_PLAIN = str.maketrans(
    {"\N{RIGHT SINGLE QUOTATION MARK}": "'", "\N{EN DASH}": "-", "\N{EM DASH}": "-"}
)
_NEARBY = 240
"""Characters on each side of a name that are looked at."""
_MAX_MENTIONS = 100
"""Beyond that no person wrote the text."""


@dataclass(frozen=True)
class AttachmentMention:
    """The words around a name, in which ATTACHED and OTHER stand for files."""

    before: str
    """The clause up to the name, without marks of quotation at its end."""
    after: str
    """The rest of the clause."""
    later: str
    """What follows the clause in its paragraph."""

    @property
    def following(self) -> str:
        """All that follows the name."""
        return f"{self.after} {self.later}"


def marked(name: str, text: str) -> str:
    """Return `text` in plain type with ATTACHED for the name and OTHER for those of other files."""
    pattern = re.compile(
        rf"(?P<name>(?<![\w/.-])(?:\./)?{re.escape(name)}(?![\w/-]|\.\w))|{_FILE}", re.IGNORECASE
    )
    plain = re.sub(r"[ \t]+", " ", text.translate(_PLAIN))
    return pattern.sub(lambda found: ATTACHED if found["name"] else OTHER, plain)


def attachment_mentions(name: str, text: str) -> Iterator[AttachmentMention]:
    """Yield the mentions of an attachment, in order."""
    return islice(_mentions(name, text), _MAX_MENTIONS)


def _mentions(name: str, text: str) -> Iterator[AttachmentMention]:
    for paragraph in re.split(r"\n\s*\n", marked(name, text)):
        start = 0
        for end in [*_CLAUSE_END.finditer(paragraph), None]:
            clause = paragraph[start : end.start() if end else len(paragraph)]
            start = end.end() if end else len(paragraph)
            for found in re.finditer(ATTACHED, clause):
                yield AttachmentMention(
                    before=clause[: found.start()][-_NEARBY:].rstrip(" `\"'*_(").replace("`", "")
                    + " ",
                    after=clause[found.end() :][:_NEARBY],
                    later=paragraph[start:][:_NEARBY],
                )
