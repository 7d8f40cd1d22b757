"""Search/replace blocks: a change to a file that stands, without the file."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_SEARCH = re.compile(r"<{5,9} ?SEARCH\s*")
_DIVIDER = re.compile(r"={5,9}\s*")
_REPLACE = re.compile(r">{5,9} ?REPLACE\s*")
_SHOWN = 80


class Mismatch(Exception):
    """An edit that does not fit its file; the message says why."""


@dataclass(frozen=True)
class Replacement:
    """A text that occurs once in a file, and what it becomes."""

    search: str
    replace: str


def read(body: str) -> list[Replacement]:
    """Read the SEARCH/REPLACE pairs of an edit. Raises Mismatch where they are not well-formed."""
    found: list[Replacement] = []
    parts: list[list[str]] = []
    for line in body.split("\n"):
        if not parts and _SEARCH.fullmatch(line):
            parts = [[]]
        elif len(parts) == 1 and _DIVIDER.fullmatch(line):
            parts.append([])
        elif len(parts) == 2 and _REPLACE.fullmatch(line):
            found.append(Replacement(*("\n".join(part) for part in parts)))
            parts = []
        elif parts:
            parts[-1].append(line)
        elif line.strip(" `"):
            raise Mismatch(f"a line outside of SEARCH and REPLACE: {line[:_SHOWN]!r}")
    if parts or not found:
        raise Mismatch("no whole SEARCH/REPLACE block")
    return found


def applied(text: str, replacements: Sequence[Replacement]) -> str:
    """Return `text` with all replacements, in their order. Raises Mismatch."""
    for one in replacements:
        count = text.count(one.search) if one.search else 0
        if count != 1:
            shown = one.search.strip().partition("\n")[0][:_SHOWN]
            raise Mismatch(f"the SEARCH text {shown!r} occurs {count} times in the file")
        if one.replace:
            text = text.replace(one.search, one.replace)
        else:
            # The line that the text stood on goes as well.
            line = f"{one.search}\n"
            text = text.replace(line if line in text else one.search, "")
    return text
