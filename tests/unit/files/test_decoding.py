"""Text out of bytes in whatever encoding."""

from hypothesis import given
from hypothesis import strategies as st

from builder.files.decoding import charset_named, decoded, text_of

CSV = "name,age\nZoë,7\nJosé,8\n"
CYRILLIC = "имя;лет\nЖюли;7\n"


WINDOWS = "windows-1252"


def test_decoded__with_its_evidence() -> None:
    """A byte order mark, what was stated, UTF-8, and a guess count in this order."""
    for content, charset, encoding, evidence in [
        (CSV.encode(), None, "utf-8", "as most text is"),
        (CSV.encode(), "utf-8", "utf-8", "as stated"),
        (CSV.encode("utf-16-le"), "utf-16", "utf-16le", "as stated"),
        (CSV.encode("latin-1"), "iso-8859-1", WINDOWS, "as stated"),
        (CYRILLIC.encode("cp1251"), "windows-1251", "windows-1251", "as stated"),
        ("日本,7\n".encode("shift_jis"), "Shift_JIS", "shift_jis", "as stated"),
        # A mark counts more than what was stated.
        (CSV.encode("utf-8-sig"), "iso-8859-1", "utf-8", "by its byte order mark"),
        (CSV.encode("utf-16"), "utf-8", "utf-16le", "by its byte order mark"),
        # What was stated is wrong, or no encoding.
        (CSV.encode(), "utf-16be", "utf-8", "as most text is"),
        (CSV.encode(), "rot13", "utf-8", "as most text is"),
        (CSV.encode(), "a\0b", "utf-8", "as most text is"),
        (CSV.encode("latin-1"), "utf-8", WINDOWS, "a guess"),
        # The same bytes in UTF-8; a few broken bytes.
        (b"name,age\n", "iso-8859-1", "utf-8", "as stated"),
        (("grüße " * 20).encode()[:-4] + b"\xff!", None, "utf-8", "a guess"),
    ]:
        found = decoded(content, charset)
        assert found is not None
        assert found.text.split(",")[0].split(";")[0] in {"name", "имя", "日本", found.text}
        assert (found.encoding, found.evidence) == (encoding, evidence)


def test_charset_named__by_the_request() -> None:
    """An encoding that a text names counts for bytes that it fits and that are not UTF-8."""
    japanese = "地域,計\n東京,7\n".encode("shift_jis")
    for content, text, name in [
        (japanese, "添付のa.csv(Shift_JIS)は", "Shift_JIS"),
        (japanese, "a.csv is in Shift JIS, not in UTF-8.", "Shift JIS"),
        (japanese, "Convert a.csv to UTF-8 and use Big Five words.", None),
        (CSV.encode("latin-1"), "The file (ISO 8859-1) has names.", "ISO 8859-1"),
        (CSV.encode("latin-1"), "It is iso-8859-2 encoded", "iso-8859-2"),
        (CYRILLIC.encode("cp1251"), "windows-1251 please", "windows-1251"),
        (CSV.encode(), "cp1252", None),
    ]:
        assert charset_named(content, text) == name
        assert text.isascii() or decoded(content, name).text.startswith("地域")  # type: ignore[union-attr]


def test_decoded__of_other_bytes() -> None:
    """Bytes that nothing says to be text, or of which nobody can say which, are none."""
    others = [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"PK\x03\x04\x14\0", bytes(range(256))]
    for content in (*others, CYRILLIC.encode("cp1251"), b"\xff\xfe\x00\xd8"):
        assert decoded(content) is None


@given(
    st.binary(max_size=200), st.sampled_from([None, "utf-8", "utf-16", "latin1", "big5", "x", "\0"])
)
def test_text_of__never_raises(content: bytes, charset: str | None) -> None:
    """Whatever the bytes, a text comes back."""
    assert isinstance(text_of(content, charset), str)
