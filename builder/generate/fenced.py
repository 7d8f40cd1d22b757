"""Fenced blocks of Markdown in a reply: a fence around a file, and files named above one."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_FENCE = re.compile(r"[ ]{0,3}(?P<marks>`{3,}|~{3,})[ \t]*(?P<info>[^`\n]*)")
_PATH = (
    r"(?P<path>(?:[\w.@-]+/)*(?:[\w.@-]*\.[A-Za-z][A-Za-z0-9]{0,11}"
    r"|LICEN[CS]E|README|Dockerfile|Makefile|Procfile|CNAME))"
)
_LABEL = re.compile(
    rf"\s*(?:\#+|[-*+•]|\d+[.)])?\s*(?:(?:file(?:name)?|path)\s*:\s*)?[*_`\"'(\[]*{_PATH}[*_`\"')\]]*"
    r"\s*(?:\([^)]*\))?\s*[:：]?[*_`]*\s*:?\s*",  # noqa: RUF001 - models write the wide colon too
    re.IGNORECASE,
)
_LEAD = re.compile(rf"[^`*\n]{{3,80}}[`*]{_PATH}[`*]+\s*:?\s*")
_MAX = 500
"""Longest line that is looked at as a fence or a label, in characters."""
_COMMANDS = frozenset({"bash", "sh", "shell", "console", "zsh", "powershell", "cmd"})
"""Blocks that tell what to type: a file named above one is not what is in it."""
_INFO = re.compile(
    rf"""(?:[\w+-]+[ :]+)?(?:(?:title|file(?:name)?|path)\s*=\s*)?["']?{_PATH}["']?"""
)
_MARKDOWN = frozenset({"md", "markdown"})
_PAGE = re.compile(r"\s*<(?:!doctype html|html)\b", re.IGNORECASE)


@dataclass(frozen=True)
class _Fenced:
    """A fenced block; `label` is the last line with text above it."""

    info: str
    label: str
    text: str
    is_closed: bool

    @property
    def path(self) -> str | None:
        """The path that the fence or the line above it names."""
        found = _INFO.fullmatch(self.info) or _LABEL.fullmatch(self.label)
        if found is None and self.info.lower() not in _COMMANDS:
            found = _LEAD.fullmatch(self.label)
        return found["path"] if found else None


def files(text: str) -> list[tuple[str, str, bool]]:
    """Return (path, text, is closed) of each fenced block with a path above it or on its fence.

    A reply whose only block is an HTML page without a name means `index.html`.
    """
    blocks = list(_blocks(text.split("\n")))
    named = [(path, block.text, block.is_closed) for block in blocks if (path := block.path)]
    pages = [block for block in blocks if _PAGE.match(block.text)]
    if named or len(pages) != 1:
        return named
    return [("index.html", pages[0].text, pages[0].is_closed)]


def unwrapped(text: str, path: str = "") -> str:
    """Return `text` without a fence that stands around the whole of it.

    A Markdown file may begin and end with fences of its own: there, only a fence that says that
    it holds Markdown is taken for one around the whole.
    """
    lines = text.strip("\r\n").split("\n")
    opening, closing = _fence(lines[0]), _fence(lines[-1])
    if len(lines) < 2 or not opening or not closing or not _closes(opening, closing):
        return text
    if path.lower().endswith((".md", ".markdown")) and opening["info"].lower() not in _MARKDOWN:
        return text
    return "\n".join(lines[1:-1])


def _fence(line: str) -> re.Match[str] | None:
    return _FENCE.fullmatch(line.rstrip()) if len(line) <= _MAX else None


def _closes(opening: re.Match[str], line: re.Match[str]) -> bool:
    return not line["info"] and line["marks"].startswith(opening["marks"])


def _blocks(lines: list[str]) -> Iterator[_Fenced]:
    label, at = "", 0
    while at < len(lines):
        opening = _fence(lines[at])
        at += 1
        if opening is None:
            label = lines[at - 1][:_MAX] if lines[at - 1].strip() else label
            continue
        end = _end(lines, at, opening)
        text = "\n".join(lines[at : len(lines) if end is None else end])
        yield _Fenced(opening["info"], label, text, end is not None)
        label, at = "", len(lines) if end is None else end + 1


def _end(lines: list[str], start: int, opening: re.Match[str]) -> int | None:
    """Return the index of the line that closes `opening`; Markdown may hold fences of its own."""
    depth = 0
    bears_fences = opening["info"].split(":")[0].split(" ")[0].lower() in _MARKDOWN
    for at in range(start, len(lines)):
        fence = _fence(lines[at])
        if fence is None:
            continue
        if _closes(opening, fence):
            if depth == 0:
                return at
            depth -= 1
        elif bears_fences and fence["marks"].startswith(opening["marks"]):
            depth += 1
    return None
