"""What a prompt shows of a file: its size and type, and as much of its content as helps."""

import json
import re
from collections.abc import Iterator

from builder.files import tabular
from builder.files.decoding import UTF_8, Decoded, decoded
from builder.files.pictures import dimensions, is_picture
from builder.files.spreadsheet import sheets

MAX_CHARACTERS = 3_000
"""Longest preview: enough for a small file as a whole."""
_ROWS = 3
_CELL = 80
_DEPTH = 2
_NAMES = 40
"""Columns or fields that are named at most."""


def preview(name: str, media_type: str, content: bytes, charset: str | None = None) -> str:
    """Return lines that tell size, type and the useful part of the content, cut to fit a prompt.

    `charset` is what the sender says of the encoding.
    """
    head = f"{len(content):,} bytes, {media_type}"
    lines = [head, *_content(name.lower(), content, decoded(content, charset))]
    return _cut("\n".join(lines), MAX_CHARACTERS)


def _content(name: str, content: bytes, text: Decoded | None) -> Iterator[str]:
    size = dimensions(content) if is_picture(name) else None
    if size is not None:
        yield f"{size[0]} x {size[1]} pixels"
    if name.endswith((".xlsx", ".xlsm")):
        yield from _workbook(content)
    elif content.startswith(b"%PDF-"):
        yield from _pdf(content)
    elif text is not None:
        yield from _encoding(text)
        yield from _text(name, text.text)


def _encoding(found: Decoded) -> Iterator[str]:
    """Tell what a script has to know: `fetch(…).text()` takes all bytes for UTF-8."""
    if found.encoding == UTF_8:
        return
    name, decoder = found.encoding.upper(), f'new TextDecoder("{found.encoding}")'
    yield (
        f"text in {name} ({found.evidence}), not in UTF-8: a script has to decode it by "
        f"{decoder}.decode(await response.arrayBuffer()), as response.text() would spoil it"
    )


def _text(name: str, text: str) -> Iterator[str]:
    yield f"{len(text.splitlines()):,} lines of text"
    if name.endswith((".csv", ".tsv")):
        yield from _table(text)
    elif name.endswith((".json", ".geojson")):
        yield from _json(text)
    yield "begins:" if len(text) > MAX_CHARACTERS else "whole content:"
    yield text


def _table(text: str) -> Iterator[str]:
    table = tabular.from_lines(text)
    if table is None:
        return
    columns = [_cut(column, _CELL) for column in table.columns[:_NAMES]]
    yield f"{len(table.rows):,} rows; {len(table.columns)} columns: {' | '.join(columns)}"
    for row in table.rows[:_ROWS]:
        yield f"row: {' | '.join(_cut(cell, _CELL) for cell in row[:_NAMES])}"


def _json(text: str) -> Iterator[str]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        yield "no valid JSON"
        return
    yield f"JSON: {_shape(value)}"


def _shape(value: object, depth: int = 0) -> str:
    """Describe a JSON value by its fields and types, a few levels deep."""
    if isinstance(value, dict):
        if depth > _DEPTH:
            return "object"
        fields = [
            f"{_cut(str(key), _CELL)}: {_shape(inner, depth + 1)}" for key, inner in value.items()
        ]
        return "{" + ", ".join(fields[:_NAMES]) + (", …" if len(fields) > _NAMES else "") + "}"
    if isinstance(value, list):
        first = f", first {_shape(value[0], depth + 1)}" if value and depth <= _DEPTH else ""
        return f"list of {len(value)}{first}"
    return {str: "string", bool: "boolean", int: "integer", float: "number"}.get(
        type(value), "null"
    )


def _workbook(content: bytes) -> Iterator[str]:
    found = sheets(content)
    if not found:
        yield "no readable workbook"
    for sheet in found:
        yield f"sheet {_cut(sheet.name, _CELL)!r}: {sheet.rows:,} rows with the header"
        for row in sheet.head:
            yield f"row: {' | '.join(_cut(cell, _CELL) for cell in row)}"


def _pdf(content: bytes) -> Iterator[str]:
    pages = len(re.findall(rb"/Type\s*/Page\b(?!s)", content))
    if pages:
        yield f"{pages} pages"


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"
