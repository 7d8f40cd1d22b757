"""The sections that a README has to have: summary, setup, usage, code explanation, licence."""

from functools import cache
from itertools import pairwise

from markdown_it import MarkdownIt

_SECTIONS = {
    "summary": "summary overview about description introduction what feature purpose",
    "setup": "setup set-up install start prerequisite requirement run deploy development",
    "usage": "usage use using operation guide example",
    "code explanation": "code works expla implement structure architecture technical design files",
    "licence": "license licence licensing copyright",
}
"""Of each section the words of which its heading holds one, or a word that begins with it."""
_WORDS_OF_A_SUMMARY = 5
_MAX = 40_000
"""Characters of a README that are looked at."""


def missing_sections(text: str) -> tuple[str, ...]:
    """Return the names of the sections that a README lacks.

    A paragraph below the title counts as the summary.
    """
    tokens = pairwise(_markdown().parse(text[:_MAX]))
    blocks = [(opening.type, one.content) for opening, one in tokens if one.type == "inline"]
    words = [word for kind, told in blocks if kind == "heading_open" for word in _words(told)]
    has_lead = [kind for kind, _ in blocks[:2]] == ["heading_open", "paragraph_open"]
    has_summary = has_lead and len(_words(blocks[1][1])) >= _WORDS_OF_A_SUMMARY
    return tuple(
        name
        for name, known in _SECTIONS.items()
        if not any(word.startswith(tuple(known.split())) for word in words)
        and not (name == "summary" and has_summary)
    )


def _words(text: str) -> list[str]:
    return text.lower().split()


@cache
def _markdown() -> MarkdownIt:
    """Return a parser of headings, paragraphs and fenced code only."""
    return MarkdownIt("zero").enable(["heading", "lheading", "fence"])
