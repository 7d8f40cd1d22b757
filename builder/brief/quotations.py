"""Quoted phrases in prose: titles and texts that are wanted word for word."""
# Typographic quotation marks are what this module is about.
# ruff: noqa: RUF001

import re

QUOTED = re.compile(
    "\"([^\"\n]+)\"|“([^”\n]+)”|«([^»\n]+)»|(?<!\\w)'([^'\n]+)'(?!\\w)|‘([^’\n]+)’|`([^`\n]+)`"
)
MARK = "[\"“«'‘`]"

_SAYS = re.compile(
    r"\b(?:show|display|say|read|contain|write|print|put|text|message|greeting|heading|h1)\w*\s+"
    r"(?:is\s+|the\s+|a\s+|text\s+|words?\s+|message\s+|heading\s+|greeting\s+|exactly\s+){0,3}$",
    re.IGNORECASE,
)


def literal(*parts: str) -> str | None:
    """Return the phrase that the words before it want shown: `displays "Hello"`."""
    for part in parts:
        for quoted in reversed(list(QUOTED.finditer(part))):
            if _SAYS.search(part[: quoted.start()]):
                return content(quoted)
    return None


def unquoted(text: str) -> str:
    """Return `text` with quoted phrases of more than a word taken out: they are not instructions.

    A single quoted word may name a column or a file and loses its quotes only.
    """

    def keep_single(match: re.Match[str]) -> str:
        phrase = content(match)
        return " " if re.search(r"\s", phrase) else f" {phrase} "

    return re.sub(r"\s+", " ", QUOTED.sub(keep_single, text)).strip()


def content(match: re.Match[str]) -> str:
    """Return what stands between the marks of a match of `QUOTED`."""
    return next(group for group in match.groups() if group is not None).strip()
