"""What a prompt shows of an attachment."""

import base64
import io
import re
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.files.preview import MAX_CHARACTERS, preview
from builder.files.spreadsheet import MAX_PART_BYTES, Sheet, sheets

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def _workbook(sheet: str, **parts: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets>'
            '<sheet name="Sales" sheetId="1" r:id="rId1"/></sheets></workbook>',
        )
        file.writestr(
            "xl/_rels/workbook.xml.rels",
            '<Relationships xmlns="x"><Relationship Id="rId1" Target="worksheets/sheet1.xml"/>'
            "</Relationships>",
        )
        file.writestr("xl/worksheets/sheet1.xml", f'<worksheet xmlns="{MAIN}">{sheet}</worksheet>')
        for name, text in parts.items():
            file.writestr(f"xl/{name}.xml", text)
    return buffer.getvalue()


ROWS = (
    '<sheetData><row r="1"><c t="s"><v>1</v></c><c t="inlineStr"><is><t>sum</t></is></c></row>'
    '<row r="2"><c t="s"><v>0</v></c><c><v>2.5</v></c></row></sheetData>'
)
STRINGS = f'<sst xmlns="{MAIN}"><si><t>Oslo</t></si><si><r><t>ci</t></r><r><t>ty</t></r></si></sst>'


def test_preview__of_a_table() -> None:
    """A CSV file shows its columns, its number of rows and the first of them."""
    rows = "\n".join(f"Oslo,{number}" for number in range(2000))
    text = preview("a.csv", "text/csv", f"city,rain\n{rows}\n".encode())
    assert "2,000 rows; 2 columns: city | rain" in text
    assert "row: Oslo | 2\n" in text
    assert "Oslo,100\n" in text


@pytest.mark.parametrize(
    ("encoding", "charset", "told"),
    [
        ("utf-16", None, 'UTF-16LE (by its byte order mark), .*new TextDecoder\\("utf-16le"\\)'),
        ("latin-1", "iso-8859-1", "WINDOWS-1252 (as its charset says), .*windows-1252"),
        ("latin-1", None, "WINDOWS-1252 (a guess), .*windows-1252"),
    ],
)
def test_preview__of_another_encoding(encoding: str, charset: str | None, told: str) -> None:
    """The encoding is named, with what a script does about it; columns and text are shown."""
    content = "name,age\nZoë,7\n".encode(encoding)
    text = preview("a.csv", "text/csv", content, charset)
    assert re.search(told.replace(" (", r" \(").replace("),", r"\),"), text)
    assert "1 rows; 2 columns: name | age\nrow: Zoë | 7" in text
    assert "whole content:\nname,age\nZoë,7" in text


def test_preview__of_utf_8_names_no_encoding() -> None:
    """What every script reads as it is needs no word."""
    for content in ("Zoë".encode(), "Zoë".encode("utf-8-sig")):
        assert "TextDecoder" not in preview("a.txt", "text/plain", content, "utf-8")


def test_preview__of_json() -> None:
    """A JSON file shows its fields with their types."""
    text = preview("a.json", "application/json", b'{"a": [{"b": 1.5}], "c": {"d": {"e": null}}}')
    assert "JSON: {a: list of 1, first {b: number}, c: {d: {e: null}}}" in text


def test_preview__of_a_picture() -> None:
    """A picture shows its size in pixels and none of its bytes."""
    assert preview("a.png", "image/png", PNG) == "70 bytes, image/png\n1 x 1 pixels"


def test_preview__of_a_workbook() -> None:
    """A workbook shows its sheets with their rows and first cells."""
    text = preview("a.xlsx", "application/x", _workbook(ROWS, sharedStrings=STRINGS))
    assert "sheet 'Sales': 2 rows with the header" in text
    assert "row: city | sum\nrow: Oslo | 2.5" in text


def test_preview__of_a_pdf() -> None:
    """A PDF shows the number of its pages."""
    text = preview("a.pdf", "application/pdf", b"%PDF-1.4 /Type /Pages /Type /Page /Type/Page \0")
    assert "2 pages" in text


@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.json", "a.svg"])
def test_preview__is_bounded(name: str) -> None:
    """However large the file, the preview is not."""
    assert len(preview(name, "text/plain", b"word, word\n" * 100_000)) <= MAX_CHARACTERS


def test_preview__cuts_within_a_character() -> None:
    """Text whose beginning ends within a character is still text."""
    assert "begins:" in preview("a.txt", "text/plain", ("x" + "é" * 100_000).encode())


@given(st.sampled_from(["a.csv", "a.json", "a.png", "a.xlsx", "a.pdf", "a", "a.svg"]), st.binary())
def test_preview__never_raises(name: str, content: bytes) -> None:
    """Whatever the bytes, some lines come back."""
    assert preview(name, "x/y", content)


def test_sheets__reads_cells() -> None:
    """Shared, rich, inline and plain cells are read."""
    found = sheets(_workbook(ROWS, sharedStrings=STRINGS))
    assert found == [Sheet("Sales", 2, (("city", "sum"), ("Oslo", "2.5")))]


@pytest.mark.parametrize(
    "content",
    [
        b"no zip",
        PNG,
        _workbook("<sheetData><row>"),
        _workbook(" " * (MAX_PART_BYTES + 1)),
        _workbook(ROWS, sharedStrings='<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'),
    ],
)
def test_sheets__of_what_is_no_workbook(content: bytes) -> None:
    """Broken bytes, a part that unpacks to too much and declared entities give no sheet."""
    assert sheets(content) == []
