"""Text out of bytes in whatever encoding."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.files.decoding import decoded, text_of

CSV = "name,age\nZoë,7\nJosé,8\n"
CYRILLIC = "имя;лет\nЖюли;7\n"


@pytest.mark.parametrize(
    ("content", "charset", "encoding", "evidence"),
    [
        (CSV.encode(), None, "utf-8", "as most text is"),
        (CSV.encode("utf-8-sig"), None, "utf-8", "by its byte order mark"),
        (CSV.encode(), "utf-8", "utf-8", "as its charset says"),
        (CSV.encode("utf-16"), None, "utf-16le", "by its byte order mark"),
        (b"\xfe\xff" + CSV.encode("utf-16-be"), None, "utf-16be", "by its byte order mark"),
        # A mark counts more than what was stated.
        (CSV.encode("utf-8-sig"), "iso-8859-1", "utf-8", "by its byte order mark"),
        (CSV.encode("utf-16"), "utf-8", "utf-16le", "by its byte order mark"),
        (CSV.encode("utf-16-le"), "utf-16", "utf-16le", "as its charset says"),
        (CSV.encode("utf-16-be"), "UTF-16BE", "utf-16be", "as its charset says"),
        (CSV.encode("latin-1"), "iso-8859-1", "windows-1252", "as its charset says"),
        (CSV.encode("cp1252"), "windows-1252", "windows-1252", "as its charset says"),
        (CYRILLIC.encode("cp1251"), "windows-1251", "windows-1251", "as its charset says"),
        (CYRILLIC.encode("koi8-r"), "koi8-r", "koi8-r", "as its charset says"),
        ("日本,7\n".encode("shift_jis"), "Shift_JIS", "shift_jis", "as its charset says"),
        # What was stated is wrong, or no encoding.
        (CSV.encode(), "us-ascii", "utf-8", "as most text is"),
        (CSV.encode(), "utf-16be", "utf-8", "as most text is"),
        (CSV.encode(), "rot13", "utf-8", "as most text is"),
        (CSV.encode(), "no-such-thing", "utf-8", "as most text is"),
        (CSV.encode("latin-1"), "utf-8", "windows-1252", "a guess"),
        (CSV.encode("latin-1"), None, "windows-1252", "a guess"),
    ],
)
def test_decoded__with_its_evidence(
    content: bytes, charset: str | None, encoding: str, evidence: str
) -> None:
    """A byte order mark, what was stated, UTF-8, and a guess count in this order."""
    found = decoded(content, charset)
    assert found is not None
    assert found.text.replace("\r\n", "\n") in {CSV, CYRILLIC, "日本,7\n"}
    assert (found.encoding, found.evidence) == (encoding, evidence)


def test_decoded__plain_letters_need_no_other_encoding() -> None:
    """Bytes that are the same in UTF-8 are told as UTF-8, whatever was stated."""
    found = decoded(b"name,age\n", "iso-8859-1")
    assert found is not None
    assert found.encoding == "utf-8"


def test_decoded__of_a_cut_or_damaged_text() -> None:
    """A few broken bytes make no other encoding of what is UTF-8 for the rest."""
    found = decoded(("grüße " * 20).encode()[:-4] + b"\xff!")
    assert found is not None
    assert (found.encoding, found.evidence) == ("utf-8", "a guess")


@pytest.mark.parametrize(
    "content",
    [
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        b"PK\x03\x04\x14\0",
        bytes(range(256)),
        b"\x00\x01\x02\x03",
        CYRILLIC.encode("cp1251"),
        b"\xff\xfe\x00\xd8",
    ],
)
def test_decoded__of_other_bytes(content: bytes) -> None:
    """Bytes that nothing says to be text, or of which nobody can say which, are none."""
    assert decoded(content) is None


@given(st.binary(max_size=200), st.sampled_from([None, "utf-8", "utf-16", "latin1", "big5", "x"]))
def test_text_of__never_raises(content: bytes, charset: str | None) -> None:
    """Whatever the bytes, a text comes back."""
    assert isinstance(text_of(content, charset), str)
