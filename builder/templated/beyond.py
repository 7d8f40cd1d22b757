"""What no rule can build: words that ask for more than a figure over all rows of one column.

A figure that is likely wrong is not shown as if it were right: its element stays empty, and the
page says what is missing.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from builder.brief.prose import files, sentences, without_files
from builder.brief.quotations import unquoted
from builder.templated import wording
from builder.templated.asked import Asked
from builder.templated.parts import Extreme, Field, Figure, Groups, Part, Raw

MAX_VALUES = 200
"""Different values of a column that words are compared with."""

_CONVERTS = re.compile(
    r"\bconver(?:t(?:s|ed|ing)?|sions?)\b(?!(?:\s+[\w.']+){0,6}?\s+(?:in)?to\s+(?:html|markdown|json|"
    r"csv|pdf|svg|an?\b|text|upper|lower|numbers?|integers?|floats?|strings?|dates?|rows?|lists?))"
    r"|\bexchange rates?\b|\b(?:with|using|by|at|via|from|apply\w*)\s+(?:the\s+|its\s+|their\s+|"
    r"current\s+)*(?:[\w-]+\s+)?rates?(?:\.(?:json|csv))?(?![\w-])",
    re.IGNORECASE,
)
_AMOUNTS = re.compile(
    r"\b(?:amounts?|prices?|values?|figures?|totals?|sums?|money|currenc(?:y|ies)|units?|rates?|"
    r"dollars?|euros?|everything|them|it)\b|\b(?-i:[A-Z]{3})\b",
    re.IGNORECASE,
)
_AS_GIVEN = re.compile(r"\b(?:unconverted|original|as given|before (?:the )?conver\w+)\b", re.I)
_IN_CURRENCY = re.compile(
    r"\bin\s+(?:US\s+)?(?:[Dd]ollars?|[Ee]uros?|[Pp]ounds?|[Rr]upees?|[Yy]en|[Ff]rancs?|[A-Z]{3})\b"
)
_CURRENCY = re.compile(r"currenc(?:y|ies)|curr|ccy", re.IGNORECASE)

_SECOND_FILE = (
    r"\b(?:with|using|from|by|via|to|in|against|per|according\s+to|based\s+on|looked\s+up\s+in)\s+"
    r"(?:the\s+|its\s+|attached\s+|prices?\s+(?:in|from|of)\s+)*[\"'`]?{name}(?![\w.-]*\w)"
)
_FORMULA = re.compile(
    r"(?<!\bin )\bpercent(?:age)?s?\b|\b(?:share|proportion|ratio|fraction)s?\s+(?:of|per|by)\b|"
    r"\bdifferences?\b|\b(?:standard deviation|variance|correlation|percentile|quartile)s?\b|"
    r"\b(?:growth|forecast|weighted|cumulative|running|rolling|multipl\w+|divided|subtract\w*|minus)\b|"
    r"\bmoving (?:average|mean)\b|\bproduct of\b|\btimes (?:the |its )?(?=COLUMN)|"
    r"COLUMN\s*[*x\u00d7\u00f7]\s*COLUMN|"
    r"\b(?:after|before|including|excluding|incl\.?|plus|less)\s+(?:the\s+)?"
    r"(?:tax(?:es)?|vat|discounts?|fees?|refunds?|returns?)\b|\bnet of\b|"
    r"\b(?:top|first|last)\s+(?:\d+|two|three|four|five|ten)\b|"
    r"\b(?:second|third|\d+(?:nd|rd|th))[\s-]+(?:highest|lowest|largest|smallest|most|least)\b",
    re.IGNORECASE,
)
_CONDITION = re.compile(
    r"\b(?:where|whose)\s+(?:the\s+|its\s+)?COLUMN|\b(?:with|having)\s+(?:an?\s+|the\s+)?COLUMN\s+"
    r"(?:of|over|above|below|under|equal|greater|less|more|at|between|is|=|>|<)|"
    r"\bCOLUMN\s+(?:is\s+|are\s+)?(?:greater|less|more|equals?|=|>|<)|\bonly\s+(?:the\s+)?(?:rows|orders|records|entries|those|for|in|where|when|if)\b|"
    r"\bfor only\b|\b(?:more|less|fewer|greater|higher|lower) than\s+[$€£]?\d|"
    r"\b(?:above|below|over|under|since|after|before)\s+[$€£]?\d|"
    r"\bat (?:least|most)\s+[$€£]?\d+(?!\d*\s*(?:decimal|digit|place))|"
    r"\bbetween\s+[$€£]?\d|\bin (?:19|20)\d\d\b|"
    r"\b(?:excluding|except|ignoring)\b(?!.{0,20}\b(?:blank|empty|header|missing))",
    re.IGNORECASE,
)
_LAYOUT = re.compile(
    r"table|chart|list|page|card|number|total|sum|bar|line|pie|rows?|form|each|all|data|yes|no|"
    r"true|false|new|text",
    re.IGNORECASE,
)
"""Words of briefs that are more likely those than values of a column."""
_BEFORE_VALUE = r"\b(?:for|of|in|from|with|is|are|was|were|marked(?: as)?|=)\s+(?:the\s+|all\s+)?"
_BOOLEAN = frozenset(("true", "false", "yes", "no", "0", "1", "x", "y", "n", ""))


def is_beyond(asked: Asked, part: Part) -> bool:
    """Say whether the words ask for more than a part made of a file shows."""
    if isinstance(part, Field | Raw):
        named = wording.operations(f"{asked.words} {asked.mention.tokens}")
        is_figure = named or _CONVERTS.search(asked.words)
        return bool(is_figure) and any(_conversions(asked))
    if not isinstance(part, Figure | Groups | Extreme):
        return False
    return (
        _is_converted(asked, part.column)
        or _uses_second_file(asked, part.file)
        or _is_selected(asked)
        or (isinstance(part, Figure) and _counts_flags(asked, part))
    )


def _is_converted(asked: Asked, column: str | None) -> bool:
    """Say whether the column is to be converted first, or mixes currencies."""
    if column is None or _AS_GIVEN.search(asked.words):
        return False
    for sentence in _conversions(asked):
        named = wording.columns(sentence, asked.table)
        if column in named or not any(map(asked.table.is_numeric, named)):
            return True
    own = f"{asked.words} {asked.mention.sentence}"
    return bool(_IN_CURRENCY.search(own)) and any(
        len(set(asked.table.column(name))) > 1
        for name in asked.table.columns
        if _CURRENCY.fullmatch(name)
    )


def _conversions(asked: Asked) -> Iterator[str]:
    """Yield the sentences, of all rounds so far, by which amounts are converted."""
    told = f"{asked.context.told or asked.context.brief}\n{asked.words}"
    for sentence in sentences(_unquoted(told)):
        words = wording.without_columns(sentence, asked.table)
        if _CONVERTS.search(words) and _speaks_of_amounts(sentence, asked):
            yield sentence


def _speaks_of_amounts(sentence: str, asked: Asked) -> bool:
    return bool(wording.columns(sentence, asked.table) or _AMOUNTS.search(without_files(sentence)))


@lru_cache(maxsize=64)
def _unquoted(text: str) -> str:
    """Return prose without its quoted phrases, line by line."""
    return "\n".join(map(unquoted, text.splitlines()))


def _uses_second_file(asked: Asked, file: str) -> bool:
    """Say whether the clause takes figures from another file than the one that the part is of."""
    sources = asked.context.sources
    kinds = {*sources.of_kind("table"), *sources.of_kind("json")}
    for name in files(asked.words):
        current = sources.current(name)
        pattern = _SECOND_FILE.replace("{name}", re.escape(name))
        if current != file and current in kinds and re.search(pattern, asked.words, re.IGNORECASE):
            return True
    return False


def _is_selected(asked: Asked) -> bool:
    """Say whether the clause wants a formula, or some of the rows only."""
    named = wording.without_columns(without_files(asked.words), asked.table, " COLUMN ")
    words = " ".join(named.split())
    return bool(_FORMULA.search(words) or _CONDITION.search(words) or _names_a_value(asked, words))


def _names_a_value(asked: Asked, words: str) -> bool:
    table = asked.table
    labels = [name for name in table.columns[: wording.MAX_COLUMNS] if not table.is_numeric(name)]
    values = (value for name in labels for value in _values(asked, name))
    return any(_is_named(value, words) for value in values)


def _values(asked: Asked, column: str) -> set[str]:
    values = {cell.strip() for cell in asked.table.column(column)}
    if len(values) > MAX_VALUES:
        return set()
    return {value for value in values if len(value) > 2 and not _LAYOUT.fullmatch(value)}


def _is_named(value: str, words: str) -> bool:
    """Say whether words name a value: anywhere when it has a capital, else after `for` or `of`."""
    before = "" if value[0].isupper() else _BEFORE_VALUE
    found = re.search(rf"{before}(?<!\w){re.escape(value)}(?!\w)", words)
    return bool(found and found.start() > 0)


def _counts_flags(asked: Asked, part: Figure) -> bool:
    """Say whether different values of a yes-or-no column were counted: some rows are meant."""
    if part.operation != "distinct" or part.column is None:
        return False
    return {cell.strip().lower() for cell in asked.table.column(part.column)} <= _BOOLEAN
