"""What each part shows when the page is opened, computed from the attachments."""

import json
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from builder.files import tabular
from builder.files.pictures import dimensions
from builder.files.tabular import Table, number
from builder.templated.parts import (
    Extreme,
    Field,
    Figure,
    Filter,
    Groups,
    Part,
    PictureSize,
    Raw,
    Rows,
    TextCount,
)
from builder.templated.sources import Sources

WORD = re.compile(r"\S*[^\W_]\S*")
"""A run between spaces that has a letter or a digit: marks such as `|` and `-` are no words."""


def shown(part: Part, sources: Sources) -> object:
    """Return the content of a part as its template wants it; its file's text for most."""
    view = _VIEWS.get(type(part))
    if view:
        return view(part, sources)
    return sources.text(part.file) if part.file in sources.contents else ""


def _figure(part: Figure, sources: Sources) -> str:
    text = tabular.figure(sources.tables[part.file], part.operation, part.column, part.digits)
    return _separated(text) if part.separated else text


def _separated(text: str) -> str:
    return f"{Decimal(text):,}" if number(text) is not None else text


def _extreme(part: Extreme, sources: Sources) -> str:
    table = sources.tables[part.file]
    return tabular.extreme_row(table, part.operation, part.column, part.wanted)


def _groups(part: Groups, sources: Sources) -> list[dict[str, object]]:
    """Return name, figure and the share (percent) of the greatest for each group."""
    table = sources.tables[part.file]
    digits = _group_digits(part, table)
    figures = {
        name: tabular.figure(rows, part.operation, part.column, digits)
        for name, rows in table.groups(part.by).items()
    }
    values = {name: number(text) or Decimal() for name, text in figures.items()}
    greatest = max([*values.values(), Decimal()]) or Decimal(1)
    return [
        {"name": name, "text": text, "share": max(0, round(100 * values[name] / greatest))}
        for name, text in figures.items()
    ]


def _group_digits(part: Groups, table: Table) -> int | None:
    """Give all groups the same decimal places."""
    if part.digits is not None or part.column is None:
        return part.digits
    if part.operation in {"count", "distinct"}:
        return 0
    places = tabular.decimals(table.numbers(part.column))
    return max(places, 2) if part.operation in {"mean", "median"} else places


def _rows(part: Rows, sources: Sources) -> dict[str, object]:
    table = sources.tables[part.file]
    return {
        "columns": [(name, table.is_numeric(name)) for name in table.columns],
        "rows": table.rows[: part.limit],
        "total": len(table.rows),
    }


def _choices(part: Filter, sources: Sources) -> list[str]:
    return list(dict.fromkeys(sources.tables[part.file].column(part.column)))


def _text_count(part: TextCount, sources: Sources) -> str:
    text = sources.text(part.file)
    counts = {
        "words": len(WORD.findall(text)),
        "lines": len(text.splitlines()),
        "characters": len(text),
    }
    return f"{counts[part.unit]:,}" if part.separated else str(counts[part.unit])


def _raw(part: Raw, sources: Sources) -> str:
    text = sources.text(part.file)
    if not part.file.lower().endswith(".json"):
        return text
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text


def _field(part: Field, sources: Sources) -> str:
    value = json.loads(sources.text(part.file))
    for key in part.path:
        value = value[key]
    return tabular.shown(value)


def _picture_size(part: PictureSize, sources: Sources) -> str:
    size = dimensions(sources.contents[part.file])
    if size is None:
        return ""
    width, height = size
    return {"both": f"{width}x{height}", "width": str(width), "height": str(height)}[part.side]


_VIEWS: Mapping[type[Part], Callable[[Any, Sources], object]] = {
    Figure: _figure,
    Extreme: _extreme,
    Groups: _groups,
    Rows: _rows,
    Filter: _choices,
    TextCount: _text_count,
    Raw: _raw,
    Field: _field,
    PictureSize: _picture_size,
}
