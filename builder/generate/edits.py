"""Search/replace blocks: changes to an existing file."""

from collections.abc import Sequence

_SHOWN = 80

Replacement = tuple[str, str]
"""A text that occurs once in a file, and its replacement."""


class Mismatch(Exception):
    """An edit that does not fit its file; the message says why."""


def is_edit(body: str) -> bool:
    """Return whether a text begins like an edit."""
    return _is_marker(body.lstrip().partition("\n")[0], "<", "SEARCH")


def read(body: str) -> list[Replacement]:
    """Read the SEARCH/REPLACE pairs of an edit. Raises Mismatch if they are malformed."""
    found: list[Replacement] = []
    parts: list[list[str]] = []
    for line in body.split("\n"):
        if not parts and _is_marker(line, "<", "SEARCH"):
            parts = [[]]
        elif len(parts) == 1 and _is_marker(line, "="):
            parts.append([])
        elif len(parts) == 2 and _is_marker(line, ">", "REPLACE"):
            found.append(("\n".join(parts[0]), "\n".join(parts[1])))
            parts = []
        elif parts:
            parts[-1].append(line)
        elif line.strip(" `"):
            raise Mismatch(f"a line outside of SEARCH and REPLACE: {line[:_SHOWN]!r}")
    if parts or not found:
        raise Mismatch("no whole SEARCH/REPLACE block")
    return found


def applied(text: str, replacements: Sequence[Replacement]) -> str:
    """Return `text` with all replacements made in order. Raises Mismatch."""
    for search, replacement in replacements:
        count = text.count(search) if search else 0
        if count != 1:
            shown = search.strip().partition("\n")[0][:_SHOWN]
            raise Mismatch(f"the SEARCH text {shown!r} occurs {count} times in the file")
        text = text.replace(search, replacement)
    return text


def _is_marker(line: str, mark: str, word: str = "") -> bool:
    """Return whether a line is `<<<<<<< SEARCH`, `=======` or the like."""
    marks = line.rstrip().removesuffix(word).rstrip()
    return 5 <= len(marks) <= 9 and {*marks} == {mark} and line.rstrip().endswith(word)
