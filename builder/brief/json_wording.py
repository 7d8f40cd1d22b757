"""Which place of a JSON file prose gives a shape to: the whole, each entry of a list, or a field.

Where the wording leaves the place open there is no rule: a wrong guess fails a right delivery.
"""

import re
from collections.abc import Iterator
from itertools import zip_longest

from builder.brief.json_shape import Found, Shape, field_as_type, shapes
from builder.brief.wording import Wording

_NAME = re.compile(r"(?<![\w./-])[\w./-]+\.json\b")
_SENTENCE_END = re.compile(r"[.!?;]\s|\n")
_MARKS = r"[\s`\"'“”‘’*_,:;()–—-]"  # noqa: RUF001 - briefs come with typographic marks
_ENTRY = r"(?:entry|entries|elements?|items?|objects?|records?|rows?)"
_KIND = rf"(?:(?:json\s+)?(?:list|array)(?:\s+of(?:\s+(?:json\s+)?{_ENTRY})?)?|(?:an?\s+)?object)"
_LIKE = (
    r"(?:(?:shaped|looking|looks|structured)\s+)?(?:like|of\s+the\s+(?:form|shape)|with|as|is|are|being|"
    r"has|have|holding|contains?|containing)"
)

_LISTED = re.compile(r"\b(?:list|array)\b(?!-)", re.IGNORECASE)
_REPEATED = Wording(
    r"\b(?:lists?|arrays?|each|every|per|objects|entries|elements|records|rows|json\s*lines)\b"
)
_LINKS = Wording(
    rf"(?:{_MARKS}|\b(?:is|as|an?|the|be|it|its|that|which|this|must|should|shall|will|has|have|holds?|"
    r"holding|contains?|containing|consists?|with|to|of|being|file|json|single|plain|flat|sorted|"
    r"top|level|root|whole|in|form|format|shape|structure|contents?|whose|value|data|published|"
    r"attached|new|non|empty|valid|short|long)\b)*"
)
"""Between a file's name and `list`: the list is the file's whole value."""
_OTHER_PART = re.compile(r"[\"'`]|\b(?:and|plus|also|or|under|where)\b", re.IGNORECASE)
"""After `list`: what follows is not of the list alone."""
_EACH_OF = Wording(
    rf"\b(?:each|every|all|any)\s+(?:of\s+)?(?:the\s+)?(?:single\s+)?{_ENTRY}\s+(?:of|in|from|inside)\s+"
    rf"(?:{_MARKS}|\b(?:the|top|level|json|list|array|file|attached|of|in)\b)*$"
)
"""Before a file's name: its value is a list, and each entry is spoken of."""
_IS_SO = (
    rf"{_MARKS}*(?:(?:must|should|shall|to)\s+)?(?:be\s+|have\s+)?(?:{_LIKE}\s*)?(?:an?\s+)?(?:object\s*)?"
    rf"(?:{_LIKE}\s*)?(?:the\s+)?(?:fields?|keys?)?{_MARKS}*"
)
_EACH_IS = Wording(
    rf"{_MARKS}*(?:(?:where|in\s+which|with|and)\s+)?(?:each|every)\s+{_ENTRY}\b{_IS_SO}"
)
_SO = re.compile(_IS_SO, re.IGNORECASE)
_KEYED = Wording(
    rf"(?:[\"“](?P<double>[\w$-]+)[\"”]|'(?P<single>[\w$-]+)'|`(?P<code>[\w$-]+(?:\.[\w$-]+)*)`|"
    r"\b(?:key|field|property|attribute|member)\s+(?:(?:named|called)\s+)?(?P<bare>[\w$-]+))"
    rf"(?:\s+(?:key|field|property|attribute|member|value))?\s*(?:[:=,(–—]|\b{_LIKE}\b)?\s*"  # noqa: RUF001
    rf"(?:an?\s+)?(?P<kind>{_KIND})?\s*(?:[:,(]|{_LIKE}\b)?[\s`]*$"
)
"""A field's name right before the shape."""
_BARE_FIELD = Wording(
    r"\b(?:with|where|whose|and|plus|add|adding|set|has|have|contains?|includes?)\s+(?:(?:an?|the|its)\s+)?"
    r"(?!(?:the|this|these|fields?|keys?|propert\w+|form|shape|schema|structure|format|contents?|object|"
    r"exactly|following|types?|values?|json|data|only|just|something|single|plain|flat|one|as|like|at)\b)"
    r"[A-Za-z][\w-]*(?:\s+(?:object|section|map|dictionary))?\s*(?:[:=]|\b(?:is|are|set\s+to)\b|"
    rf"\b{_LIKE}\b)?\s*$"
)
"""A word that may be a field's name right before the shape."""
_IN_OBJECT = Wording(rf"{_KEYED.pattern}|\b(?:object|section|map)\b")
_PLACED = Wording(
    r"\b(?:in|into|under|inside|within|below|beneath|nested|section|of|on)\b(?!\s+the\s+(?:form|shape))"
)
"""Between a file's name and a field's: the field is somewhere below the top."""
_DEFINED = re.compile(rf"{_MARKS}*:{_MARKS}*")
_PLACED_AT_END = re.compile(r"\b(?:in|of|from|inside|to)\W*$", re.IGNORECASE)
_QUOTED_PLACE = re.compile(r"[\"'`][\w$.-]+[\"'`]\s+(?:\w+\s+){0,2}(?:in|of|inside|from)\s+\W*$")

_NEARBY = 600
"""Characters before a shape that are looked at."""


def json_shapes(text: str) -> Iterator[tuple[str, Shape, str]]:
    """Yield (path, shape, the words that say so) for each shape that prose gives a JSON file."""
    names = list(_NAME.finditer(text))
    for name, following in zip_longest(names, names[1:]):
        before = _SENTENCE_END.split(text[: name.start()])[-1]
        words = text[name.end() : following.start() if following else len(text)]
        for shape in _placed(before, words):
            yield name[0], shape, words


def _placed(before: str, words: str) -> Iterator[Shape]:
    """Yield the shapes of the words after a name, each as a shape of the file's whole value."""
    start = 0
    for found in shapes(words):
        lead = _nearby(words[start : found.start])
        field = _KEYED.search(lead)
        if start and not field:
            break
        yield from (
            _of_field(before, lead, field, found) if field else _of_whole(before, lead, found)
        )
        if not field:
            break
        start = found.end
    named = field_as_type(words)
    lead = _nearby(words[: named.start]) if named else ""
    if named and not _IN_OBJECT.search(lead):
        yield from _of_whole(before, lead, named)


def _nearby(words: str) -> str:
    return " ".join(words.split())[-_NEARBY:] + " "


def _of_field(before: str, lead: str, field: re.Match[str], found: Found) -> Iterator[Shape]:
    """Yield the shape with the path to the field around it, or nothing where that is unclear."""
    start = lead[: field.start()]
    is_below = _PLACED.search(start) or _REPEATED.search(start) or _is_open(lead)
    if is_below or _REPEATED.search(before) or _QUOTED_PLACE.search(before):
        return
    if re.search(r"\bare\b", field[0], re.IGNORECASE):
        return
    is_list = re.search(r"\b(?:list|array)\b", field["kind"] or "", re.IGNORECASE)
    shape: Shape = [found.shape] if is_list else found.shape
    path = next(part for part in field.group("double", "single", "code", "bare") if part)
    for name in reversed(path.split(".")):
        shape = {name: shape}
    yield shape


def _of_whole(before: str, lead: str, found: Found) -> Iterator[Shape]:
    """Yield the shape of the whole value, or nothing where it may be that of a part."""
    if _is_open(lead) or _BARE_FIELD.search(lead):
        return
    if _REPEATED.search(before):
        if _EACH_OF.search(before):
            yield from [[found.shape]] if _SO.fullmatch(lead) else []
        elif _DEFINED.fullmatch(lead) and not _PLACED_AT_END.search(before):
            yield found.shape
    elif isinstance(found.shape, list) or not _REPEATED.search(lead):
        yield found.shape
    elif _is_list(lead):
        yield [found.shape]


def _is_open(lead: str) -> bool:
    """Return whether a bracket before the shape is still open: it is a part of something."""
    return lead.count("{") > lead.count("}") or lead.count("[") > lead.count("]")


def _is_list(lead: str) -> bool:
    """Return whether the words between the file's name and the shape make it that of an entry."""
    if _EACH_IS.fullmatch(lead):
        return True
    listed = _LISTED.search(lead)
    if listed is None or not _LINKS.fullmatch(lead[: listed.start()]):
        return False
    return not _OTHER_PART.search(lead[listed.end() :].rstrip(" `\"'\n"))
