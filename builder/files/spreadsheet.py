"""The sheets of an XLSX workbook: names, header row, number of rows, a few cells."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from xml.parsers import expat

MAX_PART_BYTES = 8 * 1024 * 1024
"""Uncompressed bytes of one part that are read: a few kilobytes can unpack to gigabytes."""
MAX_SHEETS = 10
_SHOWN_ROWS = 4
_SHOWN_CELLS = 30


@dataclass(frozen=True)
class Sheet:
    """A sheet's name, how many rows have cells, and the text of the first few."""

    name: str
    rows: int
    head: tuple[tuple[str, ...], ...]


def sheets(content: bytes) -> list[Sheet]:
    """Return the sheets of a workbook; none where the bytes are no workbook."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as workbook:
            return list(_sheets(workbook))
    except (
        zipfile.BadZipFile,
        zlib.error,
        expat.ExpatError,
        KeyError,
        ValueError,
        OSError,
        RuntimeError,
    ):
        return []


def _sheets(workbook: zipfile.ZipFile) -> Iterator[Sheet]:
    strings = _shared_strings(workbook)
    targets = dict(_relations(_part(workbook, "xl/_rels/workbook.xml.rels")))
    for name, relation in _names(_part(workbook, "xl/workbook.xml"))[:MAX_SHEETS]:
        target = targets[relation].removeprefix("/")
        path = target if target.startswith("xl/") else f"xl/{target}"
        reader = _SheetReader(strings)
        reader.read(_part(workbook, path))
        yield Sheet(name, reader.rows, tuple(map(tuple, reader.head)))


def _part(workbook: zipfile.ZipFile, path: str) -> bytes:
    """Return the bytes of a part. Raises ValueError where it is too large."""
    with workbook.open(path) as part:
        content = part.read(MAX_PART_BYTES + 1)
    if len(content) > MAX_PART_BYTES:
        raise ValueError(f"{path} is larger than {MAX_PART_BYTES} bytes")
    return content


def _parser() -> expat.XMLParserType:
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.EntityDeclHandler = _refuse_entities
    return parser


def _refuse_entities(*_: object) -> None:
    raise ValueError("entity declarations are not allowed")


def _names(xml: bytes) -> list[tuple[str, str]]:
    """Return (name, relation id) of each sheet."""
    return [
        (attributes.get("name", ""), next(v for k, v in attributes.items() if k.endswith(" id")))
        for attributes in _elements(xml, "sheet")
    ]


def _relations(xml: bytes) -> list[tuple[str, str]]:
    return [
        (attributes["Id"], attributes["Target"]) for attributes in _elements(xml, "Relationship")
    ]


def _elements(xml: bytes, wanted: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    parser = _parser()

    def start(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(" ")[2] == wanted:
            found.append(attributes)

    parser.StartElementHandler = start
    parser.Parse(xml, True)
    return found


def _shared_strings(workbook: zipfile.ZipFile) -> list[str]:
    if "xl/sharedStrings.xml" not in workbook.namelist():
        return []
    strings: list[str] = []
    parser = _parser()

    def start(name: str, _: dict[str, str]) -> None:
        if name.endswith(" si"):
            strings.append("")

    def text(part: str) -> None:
        if strings:
            strings[-1] += part

    parser.StartElementHandler = start
    parser.CharacterDataHandler = text
    parser.Parse(_part(workbook, "xl/sharedStrings.xml"), True)
    return strings


class _SheetReader:
    """Counts rows, and keeps the cells of the first ones."""

    def __init__(self, strings: list[str]) -> None:
        self.rows = 0
        self.head: list[list[str]] = []
        self._strings = strings
        self._type = ""
        self._text = ""

    def read(self, xml: bytes) -> None:
        parser = _parser()
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._collect
        parser.Parse(xml, True)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.rpartition(" ")[2]
        if tag == "row":
            self.rows += 1
            if self.rows <= _SHOWN_ROWS:
                self.head.append([])
        elif tag == "c":
            self._type = attributes.get("t", "")
        elif tag in {"v", "t"}:
            self._text = ""

    def _collect(self, text: str) -> None:
        self._text += text

    def _end(self, name: str) -> None:
        tag = name.rpartition(" ")[2]
        if tag not in {"v", "t"} or not 1 <= self.rows <= _SHOWN_ROWS:
            return
        if len(self.head[-1]) < _SHOWN_CELLS:
            self.head[-1].append(self._cell())

    def _cell(self) -> str:
        if self._type == "s" and re.fullmatch(r"\d{1,9}", self._text):
            index = int(self._text)
            return self._strings[index] if index < len(self._strings) else ""
        return self._text.strip()
