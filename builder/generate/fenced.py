"""Blocks of a reply, and what replaces tagged ones: fenced blocks, or a bare HTML page."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from builder.contract.contract import PAGE

_FENCE = re.compile(r" {0,3}(?P<marks>`{3,}|~{3,})[ \t]*(?P<info>[^`\n]*)")
_PATH = re.compile(r"[\w.@/-]*\.[A-Za-z]\w{0,11}")
_MAX = 200
"""Longest line that can be a fence or a label, in characters."""
_FEW = 3
"""Most words of a label in which a path needs no marks around it."""
_COMMANDS = frozenset({"bash", "sh", "shell", "console"})
"""Blocks of shell commands: a file named above one is not its content."""
_DOCTYPES = ("<!DOCTYPE html", "<!doctype html")
_MARKDOWN = frozenset({"md", "markdown"})


@dataclass(frozen=True)
class Block:
    """A part of a reply: `kind` is its tag, `name` the path or text that it is about."""

    kind: str
    name: str
    text: str = ""
    is_closed: bool = True

    @property
    def content(self) -> bytes:
        """The bytes of the file: without a fence around it, and with one line end at the end."""
        text = unwrapped(self.text, self.name).rstrip("\n")
        return f"{text}\n".encode("utf-8", "replace") if text else b""


def files(text: str) -> list[Block]:
    """Return the files of a reply without tags, named on a fence or in the line above it.

    If none is named, the last HTML page is `index.html`, whether fenced or not.
    """
    found = list(_blocks(text.split("\n")))
    named = [block for block in found if block.name]
    pages = [block for block in found if block.text.lstrip().startswith(_DOCTYPES)]
    if named or pages:
        return named or [replace(pages[-1], name=PAGE)]
    doctype = next((one for one in _DOCTYPES if one in text), "")
    rest = text.partition(doctype)[2] if doctype else ""
    page, closing, _ = rest.rpartition("</html>")
    whole = page + closing if closing else rest
    return [Block("file", PAGE, doctype + whole, bool(closing))] if doctype else []


def unwrapped(text: str, path: str = "") -> str:
    """Return `text` without a fence around the whole of it.

    A Markdown file may begin and end with fences of its own: only a fence labelled as Markdown
    counts as one around the whole.
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


def _blocks(lines: list[str]) -> Iterator[Block]:
    """Yield all fenced blocks; the name is empty if neither the fence nor a label has it."""
    label, rest = "", iter(lines)
    for line in rest:
        opening = _fence(line)
        if opening is None:
            label = line[:_MAX] if line.strip() else label
            continue
        body, is_closed = _body(rest, opening)
        is_command = opening["info"].lower() in _COMMANDS
        name = _named(opening["info"]) or ("" if is_command else _named(label))
        yield Block("file", name, "\n".join(body), is_closed)
        label = ""


def _named(line: str) -> str:
    """Return the only path in a line that is short, or marked by backticks or asterisks."""
    words = line.replace("=", " ").replace(":", " ").split()
    marked = [word for word in words if word[:1] in ("`", "*")]
    paths = [word.strip("*_`\"'()[]") for word in (words if len(words) <= _FEW else marked)]
    found = [path for path in paths if _PATH.fullmatch(path)]
    return found[0] if len(found) == 1 else ""


def _body(lines: Iterator[str], opening: re.Match[str]) -> tuple[list[str], bool]:
    """Take the lines up to the one that closes `opening`; Markdown may contain fences."""
    body: list[str] = []
    depth = 0
    bears_fences = opening["info"].lower().startswith(("md", "markdown"))
    for line in lines:
        fence = _fence(line)
        if fence and _closes(opening, fence):
            if depth == 0:
                return body, True
            depth -= 1
        elif fence and bears_fences and fence["marks"].startswith(opening["marks"]):
            depth += 1
        body.append(line)
    return body, False
