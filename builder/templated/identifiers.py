"""Columns that number or name rows: no figure is made of them, however numeric they look."""

import re
from functools import lru_cache
from itertools import pairwise

from builder.brief.prose import split_name
from builder.files.tabular import SAMPLE_ROWS, Operation, Table, number
from builder.templated import wording

_NAMES = {
    *(
        "id",
        "ids",
        "uid",
        "uuid",
        "guid",
        "no",
        "nr",
        "num",
        "number",
        "key",
        "code",
        "sku",
        "isbn",
    ),
    *("ean", "zip", "postcode", "phone", "serial", "index", "idx", "pos"),
}
_ALONE = _NAMES - {"number", "num", "pos", "code", "phone"}
"""Names that need no other word before them: a column `number` alone may hold amounts."""
_ENDS = r"\s*(?:$|[.,;:)]|\b(?:in|of|from|for|and|with|to|into|inside|as|at|by|per|on|over|is)\b)"


def is_identifier(table: Table, column: str) -> bool:
    """Say whether a column only tells rows apart: by its name, or as a first column that counts."""
    words = [word.lower() for word in split_name(column)] or ["id" if column == "#" else ""]
    if words[-1] in (_NAMES if len(words) > 1 else _ALONE):
        return True
    if len(table.columns) < 2 or table.columns[0] != column:
        return False
    return _counts(tuple(table.column(column)[:SAMPLE_ROWS]))


@lru_cache(maxsize=64)
def _counts(cells: tuple[str, ...]) -> bool:
    """Say whether whole numbers rise from row to row: 1, 2, 3 or 1001, 1005, 1017."""
    numbers = map(number, cells)
    whole = [one for one in numbers if one is not None and one == one.to_integral_value()]
    rises = all(before < after for before, after in pairwise(whole))
    return len(whole) == len(cells) > 1 and rises


def is_named_plainly(text: str, operation: Operation | None, column: str) -> bool:
    """Say whether words want a figure of this very column: `sum of n`, `the n column`."""
    name = rf"[\"'`“]?{re.escape(column)}[\"'`”]?"
    if re.search(
        rf"\b{name}\s+(?:column|field)s?\b|\b(?:column|field)s?\s+{name}(?!\w)", text, re.I
    ):
        return True
    after = wording.after_operation(text, operation) if operation else ""
    words = [word.lower() for word in split_name(column)]
    by_name = bool(words) and words[-1] in _NAMES
    return not by_name and bool(
        re.match(rf"\s*(?:of\s+|the\s+)*{name}{_ENDS}", after, re.IGNORECASE)
    )
