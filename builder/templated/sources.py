"""The attachments of all rounds so far, and which of them a brief means."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from builder.brief.contract import Contract
from builder.brief.prose import files, sentences
from builder.files import tabular
from builder.files.decoding import UTF_8, decoded, text_of
from builder.files.pictures import is_picture
from builder.request import Request
from builder.rounds import Base, Round
from builder.starter_files import attachments

Kind = Literal["table", "markdown", "picture", "json", "text"]

_SUFFIXES: dict[Kind, tuple[str, ...]] = {
    "markdown": (".md", ".markdown"),
    "json": (".json",),
    "text": (".txt", ".log", ".text"),
}
_REPLACES = re.compile(
    r"\b(?:instead|replac\w+|switch\w*|supersed\w+|from now on|newer|updated|latest|no longer)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Sources:
    """Attachments by name, the latest last; `replaced` names what stands for a file now.

    `charsets` are the encodings that the sender stated, by name.
    """

    contents: Mapping[str, bytes]
    replaced: Mapping[str, str] = field(default_factory=dict)
    charsets: Mapping[str, str | None] = field(default_factory=dict)

    @cached_property
    def tables(self) -> Mapping[str, tabular.Table]:
        """The attachments that hold tables."""
        read = {
            name: tabular.read(name, content, self.charsets.get(name))
            for name, content in self.contents.items()
        }
        return {name: table for name, table in read.items() if table is not None}

    def of_kind(self, kind: Kind) -> list[str]:
        """Return the names of a kind that are in use, the latest last."""
        in_use = [name for name in self.contents if name not in self.replaced]
        return [name for name in in_use if self._is(name, kind)]

    def _is(self, name: str, kind: Kind) -> bool:
        if kind == "table":
            return name in self.tables
        if kind == "picture":
            return is_picture(name)
        return name.lower().endswith(_SUFFIXES[kind])

    def named(self, kind: Kind, text: str) -> str | None:
        """Return the first file of a kind that words name."""
        names = map(self.current, files(text))
        return next(
            (name for name in names if name in self.contents and self._is(name, kind)), None
        )

    def first_named(self, text: str) -> str | None:
        """Return the first attachment that words name."""
        names = map(self.current, files(text))
        return next((name for name in names if name in self.contents), None)

    def current(self, name: str) -> str:
        """Return the file that stands for `name` now."""
        seen = {name}
        while (name := self.replaced.get(name, name)) not in seen:
            seen.add(name)
        return name

    def text(self, name: str) -> str:
        """Return an attachment as text."""
        return text_of(self.contents[name], self.charsets.get(name))

    def encoding(self, name: str) -> str:
        """Return the label by which `TextDecoder` reads an attachment."""
        found = decoded(self.contents[name], self.charsets.get(name))
        return found.encoding if found else UTF_8


def _replacements(brief: str, earlier: Mapping[str, bytes], new: Sequence[str]) -> dict[str, str]:
    """Return old to new name where a brief says that a new attachment takes an old one's place."""
    before = Sources(earlier)
    found: dict[str, str] = {}
    for sentence in filter(_REPLACES.search, sentences(brief)):
        named = files(sentence)
        for name in (name for name in new if name in named and name not in earlier):
            suffix = name.rpartition(".")[2]
            alike = [old for old in before.contents if old.rpartition(".")[2] == suffix]
            meant = [old for old in alike if old in named] or alike[-1:]
            found |= dict.fromkeys(meant, name)
    return found


def earlier_rounds(request: Request, base: Base) -> tuple[Round, ...]:
    """Return the rounds before this one: a round that is sent again replaces itself."""
    return tuple(past for past in base.rounds if past.round < request.round)


def gather(request: Request, base: Base) -> Sources:
    """Return the attachments of all rounds, less what the site does not or may not hold.

    Raises InvalidAttachment, UnsafePath.
    """
    contract = Contract.of(request, base.rounds)
    attached = attachments(request, contract)
    standing: dict[str, bytes] = {}
    replaced: dict[str, str] = {}
    for past in earlier_rounds(request, base):
        replaced |= _replacements(past.brief, standing, list(past.attachments))
        stays = [name for name in past.attachments if not contract.forbids(name)]
        standing |= {name: base.site[name] for name in stays if name in base.site}
    replaced |= _replacements(request.brief, standing, list(attached))
    kept = {name: content for name, content in standing.items() if name not in attached}
    charsets = {attachment.name: attachment.charset for attachment in request.attachments}
    return Sources(kept | attached, replaced, charsets)
