"""A model's reply: whole files, deletions and checks, read out of its text.

Asked for is a tagged block for each file, its tags on lines of their own. Models stray from it, so
that fences, a preamble, Windows line ends and "path, then fenced block" are understood too.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html import unescape

from builder.errors import UnsafePath
from builder.findings import Finding, Severity, Source
from builder.generate import fenced
from builder.generate.omissions import omissions
from builder.site import safe_path

_PATH = r"""\s+path\s*=\s*["'“”](?P<path>[^\n]*?)["'“”]\s*"""
_OPEN = re.compile(rf"\s*<file{_PATH}>\s*")
_ONE_LINE = re.compile(rf"\s*<file{_PATH}>(?P<text>.*)</file>\s*")
_CLOSE = re.compile(r"\s*</file>\s*")
_DELETE = re.compile(rf"\s*<delete{_PATH}(?:/>|>\s*</delete>|>)\s*")
_CHECK = re.compile(r"""\s*<check\s+for\s*=\s*(?P<quote>["'])(?P<words>.*?)(?P=quote)\s*>""")
_CHECK_END = "</check>"
_SHOWN = 200
"""Characters of a reply without files that a finding shows."""
_CUT_OFF = "the reply was cut off at the length limit"


@dataclass(frozen=True)
class ModelFiles:
    """What a reply delivers."""

    files: dict[str, bytes] = field(default_factory=dict)
    deletions: tuple[str, ...] = ()
    checks: dict[str, str] = field(default_factory=dict)
    """A check in plain words to the JavaScript expression that the model gives for it."""
    findings: tuple[Finding, ...] = ()


def parse(text: str, *, is_cut: bool = False) -> ModelFiles:
    """Read a reply; what is wrong with it is among the findings, nothing is raised.

    One that the length limit cut (`is_cut`) has one finding of that: of the file that it ends in,
    or of the reply where it ends in none.
    """
    text = _plain_line_ends(text.removeprefix("\ufeff"))
    tagged = _Tagged.read(text)
    blocks = tagged.blocks or [_Block(*found) for found in fenced.files(text)]
    files = _files(blocks)
    deletions = {raw: _path(raw) for raw in tagged.deletions}
    paths = [block.path for block in blocks] + list(deletions)
    findings = [*_refusals(paths), *_conflicts(blocks)]
    cut = _last_open(blocks) if is_cut else None
    findings += [finding for block in blocks for finding in _faults(block, is_cut=block is cut)]
    if is_cut and cut is None:
        findings.append(_failure("the reply", "all files, whole", _CUT_OFF))
    if not blocks and not deletions:
        findings.append(_nothing(text))
    deleted = tuple(path for path in deletions.values() if path and path not in files)
    return ModelFiles(files, deleted, tagged.checks, tuple(findings))


def _plain_line_ends(text: str) -> str:
    """Turn Windows line ends into plain ones where the whole reply has them."""
    is_windows = "\r\n" in text and text.count("\r\n") == text.count("\n")
    return text.replace("\r\n", "\n") if is_windows else text


@dataclass(frozen=True)
class _Block:
    path: str
    text: str
    is_closed: bool = True

    @property
    def content(self) -> bytes:
        """The bytes of the file: without a fence around it, and one line end at its end."""
        text = fenced.unwrapped(self.text, self.path).rstrip("\r\n")
        return f"{text}\n".encode("utf-8", "replace") if text else b""


class _Lines(Iterator[str]):
    """The lines of a reply, of which the last one taken can be put back."""

    def __init__(self, text: str) -> None:
        self._lines = text.split("\n")
        self._at = 0

    def __next__(self) -> str:
        if self._at == len(self._lines):
            raise StopIteration
        self._at += 1
        return self._lines[self._at - 1]

    def put_back(self) -> None:
        self._at -= 1


@dataclass
class _Tagged:
    """What stands in tags."""

    blocks: list[_Block] = field(default_factory=list)
    deletions: list[str] = field(default_factory=list)
    checks: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, text: str) -> "_Tagged":
        found = cls()
        lines = _Lines(text)
        for line in lines:
            if opening := _OPEN.fullmatch(line):
                found.blocks.append(_block(opening["path"], lines))
            elif one := _ONE_LINE.fullmatch(line):
                found.blocks.append(_Block(one["path"], one["text"]))
            elif deletion := _DELETE.fullmatch(line):
                found.deletions.append(deletion["path"])
            elif check := _CHECK.match(line):
                words = unescape(check["words"]).strip()
                found.checks[words] = _expression(line[check.end() :], lines)
        return found


def _block(path: str, lines: _Lines) -> _Block:
    """Read up to the closing tag; without one, up to the next file or the end."""
    body: list[str] = []
    for line in lines:
        if _CLOSE.fullmatch(line):
            return _Block(path, "\n".join(body))
        if _OPEN.fullmatch(line):
            lines.put_back()
            break
        body.append(line)
    return _closed_late(path, body)


def _closed_late(path: str, body: list[str]) -> _Block:
    """End at the last line that ends with the closing tag, if there is one."""
    ends = [at for at, line in enumerate(body) if line.rstrip().endswith("</file>")]
    if not ends:
        return _Block(path, "\n".join(body), is_closed=False)
    last = body[ends[-1]].rstrip().removesuffix("</file>")
    return _Block(path, "\n".join([*body[: ends[-1]], last]))


def _expression(first: str, lines: _Lines) -> str:
    """Return the JavaScript up to the closing tag."""
    parts = [first]
    while _CHECK_END not in parts[-1]:
        line = next(lines, None)
        if line is None:
            break
        if _OPEN.fullmatch(line) or _CHECK.match(line):
            lines.put_back()
            break
        parts.append(line)
    script = fenced.unwrapped("\n".join(parts).partition(_CHECK_END)[0])
    return script.strip().removeprefix("js:").strip("; \n\t`")


def _path(raw: str) -> str | None:
    """Return the path in the site that a model means, None for an unsafe one."""
    try:
        return safe_path(raw.strip().removeprefix("./"))
    except UnsafePath:
        return None


def _files(blocks: Iterable[_Block]) -> dict[str, bytes]:
    """Return the files by path; of several blocks for one path the last counts."""
    return {path: block.content for block in blocks if (path := _path(block.path))}


def _refusals(paths: Iterable[str]) -> list[Finding]:
    return [
        _failure(raw[:_SHOWN], "a relative path below the root of the site", "a path refused")
        for raw in dict.fromkeys(paths)
        if _path(raw) is None
    ]


def _conflicts(blocks: list[_Block]) -> list[Finding]:
    last = _files(blocks)
    twice = {
        path for block in blocks if (path := _path(block.path)) and last[path] != block.content
    }
    return [
        Finding(
            severity=Severity.WARNING,
            source=Source.REPLY,
            subject=path,
            expected="each file once",
            seen="several blocks that differ; the last was taken",
        )
        for path in sorted(twice)
    ]


def _last_open(blocks: list[_Block]) -> _Block | None:
    """Return the block in which a reply ends that is no more than begun."""
    last = blocks[-1] if blocks else None
    return None if last is None or last.is_closed or _path(last.path) is None else last


def _faults(block: _Block, *, is_cut: bool) -> Iterator[Finding]:
    path = _path(block.path)
    if path is None:
        return
    if not block.is_closed:
        seen = "a block that is not closed" + (f": {_CUT_OFF}" if is_cut else "")
        yield _failure(path, "the whole file, closed by </file>", seen)
    for line, text in omissions(path, block.text):
        yield _failure(path, "every line of the file", f"an omission at line {line}: {text}")


def _nothing(text: str) -> Finding:
    seen = " ".join(text.split())
    return _failure(
        "reply",
        'files in blocks <file path="…"> … </file>',
        f"no file; the reply begins: {seen[:_SHOWN]}" if seen else "an empty reply",
    )


def _failure(subject: str, expected: str, seen: str) -> Finding:
    return Finding(
        severity=Severity.FAILURE,
        source=Source.REPLY,
        subject=subject,
        expected=expected,
        seen=seen,
    )
