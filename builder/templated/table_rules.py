"""Rules for what is made from a table: figures, groups, rows, filters."""

import re
from typing import cast

from builder.brief import selectors
from builder.brief.prose import attribute, capitalized, class_name, humanized
from builder.files.tabular import Operation
from builder.templated import wording
from builder.templated.asked import Asked
from builder.templated.libraries import CHART
from builder.templated.parts import (
    Chart,
    Extreme,
    Figure,
    Filter,
    Form,
    Groups,
    Part,
    Rows,
    measure,
)

MAX_ROWS = 2000
"""Rows that a table shows at most: more would make the page slow to open."""
_FILTER = re.compile(r"\bfilter(?:s|ing|able)?\b", re.IGNORECASE)
_CHART = re.compile(r"\b(?:chart|bars?|graph|plot|histogram|canvas|diagram)\b", re.IGNORECASE)
_CHART_KIND = re.compile(r"\b(line|pie|doughnut)[- ](?:chart|graph|plot)", re.IGNORECASE)
_TABLE = re.compile(r"\b(?:tables?|tabular|rows?|records|entries|grid)\b", re.IGNORECASE)
_LIST = re.compile(r"\b(?:lists?|bullets?)\b|<[uo]l\b", re.IGNORECASE)


def choice(asked: Asked) -> Part | None:
    """Offer the values of a column that visitors filter by."""
    if not (asked.table_file and _FILTER.search(asked.words)):
        return None
    named = wording.columns(f"{asked.words} {asked.mention.tokens}", asked.table)
    column = next((name for name in named if not asked.table.is_numeric(name)), None)
    if column is None:
        return None
    return Filter(id=asked.id, label=humanized(column), file=asked.table_file, column=column)


def groups(asked: Asked) -> Part | None:
    """Show a figure for each value of a column: `sales by region`."""
    phrase = f"{asked.words} {asked.mention.tokens}"
    by = wording.group_column(phrase, asked.table)
    if not (asked.table_file and by):
        return None
    form = _form(asked)
    column = asked.measured_column(next(iter(asked.operations[-1:]), None), excluding=by)
    operation = _group_operation(asked, column)
    is_listing = not asked.operations and len(asked.table.groups(by)) == len(asked.table.rows)
    if operation is None or (is_listing and form in {"table", "list"}):
        return None
    if operation == "count":
        column = None
    return Groups(
        id=asked.id,
        label=_group_label(operation, column, by),
        file=asked.table_file,
        operation=operation,
        column=column,
        by=by,
        form=form,
        item_class=_item_class(asked, form),
        attribute=_item_attribute(asked),
        digits=wording.digits(asked.mention.sentence),
        chart=_chart(asked),
        wrapped="table" in asked.inside,
    )


def _group_label(operation: Operation, column: str | None, by: str) -> str:
    if operation == "sum" and column:
        return f"{humanized(column)} by {by}"
    return capitalized(f"{measure(operation, column).removeprefix('the ')} by {by}")


def _group_operation(asked: Asked, column: str | None) -> Operation | None:
    if not asked.operations:
        return "sum" if column else "count"
    operation = asked.operations[-1]
    return operation if column or operation == "count" else None


def _form(asked: Asked) -> Form:
    phrase = f"{asked.words} {asked.mention.tokens}"
    if _CHART.search(phrase):
        return "canvas" if _is_drawn(asked) and not asked.inside else "bars"
    return "list" if _is_list(asked) else "table"


def _is_drawn(asked: Asked) -> bool:
    named = re.search(rf"{CHART.called}|\bcanvas\b", asked.context.brief, re.IGNORECASE)
    choice = asked.context.choice
    return choice.allows(CHART) and bool(named or CHART in choice.wanted)


def _is_list(asked: Asked) -> bool:
    phrase = f"{asked.words} {asked.mention.tokens}"
    is_said = _LIST.search(phrase) and not _TABLE.search(phrase)
    return bool(is_said or re.search(r"\bli\b", asked.inside))


def _chart(asked: Asked) -> Chart:
    found = _CHART_KIND.search(asked.mention.sentence)
    return cast(Chart, found[1].lower()) if found else "bar"


def _item_class(asked: Asked, form: Form) -> str:
    named = class_name(asked.mention.sentence)
    queried = selectors.item_class(asked.id, asked.context.checks)
    return named or queried or ("bar" if form == "bars" else "group")


def _item_attribute(asked: Asked) -> str:
    queried = selectors.item_attribute(asked.id, asked.context.checks)
    return attribute(asked.mention.sentence) or queried or "total"


def extreme(asked: Asked) -> Part | None:
    """Show which row is highest or lowest: `the city with the highest temperature`."""
    found = wording.extreme(asked.words, asked.table)
    if not (found and asked.table_file):
        return None
    wanted, operation, column = found
    return Extreme(
        id=asked.id,
        label=humanized(asked.id),
        file=asked.table_file,
        operation=operation,
        column=column,
        wanted=wanted,
    )


def figure(asked: Asked) -> Part | None:
    """Show one figure over a column or the rows."""
    if not (asked.table_file and asked.operations):
        return None
    in_words = wording.operations(asked.mention.words, asked.table)
    if not in_words and not wording.is_explained(asked.mention.tokens, asked.table):
        # `#total-currency` alone does not say that the total of a column is meant.
        return None
    return _figure(asked, asked.operations[-1])


def figures(asked: Asked) -> list[Figure]:
    """Return a figure for each operation that the words name."""
    named = wording.operations(asked.words, asked.table) if asked.table_file else []
    return [found for name in named if (found := _figure(asked, name))]


def _figure(asked: Asked, operation: Operation) -> Figure | None:
    """Return the figure with the decimal places that the sentence asks for."""
    settled, column = _settled(asked, operation)
    if settled is None or (column is None and settled != "count"):
        return None
    return Figure(
        id=asked.id,
        label=capitalized(measure(settled, column).removeprefix("the ")),
        file=asked.table_file or "",
        operation=settled,
        column=column,
        digits=wording.digits(asked.mention.sentence),
        separated=wording.separated(asked.mention.sentence),
    )


def _settled(asked: Asked, operation: Operation) -> tuple[Operation | None, str | None]:
    """Settle what a number is about: `total number of visitors`, `number of cities`, of rows."""
    named = wording.columns(f"{asked.words} {asked.mention.tokens}", asked.table)
    labels = [name for name in named if not asked.table.is_numeric(name)]
    if operation == "distinct":
        return "distinct", next(iter(labels or named), None)
    if operation != "count":
        return operation, asked.measured_column(operation)
    if wording.counts_rows(asked.words):
        return "count", None
    if re.search(r"\btotal number\b", asked.words, re.IGNORECASE) and len(named) > len(labels):
        return "sum", asked.measured_column()
    if labels:
        return "distinct", labels[0]
    known = named or asked.context.sources.first_named(asked.mention.sentence)
    return "count" if known else None, None


def rows(asked: Asked) -> Part | None:
    """Show the rows of a table."""
    wants = _TABLE.search(asked.words) or _LIST.search(asked.words)
    if not (asked.table_file and wants):
        return None
    return rows_of(asked.table_file, asked, MAX_ROWS)


def rows_of(file: str, asked: Asked, limit: int) -> Rows:
    """Return the table of a file's rows."""
    return Rows(
        id=asked.id,
        label=file,
        file=file,
        columns=asked.context.sources.tables[file].columns,
        limit=limit,
        wrapped="table" in asked.inside,
        form="list" if _is_list(asked) else "table",
    )
