"""The plan of a page: everything that the briefs so far ask for, in one value."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from builder.brief import prose as prose
from builder.brief import selectors
from builder.brief.contract import Contract
from builder.brief.prose import Mention
from builder.request import Check, Request
from builder.rounds import Base, Round
from builder.templated import titles
from builder.templated.asked import Context
from builder.templated.implied import implied_parts
from builder.templated.libraries import CHART, MARKED, PURIFY, Library
from builder.templated.library_wording import Choice
from builder.templated.other_sources import Failure, OtherSource, failure
from builder.templated.parts import Blank, Groups, Markdown, Part, Words
from builder.templated.rules import part_for
from builder.templated.sources import Sources, earlier_rounds, gather

_KEEPS = re.compile(
    r"\b(?:keep\w*|remain\w*|stays?|still|unchanged|preserv\w+|continue\w*)\b", re.IGNORECASE
)
_HARD_CODES = re.compile(r"(?:\bnot|n't|\bnever|\bwithout|\bno)\s+(?:be\s+)?hard[- ]?cod", re.I)

MAX_BRIEF = 20_000
"""Characters of a brief that the rules read: beyond that no person wrote it."""
MAX_ELEMENTS = 200
"""Element ids that a round may name."""


@dataclass(frozen=True)
class Plan:
    """What the page shows."""

    title: str
    parts: tuple[Part, ...]
    libraries: tuple[Library, ...]
    address_parts: tuple[str, ...]
    """What checks look for in the addresses of libraries."""
    sources: Sources
    other: OtherSource = field(default_factory=OtherSource)
    """The source that may stand in place of an attachment."""
    failure: Failure = field(default_factory=Failure)
    """What is said when a source cannot be loaded."""
    is_filled_by_script: bool = False
    """The brief wants no values in the HTML."""
    named_files: tuple[str, ...] = ()
    """The files that the briefs ask for by name."""

    @property
    def filled(self) -> list[Part]:
        """The parts that show something."""
        return [part for part in self.parts if not isinstance(part, Blank)]

    def gaps(self, paths: Iterable[str]) -> list[str]:
        """Say what the briefs ask for and a site with these files has not."""
        there = {prose.file_key(path) for path in paths}
        missing = [name for name in self.named_files if prose.file_key(name) not in there]
        blanks = [part for part in self.parts if isinstance(part, Blank)]
        return [
            *(f"the file {name}" for name in missing),
            *(f"#{part.id}: {part.described()}" for part in blanks if part.is_named),
            *(part.described() for part in blanks if not part.is_named),
            *self.other.gaps(),
        ]


def plan(request: Request, base: Base) -> Plan:
    """Put together what all rounds so far ask for; later ones win.

    Raises InvalidAttachment, UnsafePath.
    """
    sources = gather(request, base)
    contexts = _contexts([*earlier_rounds(request, base), Round.of(request)], sources)
    choice = contexts[-1].choice
    parts = _with_ids(contexts)
    parts |= {part.id: part for part in implied_parts(contexts, list(parts.values()))}
    said = failure(contexts, {part.id for part in parts.values() if isinstance(part, Blank)})
    shown = tuple(part for part in parts.values() if part.id != said.element_id)
    return Plan(
        title=titles.title(*((context.brief, context.own_checks) for context in contexts))
        or _first_heading(parts.values(), sources)
        or titles.made_up(request.task),
        parts=shown,
        libraries=_libraries(choice, parts.values()),
        address_parts=choice.address_parts,
        sources=sources,
        other=OtherSource.of(contexts, shown),
        failure=said,
        is_filled_by_script=bool(_HARD_CODES.search(contexts[-1].told)),
        named_files=_named_files(contexts, Contract.of(request, base.rounds)),
    )


def _named_files(contexts: Iterable[Context], contract: Contract) -> tuple[str, ...]:
    """Return the files that are asked for plainly, or named and not refused."""
    wanted = {prose.file_key(rule.path): rule for rule in contract.required}
    named = [prose.file_key(name) for past in contexts for name in prose.files(past.brief)]
    certain = [key for key, rule in wanted.items() if rule.certain]
    return tuple(wanted[key].path for key in dict.fromkeys([*named, *certain]) if key in wanted)


def _contexts(rounds: Sequence[Round], sources: Sources) -> list[Context]:
    checks = tuple(check for past in rounds for check in past.checks)
    choice = Choice.of([(past.brief[:MAX_BRIEF], past.checks) for past in rounds])
    return [
        Context(
            brief=past.brief[:MAX_BRIEF],
            attached=tuple(past.attachments),
            sources=sources,
            checks=checks,
            own_checks=tuple(past.checks),
            told="\n".join(one.brief[:MAX_BRIEF] for one in rounds[: at + 1]),
            choice=choice,
        )
        for at, past in enumerate(rounds)
    ]


def _with_ids(contexts: list[Context]) -> dict[str, Part]:
    parts: dict[str, Part] = {}
    for context in contexts:
        for mention in prose.mentions(context.brief)[:MAX_ELEMENTS]:
            part = part_for(mention, context)
            if mention.id not in parts or _redefines(mention, part, parts[mention.id]):
                parts[mention.id] = part
    for mention in islice(_in_checks(contexts[-1].checks), MAX_ELEMENTS):
        if mention.id not in parts:
            parts[mention.id] = part_for(mention, contexts[-1])
    return parts


def _redefines(mention: Mention, part: Part, known: Part) -> bool:
    if isinstance(known, Blank):
        return not isinstance(part, Blank)
    return not isinstance(part, Blank) and not _KEEPS.search(mention.words)


def _in_checks(checks: Iterable[Check]) -> Iterator[Mention]:
    """Yield the ids of the checks: those in plain words come with their words."""
    for check in checks:
        if not check.is_javascript:
            yield from prose.mentions(check.source)
    for name in selectors.ids(checks):
        yield Mention(id=name, words="", sentence="")


def _first_heading(parts: Iterable[Part], sources: Sources) -> str | None:
    for part in parts:
        if isinstance(part, Words) and part.element == "h1":
            return part.text
    for name in sources.of_kind("markdown"):
        found = re.search(r"^# +(.+?)[ #]*$", sources.text(name), re.MULTILINE)
        if found:
            return found[1]
    return None


def _libraries(choice: Choice, parts: Iterable[Part]) -> tuple[Library, ...]:
    needed: list[Library] = []
    for part in parts:
        if isinstance(part, Markdown):
            needed += [MARKED, PURIFY]
        if isinstance(part, Groups) and part.form == "canvas":
            needed.append(CHART)
    return tuple(dict.fromkeys([*choice.wanted, *filter(choice.allows, needed)]))
