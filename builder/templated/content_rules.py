"""Rules for what is shown of texts, JSON and pictures."""

import json
import re
from collections.abc import Iterator
from typing import cast

from builder.brief.prose import humanized
from builder.templated import wording
from builder.templated.asked import Asked
from builder.templated.parts import (
    Field,
    Markdown,
    Part,
    Picture,
    PictureSize,
    Raw,
    Side,
    SourceName,
    TextCount,
    Unit,
    Words,
)
from builder.templated.sources import Kind

MAX_DEPTH = 6
"""How deep in a JSON object a field is looked for."""
_SIZE = re.compile(
    r"\b(?:natural|intrinsic|original|pixel|real)\s+(?:size|dimensions|width|height)\b"
    r"|\bdimensions\b|\bwidth\s*[x\u00d7]\s*height\b|\bnatural(?:Width|Height)\b",
    re.IGNORECASE,
)
_SOURCE = re.compile(
    r"\b(?:which|active|current|used|chosen|loaded)\s+(?:\w+\s+)?(?:source|file|url)\b"
    r"|\bsource\s+(?:label|name|file|(?:that )?is)\b|\bname of the (?:source|file)\b",
    re.IGNORECASE,
)
_TEXT_COUNT = re.compile(
    r"\b(?:number of|how many|count\w* (?:of|the|all)?)\s*(?:the |its |all )?"
    r"(?P<of>words?|lines?|characters?)\b|\b(?P<noun>word|line|character)s?[- ]+count",
    re.IGNORECASE,
)
_HEADING = re.compile(r"\b(?:h1|heading|headline|page title|title)\b", re.IGNORECASE)
_PICTURE = re.compile(r"\b(?:pictures?|images?|photos?|logo|img|illustration|banner)\b", re.I)
_RAW = re.compile(r"\b(?:original|raw|source|unrendered|plain text|as it is|verbatim)\b", re.I)
_MARKDOWN = re.compile(r"\b(?:markdown|render\w*|html|converts?|notes?|document)\b|\.md\b", re.I)
_TEXT = re.compile(r"\b(?:text|contents?|json|formatted|pretty\W?print\w*|lines|code)\b", re.I)


def picture_size(asked: Asked) -> Part | None:
    """Show the natural size of a picture."""
    file = asked.file("picture")
    if not (file and _SIZE.search(asked.words)):
        return None
    sides = {name for name in ("width", "height") if name in asked.mention.tokens}
    side = cast(Side, sides.pop()) if len(sides) == 1 else "both"
    label = f"Natural {'size' if side == 'both' else side}"
    return PictureSize(id=asked.id, label=label, file=file, side=side)


def source_name(asked: Asked) -> Part | None:
    """Show the name of the source in use."""
    if not _SOURCE.search(asked.words):
        return None
    kinds: tuple[Kind, ...] = ("markdown", "picture", "table", "json", "text")
    file = next(filter(None, map(asked.file, kinds)), None)
    return SourceName(id=asked.id, label="Source", file=file) if file else None


def words(asked: Asked) -> Part | None:
    """Show a text that the brief gives in quotes."""
    text = asked.mention.quoted
    if not text:
        return None
    element = "h1" if _HEADING.search(asked.words) else "p"
    return Words(id=asked.id, label=humanized(asked.id), text=text, element=element)


def text_count(asked: Asked) -> Part | None:
    """Show how many words, lines or characters a text has."""
    found = _TEXT_COUNT.search(asked.words)
    file = asked.file("markdown") or asked.file("text")
    if not (found and file):
        return None
    unit = (found["of"] or found["noun"]).lower().rstrip("s") + "s"
    return TextCount(
        id=asked.id,
        label=humanized(unit),
        file=file,
        unit=cast(Unit, unit),
        separated=wording.separated(asked.mention.sentence),
    )


def field(asked: Asked) -> Part | None:
    """Show a value of a JSON object whose key is named."""
    file = asked.file("json")
    if not file:
        return None
    for path in _paths(asked.context.sources.text(file)):
        name = re.escape(path[-1])
        if re.search(rf"(?<![\w.]){name}(?!\w)", f"{asked.words} {asked.mention.tokens}", re.I):
            return Field(id=asked.id, label=humanized(path[-1]), file=file, path=path)
    return None


def _paths(text: str) -> list[tuple[str, ...]]:
    try:
        return list(_leaves(json.loads(text), ()))
    except (ValueError, RecursionError):
        return []


def _leaves(value: object, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if isinstance(value, dict) and len(path) < MAX_DEPTH:
        for key, item in value.items():
            yield from _leaves(item, (*path, key))
    elif path and not isinstance(value, list | dict):
        yield path


def picture(asked: Asked) -> Part | None:
    """Show a picture."""
    file = asked.file("picture")
    if not (file and _PICTURE.search(asked.words)):
        return None
    return Picture(id=asked.id, label=file, file=file, wrapped="img" in asked.inside)


def original(asked: Asked) -> Part | None:
    """Show a text as it is, not rendered."""
    file = asked.file("markdown") or asked.file("text") or asked.file("json")
    if not (file and _RAW.search(asked.words)):
        return None
    return Raw(id=asked.id, label=f"Text of {file}", file=file)


def markdown(asked: Asked) -> Part | None:
    """Show Markdown rendered."""
    file = asked.file("markdown")
    if not (file and _MARKDOWN.search(asked.words)):
        return None
    return Markdown(id=asked.id, label=file, file=file)


def text(asked: Asked) -> Part | None:
    """Show a text, or JSON indented."""
    kinds: tuple[Kind, ...] = ("text", "json")
    if re.search(r"\bjson\b", asked.words, re.IGNORECASE):
        kinds = ("json",)
    file = next(filter(None, map(asked.file, kinds)), None)
    if not (file and _TEXT.search(asked.words)):
        return None
    return Raw(id=asked.id, label=f"Text of {file}", file=file)


def named_file(asked: Asked) -> Part | None:
    """Show a file that is named and not said how: as what it is."""
    sources = asked.context.sources
    named = sources.first_named(asked.words)
    if named is None:
        return None
    if named in sources.of_kind("picture"):
        return Picture(id=asked.id, label=named, file=named, wrapped="img" in asked.inside)
    if named in sources.of_kind("markdown"):
        return Markdown(id=asked.id, label=named, file=named)
    if named in sources.of_kind("text") + sources.of_kind("json"):
        return Raw(id=asked.id, label=f"Text of {named}", file=named)
    return None
