"""Reads tables from CSV, TSV, JSON and XLSX files: named columns and rows of text."""

import csv
import io
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

from builder.files.decoding import text_of
from builder.files.workbook import sheets

MAX_ROWS = 100_000
"""Most rows that are read."""
DELIMITERS = (",", ";", "\t", "|")
"""Those of files named `.csv`."""
_SAMPLE = 1000
"""Rows that decide whether a column is numeric."""
_NUMBER = re.compile(
    r"[-+]?(?:\d{1,3}(?:,\d{2,3})+|\d{1,3}(?:\.\d{3})+|\d{1,30})(?:[.,]\d{1,30})?(?:[eE][-+]?\d{1,3})?"
)
"""With groups of thousands (in India, of two digits); 03.01.2026 is a date."""
_AROUND_NUMBERS = str.maketrans("", "", " \u00a0$€£¥%")


@dataclass(frozen=True)
class Table:
    """Named columns and rows of text, each row as long as `columns`; `name` is that of a sheet."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    name: str = ""

    def is_numeric(self, index: int) -> bool:
        """Return whether at least four in five of a column's filled cells look like numbers."""
        filled = [row[index] for row in self.rows[:_SAMPLE] if row[index].strip()]
        plain = (cell.translate(_AROUND_NUMBERS) for cell in filled)
        return bool(filled) and sum(map(bool, map(_NUMBER.fullmatch, plain))) >= 0.8 * len(filled)


def read(name: str, content: bytes, charset: str | None = None) -> list[Table]:
    """Return the tables of a `.csv`, `.tsv`, `.json` or `.xlsx` file, if any."""
    suffix = name.lower().rpartition(".")[2]
    if suffix in {"xlsx", "xlsm"}:
        found = [from_rows(rows, sheet) for sheet, rows in sheets(content)]
    elif suffix in {"csv", "tsv"}:
        found = [from_lines(text_of(content, charset))]
    elif suffix == "json":
        found = [from_records(text_of(content, charset))]
    else:
        found = []
    return [table for table in found if table is not None]


def from_lines(text: str) -> Table | None:
    """Read the text of a CSV or TSV file; None if it has no table."""
    head = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=head.count)
    try:
        return from_rows(list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)))
    except csv.Error:
        return None


def from_rows(rows: Iterable[list[str]], name: str = "") -> Table | None:
    """Take the first row that is not empty as the names of the columns."""
    filled = [row for row in rows if any(cell.strip() for cell in row)]
    if not filled:
        return None
    columns = tuple(cell.strip() for cell in filled[0])
    body = filled[1 : MAX_ROWS + 1]
    width = len(columns)
    return Table(columns, tuple(tuple((row + [""] * width)[:width]) for row in body), name)


def from_records(text: str) -> Table | None:
    """Read the text of a JSON file: a list of flat objects, or an object with one such list."""
    try:
        records = _records(json.loads(text))
    except (ValueError, RecursionError):
        return None
    if not records:
        return None
    columns = tuple(dict.fromkeys(key for record in records for key in record))
    rows = (tuple(_shown(record.get(key)) for key in columns) for record in records[:MAX_ROWS])
    return Table(columns, tuple(rows))


def _records(value: object) -> list[dict[str, object]] | None:
    if isinstance(value, dict):
        lists = [item for item in value.values() if isinstance(item, list)]
        return _records(lists[0]) if len(lists) == 1 else None
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        return None
    cells = (cell for record in value for cell in record.values())
    return None if any(isinstance(cell, dict | list) for cell in cells) else value


def _shown(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
