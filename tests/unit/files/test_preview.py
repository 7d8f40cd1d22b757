"""What a prompt shows of an attachment, and that no file makes it long or slow."""

import base64
import io
import time
import zipfile

from hypothesis import given
from hypothesis import strategies as st

from builder.files.formats import dimensions
from builder.files.preview import MAX_CHARACTERS, preview
from builder.files.tables import read
from builder.files.workbook import MAX_BYTES, sheets
from tests.conftest import workbook

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
CSV = b"city,rain\nOslo,7\nRome,8\nBonn,9\n"
ROWS = (
    '<sheetData><row r="1"><c r="A1" t="s"><v>1</v></c><c t="inlineStr"><is><t>sum</t></is></c>'
    '</row><row><c t="s"><v>0</v></c><c><v>2.5</v></c></row></sheetData>'
)
STRINGS = "<si><t>Oslo</t></si><si><r><t>ci</t></r><r><t>ty</t></r></si>"


def test_preview__of_a_table() -> None:
    """A CSV file shows figures over all of its rows, and its beginning."""
    rows = "\n".join(f"{('Oslo', 'Rome', '')[n % 3]},{n}.5" for n in range(1800))
    text = preview("a.csv", "text/csv", f"city,rain\n{rows}\n".encode())
    assert "1,800 rows below the header; 2 columns" in text
    assert "column 'city': text, 2 distinct (Oslo | Rome), 600 empty" in text
    assert "column 'rain': numbers, 1,800 distinct\n" in text
    assert "Rome,100.5\n" in text


def test_preview__of_a_known_file() -> None:
    """What was shown before is told by its figures only."""
    text = preview("a.csv", "text/csv", CSV, is_whole=False)
    assert "4 lines, 4 words of text" in text
    assert "column 'rain': numbers, 3 distinct (7 | 8 | 9)" in text
    assert "row:" not in text
    assert "Oslo,7" not in text


def test_preview__of_another_encoding() -> None:
    """The encoding is named, with what a script does about it, but for UTF-8; the text is shown."""
    content = "name,age\nZoë,7\n"
    text = preview("a.csv", "text/csv", content.encode("utf-16"))
    assert "text in UTF-16LE (by its byte order mark), not in UTF-8" in text
    assert 'new TextDecoder("utf-16le")' in text
    assert f"whole content:\n{content.strip()}" in text
    for plain in (content.encode(), content.encode("utf-8-sig")):
        assert "TextDecoder" not in preview("a.csv", "text/csv", plain)


def test_preview__by_format() -> None:
    """JSON shows its fields, a picture its size, a workbook its sheets."""
    for name, content, told in [
        ("a.json", b'{"a": [{"b": 1.5}], "c": {"d": {"e": null}}}', "JSON: {a: list of 1, first"),
        ("a.json", b"{", "no valid JSON"),
        ("a.png", PNG, "70 bytes, x/y\n1 x 1 pixels"),
        ("a.xlsx", workbook(ROWS, STRINGS), "sheet 'Sales': 1 rows below the header; 2 columns"),
        ("a.xlsx", workbook(ROWS, STRINGS), "row: Oslo | 2.5"),
        ("a.xlsx", b"PK", "no readable workbook"),
        ("a.txt", ("x" + "é" * 100_000).encode(), "begins:"),
    ]:
        assert told in preview(name, "x/y", content)


@given(st.sampled_from(["a.csv", "a.json", "a.png", "a.xlsx", "a", "a.svg"]), st.binary())
def test_preview__never_raises(name: str, content: bytes) -> None:
    """Whatever the bytes, some lines come back."""
    assert preview(name, "x/y", content)


def test_preview__of_hostile_text_is_short_and_fast() -> None:
    """A hundred kilobytes of anything take no time to speak of, and give a short text."""
    for name in ["a.txt", "a.csv", "a.tsv", "a.json", "a.svg", "a.xlsx"]:
        for unit in (b"word, word\n", b"[", b'"', b"1,", b"<svg width=", b"1.", b" ", b'{"a":'):
            content = (unit * 100_000)[:100_000]
            start = time.process_time()
            assert len(preview(name, "text/plain", content)) <= MAX_CHARACTERS
            assert time.process_time() - start < 0.5, unit


def test_sheets__reads_cells() -> None:
    """Shared, rich, inline and plain cells are read; whole numbers have no decimals."""
    whole = ROWS.replace("2.5", "3.0")
    assert sheets(workbook(ROWS, STRINGS)) == [("Sales", [["city", "sum"], ["Oslo", "2.5"]])]
    assert sheets(workbook(whole, STRINGS))[0][1][1] == ["Oslo", "3"]


def test_sheets__of_a_bomb_or_no_workbook() -> None:
    """What is broken, unpacks to too much or spans too many cells gives no sheet."""
    for content in [
        b"no zip",
        PNG,
        workbook("<sheetData><row>"),
        workbook(" " * (MAX_BYTES + 1)),
        workbook(ROWS, "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"),
        workbook("<sheetData><row><c r = '&#88;FD1048576'><v>1</v></c></row></sheetData>"),
        workbook("<sheetData>" + "<row/>" * 9000 + "<row>" + "<c/>" * 9000 + "</row></sheetData>"),
        workbook("<row>" + '<c t="s"><v>0</v></c>' * 9000 + "</row>", f"<si>{'x' * 99_000}</si>"),
    ]:
        assert sheets(content) == []


def test_sheets__a_header_that_lies_about_its_size() -> None:
    """A part that unpacks to more than its header says is refused, whatever the header."""
    bomb = workbook(" " * (MAX_BYTES * 4))
    with zipfile.ZipFile(io.BytesIO(bomb)) as file:
        size = file.getinfo("xl/worksheets/sheet1.xml").file_size.to_bytes(4, "little")
    assert bomb.count(size) == 2
    assert sheets(bomb.replace(size, (1000).to_bytes(4, "little"))) == []


def test_read__tables() -> None:
    """Delimiters, quotes, short rows and records are read; what is no table is none."""
    for name, content, rows in [
        ("a.csv", 'a;b\n"x;1";2\n\n3', (("x;1", "2"), ("3", ""))),
        ("a.tsv", "a\tb\n1\t2\n", (("1", "2"),)),
        ("a.json", '{"meta": 1, "rows": [{"a": true}, {"b": "x"}]}', (("true", ""), ("", "x"))),
        ("a.json", '[{"a": [1]}]', None),
        ("a.json", "[" * 100_000, None),
        ("a.csv", "\n \n", None),
        ("a.txt", "a,b\n", None),
    ]:
        found = read(name, content.encode())
        assert [table.rows for table in found] == ([] if rows is None else [rows])


def test_read__tells_columns_of_numbers() -> None:
    """Numbers with signs, groups and currency count as numbers; dates and versions do not."""
    numbers = ["$1,234.50", "12,34,567", "12 %", "-4e2", "1.234.567,5", "3", "0,25"]
    others = ["x", "03.01.2026", "3.1.26", "1.2.3", "2026-01-03", "10:30"]
    for cell in numbers + others:
        [table] = read("a.tsv", f"a\n{cell}\n".encode())
        assert table.is_numeric(0) is (cell in numbers), cell


def test_dimensions__of_pictures() -> None:
    """Formats that tell their size are read, what is broken or no picture has none."""
    assert dimensions(PNG) == (1, 1)
    assert dimensions(b"GIF89a\x1e\0\x14\0") == (30, 20)
    assert dimensions(b'<svg xmlns="x" width="30px" height="20"/>') == (30, 20)
    for content in (b"", b"\xff\xd8\xff", b"RIFF....WEBP", b"<svg width='9'>", PNG[:20]):
        assert dimensions(content) is None
