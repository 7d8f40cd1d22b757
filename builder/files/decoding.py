"""Decodes text: which encoding bytes are in, how that is known, and what they say."""

import codecs
import re
from dataclasses import dataclass

UTF_8 = "utf-8"
WINDOWS_1252 = "windows-1252"

_MARKS = {
    codecs.BOM_UTF8: UTF_8,
    codecs.BOM_UTF16_LE: "utf-16le",
    codecs.BOM_UTF16_BE: "utf-16be",
}
_LABELS = {
    **{name: name for name in (UTF_8, "koi8-r", "koi8-u", "shift_jis", "gbk", "gb18030", "big5")},
    **{"utf-8-sig": UTF_8, "utf-16": "utf-16le", "utf-16-le": "utf-16le", "utf-16-be": "utf-16be"},
    # Browsers take the first two for one.
    **{"iso8859-1": WINDOWS_1252, "cp1252": WINDOWS_1252, "mac-roman": "macintosh"},
    **{"cp932": "shift_jis", "euc_jp": "euc-jp", "euc_kr": "euc-kr", "gb2312": "gbk"},
    **{f"iso8859-{number}": f"iso-8859-{number}" for number in (*range(2, 9), *range(13, 17))},
    **{f"cp125{digit}": f"windows-125{digit}" for digit in range(9) if digit != 2},
}
"""Python's names of encodings, with those that browsers know (Encoding Standard, 4.2)."""

_NAME = re.compile(r"(?=\b([A-Za-z]\w+(?:[ -]\w+){0,2}))", re.ASCII)
"""What may be the name of an encoding, from each word on: `cp1252`, `Shift JIS`, `ISO 8859-2`."""
_SEARCHED = 20_000
"""Characters of a text in which names of encodings are looked for."""
_ASCII = bytes(range(128))
_MOST_FOREIGN = 0.4
"""Largest share of non-ASCII characters in a text that is read as Western European."""


@dataclass(frozen=True)
class Decoded:
    """What bytes say; `encoding` is the label that `TextDecoder` takes."""

    text: str
    encoding: str
    evidence: str
    """How the encoding is known, in words."""


def decoded(content: bytes, charset: str | None = None) -> Decoded | None:
    """Return the text of bytes; None if they do not seem to be text.

    A byte order mark comes before `charset`, which a sender stated; then UTF-8, then a guess.
    """
    return (
        _marked(content)
        or _stated(content, charset)
        or _strictly(content, UTF_8, "as most text is")
        or _guessed(content)
    )


def charset_named(content: bytes, text: str) -> str | None:
    """Return the first encoding that `text` names by its name and that fits bytes not in UTF-8."""
    if _strictly(content, UTF_8, ""):
        return None
    phrases = (re.split(r"([ -])", found[1]) for found in _NAME.finditer(text[:_SEARCHED]))
    names = ("".join(words[:end]) for words in phrases for end in range(len(words), 0, -2))
    return next((name for name in names if _stated(content, name)), None)


def text_of(content: bytes, charset: str | None = None) -> str:
    """Return the bytes as text, whatever they are."""
    found = decoded(content, charset)
    return found.text if found else content.decode("utf-8", "replace")


def _marked(content: bytes) -> Decoded | None:
    for mark, encoding in _MARKS.items():
        if content.startswith(mark):
            return _strictly(content.removeprefix(mark), encoding, "by its byte order mark")
    return None


def _stated(content: bytes, charset: str | None) -> Decoded | None:
    try:
        encoding = _LABELS.get(codecs.lookup(charset or "").name)
    except (LookupError, ValueError):
        # A name with a NUL in it is a ValueError.
        return None
    is_wide = encoding in {"utf-16le", "utf-16be"}
    # Valid UTF-8 without a NUL is never UTF-16 that anybody would write.
    if encoding is None or (is_wide and _strictly(content, UTF_8, "")):
        return None
    needs_none = content.isascii() and not is_wide
    return _strictly(content, UTF_8 if needs_none else encoding, "as stated")


def _strictly(content: bytes, encoding: str, evidence: str) -> Decoded | None:
    try:
        text = content.decode(encoding, "replace" if encoding == WINDOWS_1252 else "strict")
    except (LookupError, UnicodeDecodeError):
        return None
    return None if "\0" in text else Decoded(text, encoding, evidence)


def _guessed(content: bytes) -> Decoded | None:
    """Guess UTF-8 that was cut or damaged, or text in mostly Latin letters."""
    foreign = len(content.translate(None, _ASCII))
    if content.decode(UTF_8, "replace").count("\ufffd") * 4 < foreign:
        encoding = UTF_8
    elif foreign <= _MOST_FOREIGN * len(content):
        encoding = WINDOWS_1252
    else:
        return None
    text = content.decode(encoding, "replace")
    return Decoded(text, encoding, "a guess") if "".join(text.split()).isprintable() else None
