"""What the prose of a brief names: element ids, files, and so on.

Everything here only reads; what to make of it is decided elsewhere.
"""
# Briefs come with typographic quotation marks and dashes.
# ruff: noqa: RUF001

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from builder.brief.quotations import QUOTED, content, literal, unquoted

_ELEMENT_ID = re.compile(
    r"""(?<![\w&/#])\#(?P<hash>[A-Za-z][\w-]*)"""
    r"""|\bid\s*=\s*["'“‘]?(?P<attribute>[A-Za-z][\w-]*)["'”’]?"""
    r"""|\bid(?:\s+(?:of|is|named|called))?\s*:?\s*["'`“‘](?P<quoted>[A-Za-z][\w-]*)["'`”’]"""
    r"""|\b(?:with|has|having|whose|under)\s+(?:an?\s+|the\s+)?id\s+(?:is\s+|of\s+)?"""
    r"""(?P<bare>(?!the\b|an?\b|of\b|is\b|and\b)[A-Za-z][\w-]*)""",
)
_COLOUR = re.compile(r"(?:[0-9a-f]{3}|[0-9a-f]{6}|[0-9a-f]{8})")
_COLOUR_NEARBY = re.compile(
    r"\b(?:colou?r|background|shade|accent|hex|theme)\w*\b[^.]{0,30}$", re.I
)

_PLACE = re.compile(r"\b(?:in|inside|into|within|element|id)\W*$", re.IGNORECASE)

_BREAK = re.compile(r"[,;()]|\s[–—]\s|\b(?:and|while|then|plus|but)\b")
_DEFINES = re.compile(r"""^[\s`"'”*_]*(?::|–|—|=|-)\s+""")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z\d\"“'`#(<-])|\s*\n+\s*")

_FILE = re.compile(
    r"(?<![\w/.@#-])(?:[\w-]+/)*[\w][\w.-]*\."
    r"(?:csv|tsv|json|md|markdown|txt|html?|svg|png|jpe?g|gif|webp|avif|xml|pdf|xlsx?|ya?ml|js|css|"
    r"zip|py|ipynb)(?![\w-])|(?<![\w/.-])(?:LICEN[CS]E|\.nojekyll)(?![\w.-])"
)
_LIBRARY_NAME = re.compile(r"^(?:highlight|chart|node|vue|react|three|next|d3|express)\.js$", re.I)
_COPY = re.compile(
    r"\bcop(?:y|ies)\b[^.\n]{0,30}?(?P<source>\S+?)\W?\s+"
    r"(?:as|to|into|under(?: the name)?|named)\s+"
    r"\W?(?P<target>[\w./-]*\w)",
    re.IGNORECASE,
)
_LITERAL_FILE = re.compile(
    r"\b(?:contain\w*|with the (?:exact )?(?:text|contents?|line|words?)|holding|reads?|reading)"
    r"(?: only| exactly| just)*(?: the)?(?: text| words?| line)?\W{0,2}$",
    re.IGNORECASE,
)
_PARAMETER = re.compile(r"[?&]([A-Za-z_]\w*)=")
_CLASS = re.compile(
    r"""(?<![\w-])class(?:es)?\s*(?:=|of|named|called)?\s*["'`“‘.]{0,2}([A-Za-z][\w-]*)"""
)
_DATA_ATTRIBUTE = re.compile(r"\bdata-([a-z][a-z0-9-]*[a-z0-9])\b")
_NO_CLASS = frozenset({"for", "of", "that", "each", "and", "in", "to", "is", "name", "with", "on"})


@dataclass(frozen=True)
class Mention:
    """An element id, and the words that belong to it."""

    id: str
    words: str
    """What leads up to the id, and what follows it within the clause; nothing quoted."""
    sentence: str
    """The sentence around it, nothing quoted."""
    quoted: str | None = None
    """The text that the clause wants shown literally."""

    @property
    def tokens(self) -> str:
        """The words that the id itself is made of."""
        return " ".join(part.lower() for part in split_name(self.id))


def split_name(name: str) -> list[str]:
    """Return the words of `total-sales`, `total_sales` or `totalSales`."""
    return re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_]+", name)


def humanized(name: str) -> str:
    """Return `name` as a label: `total-sales` is `Total sales`."""
    words = [word if word.isupper() else word.lower() for word in split_name(name)]
    return capitalized(" ".join(words))


def capitalized(text: str) -> str:
    """Return `text` with a capital first letter, the rest as it is."""
    return text[:1].upper() + text[1:]


def plural(name: str) -> str:
    """Return the plural of a column's name as far as English is regular."""
    if name.endswith("s"):
        return name
    return name[:-1] + "ies" if re.search(r"[^aeiou]y$", name) else f"{name}s"


def sentences(text: str) -> list[str]:
    """Return the sentences, each line of a list being one."""
    return [part.strip() for part in _SENTENCE_END.split(text) if part.strip()]


def mentions(text: str) -> list[Mention]:
    """Return every element id of a brief with the words that tell what it holds."""
    return [found for sentence in sentences(text) for found in _in_sentence(sentence)]


def element_ids(text: str) -> list[str]:
    """Return the element ids that prose names, each once."""
    return list(dict.fromkeys(_id(match) for match in _ids(text)))


def _ids(text: str) -> list[re.Match[str]]:
    return [match for match in _ELEMENT_ID.finditer(text) if not _is_colour(match)]


def _is_colour(match: re.Match[str]) -> bool:
    name = match["hash"]
    if not name or not _COLOUR.fullmatch(name.lower()):
        return False
    before = match.string[: match.start()]
    if any(letter.isdigit() for letter in name) and not _PLACE.search(before):
        return True
    return bool(_COLOUR_NEARBY.search(before))


def _id(match: re.Match[str]) -> str:
    return next(group for group in match.groups() if group is not None)


def _in_sentence(sentence: str) -> Iterator[Mention]:
    matches = _ids(sentence)
    start = 0
    for index, match in enumerate(matches):
        end = matches[index + 1].start() if index + 1 < len(matches) else len(sentence)
        lead, rest = sentence[start : match.start()], sentence[match.end() : end]
        trail = _trail(lead, rest, is_last=end == len(sentence))
        start = match.end() + len(trail)
        yield Mention(
            id=_id(match),
            words=unquoted(f"{lead} {trail}"),
            sentence=unquoted(sentence),
            quoted=literal(lead, trail),
        )


def _trail(lead: str, rest: str, *, is_last: bool) -> str:
    """Return the part of `rest`, the words after an id, that still belongs to it."""
    breaks = list(_BREAK.finditer(rest))
    if _DEFINES.match(rest) or not re.search(r"[a-z]{3}", lead, re.IGNORECASE):
        # The id stands first and is explained: `#total: the sum, rounded`.
        return rest if is_last else rest[: breaks[-1].start()] if breaks else rest
    if breaks:
        return rest[: breaks[0].start()]
    return rest if is_last else ""


@lru_cache(maxsize=1024)
def files(text: str) -> tuple[str, ...]:
    """Return the file names in prose, each once; names of libraries are none."""
    found = (match[0].rstrip(".") for match in _FILE.finditer(text))
    return tuple(dict.fromkeys(name for name in found if not _LIBRARY_NAME.match(name)))


@lru_cache(maxsize=1024)
def without_files(text: str) -> str:
    """Return `text` less the file names, whose words name no columns."""
    return _FILE.sub(" ", text)


def copies(text: str) -> list[tuple[str, str]]:
    """Return (source, target) for each `copy of data.csv as data.txt`."""
    pairs = ((match["source"].strip("\"'`“”"), match["target"]) for match in _COPY.finditer(text))
    return [pair for pair in pairs if files(pair[0]) and files(pair[1])]


def literal_files(text: str) -> dict[str, str]:
    """Return name and content of each text file whose content stands in quotes: `containing "…"`.

    A line break ends the content unless it is to be exactly that.
    """
    found: dict[str, str] = {}
    for sentence in sentences(text):
        names = [name for name in files(sentence) if name.lower().endswith(".txt")]
        for quoted in QUOTED.finditer(sentence):
            lead = sentence[: quoted.start()]
            if len(names) == 1 and names[0] in lead and _LITERAL_FILE.search(lead):
                ending = "" if re.search(r"\bexactly\b", lead, re.IGNORECASE) else "\n"
                found[names[0]] = content(quoted) + ending
    return found


def file_key(name: str) -> str:
    """Return a file name so that the spellings of one file are equal."""
    key = name.lower()
    return {"licence": "license"}.get(key, key)


def parameters(text: str) -> list[str]:
    """Return the names of the query parameters, such as `url` of `?url=…`."""
    return list(dict.fromkeys(_PARAMETER.findall(text)))


def class_name(text: str) -> str | None:
    """Return the CSS class that prose gives to elements."""
    found = (match[1] for match in _CLASS.finditer(text))
    return next((name for name in found if name not in _NO_CLASS), None)


def attribute(text: str) -> str | None:
    """Return `total` where prose names the attribute `data-total`."""
    found = _DATA_ATTRIBUTE.search(text)
    return found[1] if found else None
