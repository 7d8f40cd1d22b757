"""The sections that a README has to have: summary, setup, usage, code explanation, licence."""

from collections.abc import Iterator

_SECTIONS = {
    "summary": "summary overview about description introduction what feature purpose",
    "setup": "setup set-up install start prerequisite requirement run deploy development",
    "usage": "usage use using operation guide example",
    "code explanation": "code works expla implement structure architecture technical design files",
    "licence": "license licence licensing copyright",
}
"""Of each section the words of which its heading holds one, or a word that begins with it."""
_WORDS_OF_A_SUMMARY = 5


def missing_sections(text: str) -> tuple[str, ...]:
    """Return the names of the sections that a README lacks.

    A paragraph below the title counts as the summary.
    """
    words = [heading.lower().split() for heading in _headings(text)]
    return tuple(
        name
        for name, known in _SECTIONS.items()
        if not any(word.startswith(tuple(known.split())) for heading in words for word in heading)
        and not (name == "summary" and _has_lead(text))
    )


def _headings(text: str) -> Iterator[str]:
    before = ""
    for line in _unfenced(text):
        if line.startswith("#"):
            yield line.lstrip("#")
        elif before and line and not line.strip("=-"):
            yield before
        before = line


def _unfenced(text: str) -> Iterator[str]:
    """Yield the lines outside of fenced code."""
    fence = ""
    for line in map(str.strip, text.splitlines()):
        marks = line[: len(line) - len(line.lstrip(line[:1]))] if line[:1] in ("`", "~") else ""
        if not fence and len(marks) >= 3:
            fence = marks
        elif fence:
            fence = "" if line == marks and marks.startswith(fence) else fence
        else:
            yield line


def _has_lead(text: str) -> bool:
    """Return whether some words stand between the title and the next heading."""
    lines = [line for line in _unfenced(text) if line]
    lead: list[str] = []
    for line in lines[1:]:
        if line.startswith("#"):
            break
        lead += line.split()
    return len(lead) >= _WORDS_OF_A_SUMMARY
