"""Parts that no element id was given for: what sentences ask for, and attachments not yet shown."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from builder.brief.prose import Mention, element_ids, sentences
from builder.brief.quotations import unquoted
from builder.templated import table_rules, wording
from builder.templated.asked import Asked, Context
from builder.templated.beyond import is_beyond
from builder.templated.parts import Blank, Groups, Markdown, Part, Picture, Raw, Rows
from builder.templated.sources import Sources

PREVIEW_ROWS = 100
"""Rows that are shown of a table when no brief asks to show it."""

MAX_SENTENCES = 300
"""Sentences of a brief that are read for figures."""

_ALIKE = frozenset({"id", "label", "digits", "separated", "wrapped", "limit", "form", "is_named"})
"""Fields in which two parts may differ and still show the same."""


def implied_parts(contexts: Sequence[Context], known: Sequence[Part]) -> list[Part]:
    """Return what the rounds ask for besides `known`, under ids made from the labels."""
    parts = list(known)
    for context in contexts:
        for part in _in_sentences(context):
            _add(part, parts)
    for part in _unshown(contexts[-1].sources, parts):
        _add(part, parts)
    return parts[len(known) :]


def _add(part: Part, parts: list[Part]) -> None:
    if any(_shows_the_same(part, other) for other in parts):
        return
    base = "-".join(re.findall(r"[a-z0-9]+", part.label.lower())) or part.kind
    taken = {other.id for other in parts}
    names = (f"{base}{suffix}" for suffix in ("", *(f"-{n}" for n in range(2, len(taken) + 3))))
    parts.append(replace(part, id=next(name for name in names if name not in taken)))


def _shows_the_same(part: Part, other: Part) -> bool:
    mine, theirs = part.plan(), other.plan()
    return all(mine[key] == theirs.get(key) for key in mine if key not in _ALIKE)


def _in_sentences(context: Context) -> Iterator[Part]:
    for sentence in sentences(context.brief)[:MAX_SENTENCES]:
        if not element_ids(sentence):
            words = unquoted(sentence)
            asked = Asked(Mention("", words, words), words, context)
            yield from (_honest(part, asked) for part in _in_sentence(asked))


def _honest(part: Part, asked: Asked) -> Part:
    """Return a blank in place of a part that would not be what the sentence asks for."""
    if not is_beyond(asked, part):
        return part
    return Blank(id="", label=part.label, asked=asked.words.strip(" ,;.:-"), is_named=False)


def _in_sentence(asked: Asked) -> Iterator[Part]:
    if wording.columns(asked.words, asked.table):
        compound = table_rules.groups(asked) or table_rules.extreme(asked)
        yield from [compound] if compound else table_rules.figures(asked)
        if compound:
            return
    listing = table_rules.rows(asked)
    if listing:
        yield listing


def _unshown(sources: Sources, parts: Sequence[Part]) -> Iterator[Part]:
    """Yield a view of every attachment that no part shows whole."""
    for name in sources.of_kind("picture"):
        yield Picture(id="", label=name, file=name)
    for name in sources.of_kind("markdown"):
        yield Markdown(id="", label=name, file=name)
    if not any(isinstance(part, Groups) and part.form == "table" for part in parts):
        # A second table could be taken for the one that was asked for.
        yield from _previews(sources)
    for name in sources.of_kind("json") + sources.of_kind("text"):
        if name not in sources.tables:
            yield Raw(id="", label=name, file=name)


def _previews(sources: Sources) -> Iterator[Part]:
    for name in sources.of_kind("table"):
        columns = sources.tables[name].columns
        yield Rows(id="", label=name, file=name, columns=columns, limit=PREVIEW_ROWS)
