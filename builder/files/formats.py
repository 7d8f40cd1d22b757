"""Checks whether the bytes of a file are what its name says, and measures pictures."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import PurePosixPath
from xml.parsers import expat

from builder.files import workflows
from builder.files.tables import DELIMITERS

Fault = tuple[bool, str]
"""Whether a program would certainly fail on it, and what was seen."""

_SVG = "http://www.w3.org/2000/svg"
_MAGIC = {
    ".png": (b"\x89PNG\r\n\x1a\n",),
    ".jpg": (b"\xff\xd8\xff",),
    ".jpeg": (b"\xff\xd8\xff",),
    ".gif": (b"GIF87a", b"GIF89a"),
    ".webp": (b"RIFF",),
    ".ico": (b"\x00\x00\x01\x00", b"\x89PNG"),
    ".pdf": (b"%PDF-",),
    ".zip": (b"PK",),
    ".xlsx": (b"PK",),
    ".woff2": (b"wOF2",),
}
_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg", ".avif", ".bmp")
_TEXT = {".html", ".htm", ".css", ".js", ".mjs", ".md", ".txt", ".py", ".yml", ".yaml", ".toml"}


def faults(path: str, content: bytes) -> Iterator[Fault]:
    """Yield what is wrong with the bytes of a file of that name; nothing for an empty file."""
    suffix = PurePosixPath(path).suffix.lower()
    if not content:
        return
    if suffix in _MAGIC and not content.startswith(_MAGIC[suffix]):
        yield True, f"bytes that are not {suffix[1:].upper()}"
    reader = workflows.faults if workflows.is_workflow(path) else _READERS.get(suffix)
    if reader is None and suffix not in _TEXT:
        return
    try:
        text = content.decode("utf-8-sig" if suffix == ".csv" else "utf-8")
    except UnicodeDecodeError as error:
        yield True, f"bytes that are not UTF-8 at offset {error.start}"
        return
    yield from reader(text) if reader else ()


def is_picture(name: str) -> bool:
    """Return whether an `img` element can show a file of this name."""
    return name.lower().endswith(_PICTURES)


def dimensions(content: bytes) -> tuple[int, int] | None:
    """Return width and height of a picture in pixels, as shown; None if they are unknown.

    A photo that its EXIF data rotates is measured as rotated.
    """
    # Imported late: it brings an HTTP client along.
    import imagesize  # type: ignore[import-untyped]

    width, height = imagesize.get(io.BytesIO(content))
    return (round(width), round(height)) if width > 0 and height > 0 else None


def _json(text: str) -> Iterator[Fault]:
    try:
        json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        yield True, f"not JSON: {error}"


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is not allowed")


def _json_lines(text: str) -> Iterator[Fault]:
    for number, line in enumerate(text.splitlines(), start=1):
        for certain, fault in _json(line) if line.strip() else ():
            yield certain, f"line {number}: {fault}"
            return


def xml_fault(content: bytes, root: str = "") -> str | None:
    """Return what keeps bytes from being well-formed XML, with the element `root` if given."""
    names: list[str] = []
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = lambda name, _: names.append(name) if not names else None
    parser.EntityDeclHandler = _refuse_entities
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, ValueError) as error:
        return f"not well-formed XML: {error}"
    if root and names[0] != root:
        return f"no root element {root!r}, so that browsers do not show it"
    return None


def _xml(text: str, root: str = "") -> Iterator[Fault]:
    fault = xml_fault(text.encode(), root)
    if fault:
        yield True, fault


def _refuse_entities(*_: object) -> None:
    # Declared entities can expand a few lines to gigabytes.
    raise ValueError("entity declarations are not allowed")


def _csv(text: str) -> Iterator[Fault]:
    """Take the delimiter of the header with which least is wrong."""
    head = text.partition("\n")[0]
    delimiters = [each for each in DELIMITERS if each in head] or [","]
    found = [list(_separated(text, each)) for each in delimiters]
    yield from min(found, key=lambda faults: max((1 + certain for certain, _ in faults), default=0))


def _separated(text: str, delimiter: str) -> Iterator[Fault]:
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
    try:
        widths = {len(row) for row in reader if row}
    except csv.Error as error:
        yield True, f"not CSV: {error}"
        return
    if len(widths) > 1:
        yield False, f"rows of {min(widths)} to {max(widths)} cells"


def _html(text: str) -> Iterator[Fault]:
    if not text.lstrip()[:15].lower().startswith("<!doctype html"):
        yield False, "no <!doctype html> at the start, so that browsers fall back to old rules"


_Reader = Callable[[str], Iterator[Fault]]
_READERS: dict[str, _Reader] = {
    **dict.fromkeys((".json", ".geojson", ".webmanifest"), _json),
    **dict.fromkeys((".jsonl", ".ndjson"), _json_lines),
    **dict.fromkeys((".xml", ".rss", ".atom"), _xml),
    **dict.fromkeys((".html", ".htm"), _html),
    ".svg": partial(_xml, root=f"{_SVG} svg"),
    ".csv": _csv,
    ".tsv": partial(_separated, delimiter="\t"),
}
