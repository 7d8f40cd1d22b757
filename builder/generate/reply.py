"""A model's reply: files, edits, deletions and checks, read out of its text.

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
_OPEN = re.compile(rf"\s*<(?P<tag>file|edit){_PATH}>\s*")
_START = re.compile(rf"\s*<file{_PATH}>")
_DELETE = re.compile(rf"\s*<delete{_PATH}(?:/>|>\s*</delete>|>)\s*")
_CHECK = re.compile(r"""\s*<check\s+for\s*=\s*(?P<quote>["'])(?P<words>.*?)(?P=quote)\s*>""")
_DISPUTE = re.compile(r"""\s*<dispute\s+scenario\s*=\s*["'](?P<id>[\w-]{1,60})["']\s*>""")
_LONGEST_TAG = 2_000
"""Longest line that is looked at as a tag, in characters."""
_SHOWN = 200
"""Characters of a reply without files that a finding shows."""
_CUT_OFF = "the reply was cut off at the length limit"


@dataclass(frozen=True)
class ModelFiles:
    """What a reply delivers."""

    files: dict[str, bytes] = field(default_factory=dict)
    edits: tuple[tuple[str, str], ...] = ()
    """Paths with their SEARCH/REPLACE blocks, in order."""
    deletions: tuple[str, ...] = ()
    checks: dict[str, str] = field(default_factory=dict)
    """A check in plain words to the JavaScript expression that the model gives for it."""
    findings: tuple[Finding, ...] = ()
    disputes: dict[str, str] = field(default_factory=dict)
    """The id of a scenario to the reason why it is wrong."""


def parse(text: str, *, is_cut: bool = False) -> ModelFiles:
    """Read a reply; what is wrong with it is among the findings, nothing is raised.

    One that the length limit cut (`is_cut`) has one finding of that: of the file that it ends in,
    or of the reply where it ends in none.
    """
    text = _plain_line_ends(text.removeprefix("\ufeff"))
    tagged = _Tagged.read(text)
    if not tagged.blocks:
        tagged.blocks = [_Block(*found) for found in fenced.files(text)]
    files = _files(block for block in tagged.blocks if not block.is_edit)
    edits = [(path, b.text) for b in tagged.blocks if b.is_edit and (path := _path(b.path))]
    deleted = [path for raw in tagged.deletions if (path := _path(raw)) and path not in files]
    findings = [*_refusals(tagged), *_cut_findings(tagged, is_cut=is_cut)]
    if not tagged.blocks and not tagged.deletions and not tagged.disputes:
        findings.append(_nothing(text))
    return ModelFiles(
        files,
        tuple((path, body) for path, body in edits if path not in files),
        tuple(dict.fromkeys(deleted)),
        tagged.checks,
        tuple(findings),
        tagged.disputes,
    )


def _plain_line_ends(text: str) -> str:
    """Turn Windows line ends into plain ones where the whole reply has them."""
    is_windows = "\r\n" in text and text.count("\r\n") == text.count("\n")
    return text.replace("\r\n", "\n") if is_windows else text


@dataclass(frozen=True)
class _Block:
    path: str
    text: str
    is_closed: bool = True
    is_edit: bool = False

    @property
    def content(self) -> bytes:
        """The bytes of the file: without a fence around it, and one line end at its end."""
        text = fenced.unwrapped(self.text, self.path).rstrip("\r\n")
        return f"{text}\n".encode("utf-8", "replace") if text else b""


@dataclass
class _Tagged:
    """What stands in tags."""

    blocks: list[_Block] = field(default_factory=list)
    deletions: list[str] = field(default_factory=list)
    checks: dict[str, str] = field(default_factory=dict)
    disputes: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, text: str) -> "_Tagged":
        found, lines, at = cls(), text.split("\n"), 0
        while at < len(lines):
            line, at = lines[at], at + 1
            if opening := _tag(_OPEN, line):
                block, at = _block(opening, lines, at)
                found.blocks.append(block)
            elif line.rstrip().endswith("</file>") and (one := _START.match(line[:_LONGEST_TAG])):
                body = line[one.end() :].rstrip().removesuffix("</file>")
                found.blocks.append(_Block(one["path"], body))
            elif deletion := _tag(_DELETE, line):
                found.deletions.append(deletion["path"])
            elif check := _CHECK.match(line):
                words = unescape(check["words"]).strip()
                script, at = _enclosed("check", line[check.end() :], lines, at)
                found.checks[words] = _expression(script)
            elif dispute := _DISPUTE.match(line):
                reason, at = _enclosed("dispute", line[dispute.end() :], lines, at)
                found.disputes[dispute["id"]] = reason.strip()
        return found


def _tag(pattern: re.Pattern[str], line: str) -> re.Match[str] | None:
    return pattern.fullmatch(line) if len(line) <= _LONGEST_TAG else None


def _block(opening: re.Match[str], lines: list[str], start: int) -> tuple[_Block, int]:
    """Read up to the closing tag, and return the line to go on at.

    Without one, read up to the last line that ends with it, or to the next block or the end.
    """
    path, closing, is_edit = opening["path"], f"</{opening['tag']}>", opening["tag"] == "edit"
    at, late = start, None
    while at < len(lines) and not _tag(_OPEN, lines[at]):
        if lines[at].strip() == closing:
            return _Block(path, "\n".join(lines[start:at]), is_edit=is_edit), at + 1
        if lines[at].rstrip().endswith(closing):
            late = at
        at += 1
    if late is None:
        return _Block(path, "\n".join(lines[start:at]), is_closed=False, is_edit=is_edit), at
    body = [*lines[start:late], lines[late].rstrip().removesuffix(closing)]
    return _Block(path, "\n".join(body), is_edit=is_edit), at


def _enclosed(tag: str, first: str, lines: list[str], at: int) -> tuple[str, int]:
    """Return the text up to the closing tag, and the line to go on at.

    Without a closing tag it ends where the next tag opens.
    """
    parts, closing = [first], f"</{tag}>"
    while closing not in parts[-1] and at < len(lines) and not _opens(lines[at]):
        parts.append(lines[at])
        at += 1
    return "\n".join(parts).partition(closing)[0], at


def _opens(line: str) -> bool:
    return bool(_tag(_OPEN, line) or _CHECK.match(line) or _DISPUTE.match(line))


def _expression(text: str) -> str:
    """Return the JavaScript of a check."""
    return fenced.unwrapped(text).strip().removeprefix("js:").strip("; \n\t`")


def _path(raw: str) -> str | None:
    """Return the path in the site that a model means, None for an unsafe one."""
    try:
        return safe_path(raw.strip().removeprefix("./"))
    except UnsafePath:
        return None


def _files(blocks: Iterable[_Block]) -> dict[str, bytes]:
    """Return the files by path; of several blocks for one path the last counts."""
    return {path: block.content for block in blocks if (path := _path(block.path))}


def _refusals(tagged: _Tagged) -> list[Finding]:
    paths = [block.path for block in tagged.blocks] + tagged.deletions
    expected = "a relative path below the root of the site"
    return [
        _failure(raw[:_SHOWN], expected, "a path refused")
        for raw in dict.fromkeys(paths)
        if _path(raw) is None
    ]


def _cut_findings(tagged: _Tagged, *, is_cut: bool) -> Iterator[Finding]:
    """Yield what says that files came in part."""
    last = tagged.blocks[-1] if tagged.blocks else None
    ends_in_block = last is not None and not last.is_closed and _path(last.path) is not None
    for block in tagged.blocks:
        path = _path(block.path)
        if path is None:
            continue
        if not block.is_closed:
            why = f": {_CUT_OFF}" if is_cut and block is last else ""
            yield _failure(path, "the whole block, closed by its tag", f"no closing tag{why}")
        for line, text in () if block.is_edit else omissions(path, block.text):
            yield _failure(path, "every line of the file", f"an omission at line {line}: {text}")
    if is_cut and not ends_in_block:
        yield _failure("the reply", "all files, whole", _CUT_OFF)


def _nothing(text: str) -> Finding:
    seen = " ".join(text.split())[:_SHOWN]
    told = f"no file; the reply begins: {seen}" if seen else "an empty reply"
    return _failure("reply", 'files in blocks <file path="…"> … </file>', told)


def _failure(subject: str, expected: str, seen: str) -> Finding:
    return finding(subject, expected, seen, Severity.FAILURE)


def finding(
    subject: str, expected: str, seen: str, severity: Severity = Severity.WARNING
) -> Finding:
    """Return a finding about a reply."""
    return Finding(
        severity=severity, source=Source.REPLY, subject=subject, expected=expected, seen=seen
    )
