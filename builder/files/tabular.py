"""Tables out of CSV and JSON, and figures over their columns, exact in decimals."""

import csv
import io
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import cached_property
from statistics import median
from typing import Literal

from builder.files.decoding import text_of

Operation = Literal["sum", "mean", "median", "min", "max", "count", "distinct"]

MAX_DIGITS = 6
"""Decimal places that are shown at most."""

SAMPLE_ROWS = 1000
"""Rows that tell whether a column is numeric."""

_DELIMITERS = (",", ";", "\t", "|")
_GROUPED = re.compile(r"[-+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_GROUPED_BY_DOTS = re.compile(r"[-+]?\d{1,3}(?:\.\d{3})+,\d+")
_DECIMAL_COMMA = re.compile(r"[-+]?\d+,\d+")
_PLAIN = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,2})?")


@dataclass(frozen=True)
class Table:
    """Named columns and rows of text; every row is as long as `columns`."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def column(self, name: str) -> list[str]:
        """Return the cells of a column. Raises ValueError where there is none of this name."""
        index = self.columns.index(name)
        return [row[index] for row in self.rows]

    def numbers(self, name: str) -> list[Decimal]:
        """Return the numbers of a column; cells that hold none are passed over."""
        found = (number(cell) for cell in self.column(name))
        return [value for value in found if value is not None]

    def is_numeric(self, name: str) -> bool:
        """Say whether at least four in five of the filled cells hold numbers, by the first rows."""
        return name in self._numeric

    @cached_property
    def _numeric(self) -> frozenset[str]:
        """The numeric columns: the rules ask for them again and again."""
        cells = zip(*self.rows[:SAMPLE_ROWS], strict=True)
        return frozenset(
            name for name, column in zip(self.columns, cells, strict=False) if _is_numeric(column)
        )

    def groups(self, by: str) -> dict[str, "Table"]:
        """Return the rows of each value of a column, in order of appearance."""
        index = self.columns.index(by)
        rows: dict[str, list[tuple[str, ...]]] = defaultdict(list)
        for row in self.rows:
            rows[row[index]].append(row)
        return {name: Table(self.columns, tuple(members)) for name, members in rows.items()}


def _is_numeric(cells: Iterable[str]) -> bool:
    filled = [cell for cell in cells if cell.strip()]
    numbers = sum(number(cell) is not None for cell in filled)
    return 0 < 0.8 * len(filled) <= numbers


def read(name: str, content: bytes, charset: str | None = None) -> Table | None:
    """Read a `.csv`, `.tsv` or `.json` file; None where it holds no table."""
    if name.lower().endswith(".json"):
        return _from_records(text_of(content, charset))
    if name.lower().endswith((".csv", ".tsv")):
        return from_lines(text_of(content, charset))
    return None


def from_lines(text: str) -> Table | None:
    """Read the text of a CSV or TSV file; None where it holds no table."""
    head = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=head.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error:
        return None
    filled = [row for row in rows if any(cell.strip() for cell in row)]
    if not filled:
        return None
    columns = tuple(_distinct(cell.strip() for cell in filled[0]))
    width = len(columns)
    return Table(columns, tuple(tuple((row + [""] * width)[:width]) for row in filled[1:]))


def _distinct(names: Iterable[str]) -> list[str]:
    """Number the second and later columns of one name, so that each can be named."""
    seen: dict[str, int] = defaultdict(int)
    distinct = []
    for name in names:
        seen[name] += 1
        distinct.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return distinct


def _from_records(text: str) -> Table | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    records = _records(value)
    if not records:
        return None
    columns = tuple(dict.fromkeys(key for record in records for key in record))
    return Table(
        columns, tuple(tuple(shown(record.get(key)) for key in columns) for record in records)
    )


def _records(value: object) -> list[dict[str, object]] | None:
    """Return a list of flat objects, also where it is the one list in an object."""
    if isinstance(value, dict):
        lists = [item for item in value.values() if isinstance(item, list)]
        return _records(lists[0]) if len(lists) == 1 else None
    if isinstance(value, list) and value and all(map(_is_flat, value)):
        return value
    return None


def _is_flat(value: object) -> bool:
    return isinstance(value, Mapping) and not any(
        isinstance(item, dict | list) for item in value.values()
    )


def shown(value: object) -> str:
    """Return a JSON value as the page shows it."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def number(cell: str) -> Decimal | None:
    """Return the number in a cell: `1,234.50`, `€ 12`, `12,5` and `3e2` are numbers."""
    text = re.sub(r"[\s$€£¥₹%_]", "", cell)
    if _GROUPED.fullmatch(text):
        text = text.replace(",", "")
    elif _GROUPED_BY_DOTS.fullmatch(text):
        text = text.replace(".", "").replace(",", ".")
    elif _DECIMAL_COMMA.fullmatch(text):
        text = text.replace(",", ".")
    if not _PLAIN.fullmatch(text):
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def decimals(numbers: Iterable[Decimal]) -> int:
    """Return the decimal places that the numbers are written with."""
    exponents = (value.as_tuple().exponent for value in numbers)
    places = [-place for place in exponents if isinstance(place, int)]
    return max(0, min(MAX_DIGITS, max(places, default=0)))


def figure(table: Table, operation: Operation, column: str | None, digits: int | None) -> str:
    """Return a figure over a column as a bare number; an empty text where there is none.

    `digits` are the decimal places; None takes those of the column, at least two for a mean.
    """
    if operation == "count":
        return str(len(table.rows))
    if column is None:
        return ""
    if operation == "distinct":
        return str(len({cell.strip() for cell in table.column(column) if cell.strip()}))
    numbers = table.numbers(column)
    if not numbers:
        return "0" if operation == "sum" else ""
    places = decimals(numbers)
    if operation in {"mean", "median"}:
        places = max(places, 2)
    return rounded(_over(numbers, operation), places if digits is None else digits)


def _over(numbers: Sequence[Decimal], operation: Operation) -> Decimal:
    match operation:
        case "mean":
            return sum(numbers, Decimal()) / len(numbers)
        case "median":
            return Decimal(median(numbers))
        case "min":
            return min(numbers)
        case "max":
            return max(numbers)
    return sum(numbers, Decimal())


def rounded(value: Decimal, digits: int) -> str:
    """Return `value` with so many decimal places, without an exponent or separators."""
    try:
        text = f"{value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP):f}"
    except InvalidOperation:
        text = f"{value:f}"
    return text.removeprefix("-") if not text.strip("-0.") else text


def extreme_row(table: Table, operation: Operation, column: str, wanted: str) -> str:
    """Return the cell of `wanted` in the first row with the least or the greatest of `column`."""
    choose = min if operation == "min" else max
    cells = zip(table.column(column), table.column(wanted), strict=True)
    valued = [(value, cell) for text, cell in cells if (value := number(text)) is not None]
    return choose(valued, key=lambda pair: pair[0])[1] if valued else ""
