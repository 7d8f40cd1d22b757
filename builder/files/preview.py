"""What a prompt shows of a file: size and type, statistics of the whole, and its beginning."""

import json
from collections import Counter
from collections.abc import Iterator

from builder.files import tables
from builder.files.decoding import UTF_8, Decoded, decoded
from builder.files.formats import dimensions, is_picture
from builder.files.tables import Table

MAX_CHARACTERS = 3_000
"""Longest preview: enough for the whole of a small file."""
_ROWS = 3
_CELL = 80
_DEPTH = 2
_NAMES = 40
"""Most columns or fields that are named."""
_VALUES = 8
"""Most distinct values of a column that are listed."""


def preview(
    name: str,
    media_type: str,
    content: bytes,
    charset: str | None = None,
    *,
    is_whole: bool = True,
) -> str:
    """Return lines with size, type and the useful part of the content, cut to fit a prompt.

    `charset` is what the sender says about the encoding. Without `is_whole`, the content itself is
    left out, for a file that was shown before.
    """
    size = dimensions(content) if is_picture(name) else None
    found = tables.read(name, content, charset)
    described = [line for table in found for line in _table(table, is_whole=is_whole)]
    if name.lower().endswith((".xlsx", ".xlsm")):
        described = described or ["no readable workbook"]
    elif text := decoded(content, charset):
        described = [*_figures(text), *described, *_text(name, text.text, is_whole=is_whole)]
    first = f"{len(content):,} bytes, {media_type}"
    pixels = [f"{size[0]} x {size[1]} pixels"] if size else []
    return _cut("\n".join([first, *pixels, *described]), MAX_CHARACTERS)


def _figures(found: Decoded) -> Iterator[str]:
    """Yield what a script has to know: `fetch(…).text()` takes all bytes for UTF-8."""
    if found.encoding != UTF_8:
        name, decoder = found.encoding.upper(), f'new TextDecoder("{found.encoding}")'
        yield (
            f"text in {name} ({found.evidence}), not in UTF-8: decode it in the script by "
            f"{decoder}.decode(await response.arrayBuffer()); response.text() would garble it"
        )
    yield f"{len(found.text.splitlines()):,} lines, {len(found.text.split()):,} words of text"


def _text(name: str, text: str, *, is_whole: bool) -> Iterator[str]:
    if name.lower().endswith((".json", ".geojson")):
        yield from _json(text)
    if is_whole:
        yield "begins:" if len(text) > MAX_CHARACTERS else "whole content:"
        yield text[: MAX_CHARACTERS + 1]


def _table(table: Table, *, is_whole: bool) -> Iterator[str]:
    sheet = f"sheet {_cut(table.name, _CELL)!r}: " if table.name else ""
    yield f"{sheet}{len(table.rows):,} rows below the header; {len(table.columns)} columns"
    for index, column in enumerate(table.columns[:_NAMES]):
        yield f"column {_cut(column, _CELL)!r}: {_column(table, index)}"
    # The text of a sheet is not shown.
    for row in table.rows[:_ROWS] if is_whole and table.name else ():
        yield f"row: {' | '.join(_cut(cell, _CELL) for cell in row[:_NAMES])}"


def _column(table: Table, index: int) -> str:
    """Describe a column by its type, its distinct values and its empty cells."""
    counted = Counter(row[index] for row in table.rows)
    empty = sum(count for cell, count in counted.items() if not cell.strip())
    distinct = [cell for cell in counted if cell.strip()]
    words = "numbers" if table.is_numeric(index) else "text"
    listed = f" ({' | '.join(_cut(cell, 30) for cell in distinct)})"
    few = listed if len(distinct) <= _VALUES else ""
    return f"{words}, {len(distinct):,} distinct{few}{f', {empty:,} empty' if empty else ''}"


def _json(text: str) -> Iterator[str]:
    try:
        yield f"JSON: {_shape(json.loads(text))}"
    except (ValueError, RecursionError):
        yield "no valid JSON"


def _shape(value: object, depth: int = 0) -> str:
    """Describe a JSON value by its fields and types, a few levels deep."""
    if isinstance(value, dict):
        if depth > _DEPTH:
            return "object"
        fields = [
            f"{_cut(str(key), _CELL)}: {_shape(value[key], depth + 1)}"
            for key in list(value)[:_NAMES]
        ]
        return "{" + ", ".join(fields) + (", …" if len(value) > _NAMES else "") + "}"
    if isinstance(value, list):
        first = f", first {_shape(value[0], depth + 1)}" if value and depth <= _DEPTH else ""
        return f"list of {len(value)}{first}"
    names = {str: "string", bool: "boolean", int: "integer", float: "number"}
    return names.get(type(value), "null")


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"
