"""Reads the sheets of an XLSX workbook as rows of text, with calamine and within bounds.

A few kilobytes can unpack to gigabytes, two cells can span a billion, and a million cells can refer
to one long text: such a workbook is refused before calamine sees it.
"""

import io
import zipfile
import zlib
from xml.parsers import expat

from python_calamine import CalamineError, load_workbook

MAX_BYTES = 12 * 1024 * 1024
"""Most uncompressed bytes of a workbook."""
MAX_CELLS = 1_000_000
"""Most cells in the rectangle that a sheet spans: calamine allocates all of it."""
MAX_SHEETS = 10

_OF_ZIP = (zipfile.BadZipFile, zlib.error, OSError, RuntimeError)
_UNREADABLE = (*_OF_ZIP, expat.ExpatError, CalamineError, ValueError)


def sheets(content: bytes) -> list[tuple[str, list[list[str]]]]:
    """Return the name and the rows of each sheet; none if the bytes are not a workbook."""
    try:
        with load_workbook(io.BytesIO(_repacked(content))) as workbook:
            names = workbook.sheet_names[:MAX_SHEETS]
            found = [(name, workbook.get_sheet_by_name(name).to_python()) for name in names]
    except _UNREADABLE:
        return []
    return [(name, [[_shown(cell) for cell in row] for row in rows]) for name, rows in found]


def _repacked(content: bytes) -> bytes:
    """Return the workbook without compression, so that no header can lie about sizes.

    Raises ValueError if it is too large.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        parts = [part for part in packed.infolist() if part.filename.endswith((".xml", ".rels"))]
        if sum(part.file_size for part in parts) > MAX_BYTES:
            raise ValueError("the workbook unpacks to too much")
        read = {part.filename: _read(packed, part) for part in parts}
    _refuse_wide_sheets(read)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as stored:
        for name, body in read.items():
            stored.writestr(name, body)
    return target.getvalue()


def _read(packed: zipfile.ZipFile, part: zipfile.ZipInfo) -> bytes:
    with packed.open(part) as opened:
        body = opened.read(MAX_BYTES + 1)
    if len(body) > MAX_BYTES or b"<!ENTITY" in body:
        raise ValueError(f"{part.filename} is too large, or declares entities")
    return body


def _refuse_wide_sheets(parts: dict[str, bytes]) -> None:
    longest = max(map(len, parts.get("xl/sharedStrings.xml", b"").split(b"</si>")))
    for name, body in parts.items():
        span = _Span()
        span.read(body)
        if span.columns * span.rows > MAX_CELLS or span.cells * longest > 8 * MAX_BYTES:
            raise ValueError(f"{name} spans too many cells")


class _Span:
    """How far the cells of a sheet reach; a cell without a reference follows the previous one."""

    def __init__(self) -> None:
        self.cells = self.columns = self.rows = 0
        self._row = self._column = 0

    def read(self, xml: bytes) -> None:
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._start
        parser.Parse(xml, True)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        local = tag.rpartition(":")[2]
        if local == "row":
            self._row = int(attributes.get("r") or self._row + 1)
            self._column = 0
        elif local == "c":
            column, row = _position(attributes.get("r", ""))
            self._column, self._row = column or self._column + 1, row or self._row
            self.cells += 1
        self.columns, self.rows = max(self.columns, self._column), max(self.rows, self._row)


def _position(reference: str) -> tuple[int, int]:
    """Return column and row of `B7`, 2 and 7; 0 for a missing one. Raises ValueError."""
    letters, column = reference.rstrip("0123456789"), 0
    for letter in letters.upper():
        column = column * 26 + ord(letter) - ord("@")
    return column, int(reference[len(letters) :] or 0)


def _shown(cell: object) -> str:
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
