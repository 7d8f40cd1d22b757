"""A model's reply: files, edits, deletions, checks, disputes, a build script, out of its text.

The prompt asks for a tagged block per file, with the tags on lines of their own. Since models stray
from that, fences, a preamble, Windows line ends and "path, then fenced block" are understood, too.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from html import unescape

from builder.contract.reading import canonical
from builder.errors import UnsafePath
from builder.findings import Finding, Severity, Source
from builder.generate import edits, fenced
from builder.generate.fenced import Block
from builder.site import safe_path

_TAG = re.compile(
    r"""\s*<(?P<kind>file|edit|delete|check|dispute|build)(?:(?<=<build)|\s+"""
    r"""(?:path|name|for|scenario)\s*=\s*["'“”](?P<name>.*?)["'“”])"""
    r"""(?:\s+[\w-]+=["'][^"'<>]{0,99}["'])?\s*/?>"""
)
_FILES = frozenset({"file", "edit"})
_BLOCKS = _FILES | {"build"}
"""Blocks that a line which looks like another tag does not end, unless it is one of these."""
_LONGEST_TAG = 2_000
"""Longest tag, in characters."""
_SHOWN = 200
"""Characters of a reply without files that a finding shows."""
_CUT_OFF = "the reply was cut off at the length limit"


@dataclass(frozen=True)
class ModelFiles:
    """What a reply delivers."""

    files: dict[str, bytes] = field(default_factory=dict)
    edits: tuple[tuple[str, str], ...] = ()
    """Paths, with their SEARCH/REPLACE blocks, in order."""
    deletions: tuple[str, ...] = ()
    checks: dict[str, str] = field(default_factory=dict)
    """Plain-word checks, with the JavaScript expression that the model gives for each."""
    findings: tuple[Finding, ...] = ()
    disputes: dict[str, str] = field(default_factory=dict)
    """Ids of scenarios, with the reason why each is wrong."""
    script: str = ""
    """A Python program that makes files of the site."""


def parse(text: str, *, is_cut: bool = False) -> ModelFiles:
    """Read a reply; what is wrong with it is in the findings, nothing is raised.

    If the length limit cut it (`is_cut`), one finding says so: about the file that it ends in, or
    about the whole reply.
    """
    text = text.removeprefix("\ufeff")
    if text.count("\r\n") == text.count("\n"):
        text = text.replace("\r\n", "\n")
    tagged = list(_tagged(text))
    scripts = [block for block in tagged if block.kind == "build"]
    blocks = [_as_meant(block) for block in tagged if block.kind in _FILES]
    blocks = blocks or ([] if scripts else fenced.files(text))
    of_kind = {kind: [one for one in tagged if one.kind == kind] for kind in ("delete", "dispute")}
    files = {path: one.content for one in blocks if one.kind == "file" and (path := _path(one))}
    changes = [(path, one.text) for one in blocks if one.kind == "edit" and (path := _path(one))]
    deleted = dict.fromkeys(path for one in of_kind["delete"] if (path := _path(one)))
    findings = [*_refusals([*blocks, *of_kind["delete"]]), *_partial(blocks, is_cut=is_cut)]
    if any(not script.is_closed for script in scripts):
        expected = "the whole of it, closed by its tag"
        findings.append(_failure("the build script", expected, "no closing tag: it was not run"))
    if not blocks and not scripts and not any(of_kind.values()):
        findings.append(_nothing(text))
    return ModelFiles(
        files,
        tuple((path, body) for path, body in changes if path not in files),
        tuple(path for path in deleted if path not in files),
        {unescape(one.name): _expression(one.text) for one in tagged if one.kind == "check"},
        tuple(findings),
        {one.name: one.text.strip() for one in of_kind["dispute"]},
        "".join(fenced.unwrapped(script.text) for script in scripts[-1:] if script.is_closed),
    )


def _as_meant(block: Block) -> Block:
    """Treat a file that consists of SEARCH/REPLACE blocks as an edit."""
    return replace(block, kind="edit") if edits.is_edit(block.text) else block


def _tagged(text: str) -> Iterator[Block]:
    lines, at = text.split("\n"), 0
    while at < len(lines):
        tag = _TAG.match(lines[at][:_LONGEST_TAG])
        if tag is None:
            at += 1
        elif tag["kind"] == "delete":
            yield Block("delete", tag["name"])
            at += 1
        else:
            block, at = _block(tag, lines, at)
            yield block


def _block(tag: re.Match[str], lines: list[str], start: int) -> tuple[Block, int]:
    """Read the block that begins in line `start`, and return the line to go on at.

    It ends at the first line that is its closing tag, else at the last line that ends with it
    before the next block, else at the next block. If a second closing tag follows after more text,
    its end is unclear, and it counts as not closed.
    """
    kind, closing = tag["kind"], f"</{tag['kind']}>"
    end = start + 1
    while end < len(lines) and not _begins(lines[end], kind):
        end += 1
    body = [lines[start][tag.end() :], *lines[start + 1 : end]]
    alone = [at for at, line in enumerate(body) if line.strip() == closing]
    late = [at for at, line in enumerate(body) if line.rstrip().endswith(closing)]
    last = alone[0] if alone else late[-1] if late else len(body)
    is_doubtful = len(alone) > 1 and any(map(str.strip, body[last + 1 : alone[-1]]))
    rest = "".join(body[last : last + 1]).rstrip().removesuffix(closing)
    text = [*body[:last], *([rest] if rest.strip() else [])]
    text = text[1:] if text and not text[0].strip() else text
    is_closed = bool(late) and not is_doubtful
    return Block(kind, tag["name"] or "", "\n".join(text), is_closed), min(start + last + 1, end)


def _begins(line: str, kind: str) -> bool:
    """Return whether a line begins a block that cannot be inside one of this kind."""
    tag = _TAG.match(line[:_LONGEST_TAG])
    is_again = tag is not None and tag["kind"] == kind == "build"
    return is_again or (tag is not None and (tag["kind"] in _FILES or kind not in _BLOCKS))


def _expression(text: str) -> str:
    """Return the JavaScript of a check."""
    return fenced.unwrapped(text).strip().removeprefix("js:").strip("; \n\t`")


def _path(block: Block) -> str | None:
    """Return the path in the site that a model means, None if it is unsafe."""
    try:
        return safe_path(canonical(block.name))
    except UnsafePath:
        return None


def _refusals(blocks: Sequence[Block]) -> list[Finding]:
    expected = "a relative path below the root of the site"
    refused = dict.fromkeys(block.name for block in blocks if _path(block) is None)
    return [_failure(name[:_SHOWN], expected, "a path refused") for name in refused]


def _partial(blocks: Sequence[Block], *, is_cut: bool) -> Iterator[Finding]:
    """Yield findings on files that are incomplete."""
    cut = blocks[-1] if blocks and is_cut and not blocks[-1].is_closed else None
    for block in blocks:
        if not block.is_closed and block is not cut and (path := _path(block)):
            expected = "the whole block, closed by its tag, once"
            yield _failure(path, expected, "no closing tag, or two")
    if is_cut:
        yield _failure((cut and _path(cut)) or "the reply", "all of it", _CUT_OFF)


def _nothing(text: str) -> Finding:
    seen = " ".join(text.split())[:_SHOWN]
    received = f"no file; the reply begins: {seen}" if seen else "an empty reply"
    return _failure("reply", 'files in blocks <file path="…"> … </file>', received)


def _failure(subject: str, expected: str, seen: str) -> Finding:
    return finding(subject, expected, seen, Severity.FAILURE)


def finding(
    subject: str, expected: str, seen: str, severity: Severity = Severity.WARNING
) -> Finding:
    """Return a finding about a reply."""
    return Finding(severity, Source.REPLY, subject, expected, seen)
