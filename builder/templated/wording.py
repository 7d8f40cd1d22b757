"""The words of a brief that ask for figures: operations, columns, groups, decimal places."""

import re
from functools import cache, lru_cache

from builder.brief.prose import split_name, without_files
from builder.files.tabular import Operation, Table

MAX_COLUMNS = 100
"""Columns of a table that words may name."""

_OF = r"(?: of)?(?: the)?(?: number of)?"
_OPERATIONS: tuple[tuple[Operation, str], ...] = (
    ("distinct", r"(?:number|count) of (?:the )?(?:distinct|different|unique)|how many different"),
    ("mean", rf"(?:averages?|averaged|mean|avg){_OF}"),
    ("median", rf"median{_OF}"),
    ("min", rf"(?:minimum|min|lowest|smallest|least|cheapest|coldest|shortest){_OF}"),
    ("max", rf"(?:maximum|max|highest|largest|greatest|biggest|hottest|longest|peak){_OF}"),
    ("count", r"(?:total )?(?:number of|count of)|how many|counts?|counted|counting|row count"),
    ("sum", rf"(?:sums?|summed|summing|totals?|totall?ed|add(?:s|ing)? up|altogether){_OF}"),
)
_ANY_OPERATION = re.compile(
    "|".join(rf"(?P<{name}>\b(?:{pattern})\b)" for name, pattern in _OPERATIONS), re.IGNORECASE
)
_ROWS = re.compile(r"\b(?:rows?|records?|entries|lines|data points|readings|measurements)\b", re.I)

_NOT_IN_ORDER = r"(?<!sorted )(?<!ordered )(?<!ranked )(?<!sort )(?<!order )"
_EACH = (
    rf"{_NOT_IN_ORDER}\b(?:by|per|for (?:each|every|all)|of (?:each|every)|each|every|"
    r"lists? (?:all )?(?:the )?|across(?: all)?|broken down (?:by|into))\s+(?:of\s+)?(?:the\s+)?"
)
_EACH_NUMBER = rf"{_NOT_IN_ORDER}\b(?:by|per|for (?:each|every))\s+(?:the\s+)?"
"""Before a column of numbers: `convert every amount` makes no groups."""
_DIGITS = re.compile(
    r"\b(?P<count>\d|no|one|two|three|four)\s+(?:decimals?|decimal places?|digits? after)\b"
    r"|\btoFixed\((?P<fixed>\d)\)"
    r"|(?P<whole>\bnearest (?:whole number|integer|whole)|\bwhole numbers?\b|\bas an integer\b)",
    re.IGNORECASE,
)
_NUMERALS = {"no": 0, "one": 1, "two": 2, "three": 3, "four": 4}
_MEANINGLESS = re.compile(
    r"\b(?:the|of|in|value|result|number|figure|output|display|label|text|cell|grand|overall|all|"
    r"\d+|[a-z])\b"
)
_SEPARATED = re.compile(
    r"(?<!no )(?<!without )(?<!without any )\b(?:thousands? separators?|Intl\.NumberFormat|"
    r"toLocaleString|digit grouping)",
    re.IGNORECASE,
)


def operations(text: str, table: Table | None = None) -> list[Operation]:
    """Return the operations that words ask for, in their order, each once.

    A column called `total` or `count` is no operation where another word is one.
    """
    found = _operations(without_columns(text, table)) if table else []
    return found or _operations(text)


def _operations(text: str) -> list[Operation]:
    matches = list(_ANY_OPERATION.finditer(without_files(text)))
    found = [name for match in matches for name, _ in _OPERATIONS if match[name]]
    return list(dict.fromkeys(found))


def is_explained(tokens: str, table: Table) -> bool:
    """Say whether the words of an id are operations, columns and words without a meaning."""
    rest = _ANY_OPERATION.sub(" ", without_columns(tokens, table))
    return not re.sub(_MEANINGLESS, " ", rest).strip()


def after_operation(text: str, operation: Operation) -> str:
    """Return the words from the last mention of `operation` to the end of the phrase."""
    matches = [match for match in _ANY_OPERATION.finditer(text) if match[operation]]
    rest = text[matches[-1].end() :] if matches else ""
    return re.split(r"[,;]|\b(?:and|by|per)\b", rest, maxsplit=1)[0]


def without_columns(text: str, table: Table, instead: str = " ") -> str:
    """Return words less the columns that they name, longer names first."""
    for column in sorted(table.columns[:MAX_COLUMNS], key=len, reverse=True):
        text = _pattern(column).sub(instead, text)
    return text


def columns(text: str, table: Table) -> list[str]:
    """Return the columns that words name, in their order; singular and plural are the same."""
    return list(_columns(text, table.columns[:MAX_COLUMNS]))


@lru_cache(maxsize=1024)
def _columns(text: str, names: tuple[str, ...]) -> tuple[str, ...]:
    text = without_files(text)
    spans = [
        (match.start(), -match.end(), name)
        for name in names
        for match in _pattern(name).finditer(text)
    ]
    found: list[str] = []
    reached = -1
    for start, minus_end, name in sorted(spans):
        # Of `unit price` and `price` at one place the longer name is meant.
        if start >= reached:
            found.append(name)
            reached = -minus_end
    return tuple(dict.fromkeys(found))


def group_column(text: str, table: Table) -> str | None:
    """Return the column that words group by: `by region`, `per region`, `each region`."""
    text = without_files(text)
    for column in table.columns[:MAX_COLUMNS]:
        each = _EACH_NUMBER if table.is_numeric(column) else _EACH
        if re.search(each + _pattern(column).pattern, text, re.IGNORECASE):
            return column
    return None


def extreme(text: str, table: Table) -> tuple[str, Operation, str] | None:
    """Return (`city`, `max`, `population`) for `the city with the highest population`."""
    for wanted in table.columns[:MAX_COLUMNS]:
        found = re.search(
            _pattern(wanted).pattern + r"\s+(?:with|that has|which has|having|of)\s+(?:the\s+)?",
            text,
            re.IGNORECASE,
        )
        if found:
            rest = text[found.end() :]
            measured = [name for name in columns(rest, table) if table.is_numeric(name)]
            chosen = [name for name in operations(rest, table) if name in {"min", "max"}]
            if measured and chosen:
                return wanted, chosen[0], measured[0]
    return None


def counts_rows(text: str) -> bool:
    """Say whether words speak of the rows of a table."""
    return bool(_ROWS.search(text))


def digits(text: str) -> int | None:
    """Return the decimal places that words ask for."""
    found = _DIGITS.search(text)
    if not found:
        return None
    if found["whole"]:
        return 0
    written = (found["count"] or found["fixed"]).lower()
    return _NUMERALS[written] if written in _NUMERALS else int(written)


def separated(text: str) -> bool:
    """Say whether words ask for thousands separators."""
    return bool(_SEPARATED.search(text))


@cache
def _pattern(column: str) -> re.Pattern[str]:
    """Match the name of a column however its words are joined, in singular and plural."""
    words = [word.lower() for word in split_name(column)]
    if not words:
        return re.compile(rf"(?<!\w){re.escape(column)}(?!\w)" if column else r"(?!)")
    *first, last = map(re.escape, words)
    joined = r"[\s_-]*".join([*first, _inflected(last)])
    return re.compile(rf"(?<![\w.]){joined}(?!\w)", re.IGNORECASE)


def _inflected(word: str) -> str:
    if word.endswith("ies"):
        return rf"{word[:-3]}(?:y|ies)"
    if word.endswith("y"):
        return rf"{word[:-1]}(?:y|ies)"
    if word.endswith("s") and not word.endswith("ss"):
        return rf"{word[:-1]}s?"
    return rf"{word}(?:e?s)?"
