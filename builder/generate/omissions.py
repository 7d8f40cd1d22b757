"""Signs that a file was delivered in part: "… the rest stays the same" in place of its lines."""

import re
from collections.abc import Iterator

_PROSE = (".md", ".markdown", ".txt", ".rst")
_HASH_COMMENTS = (".py", ".yml", ".yaml", ".toml", ".sh", ".rb", ".r", ".env", ".ini", ".cfg")
_MAX = 120
"""Longest line that stands in for others, in characters."""

_MARKUP = re.compile(r"\s*<!--(.*?)-->\s*")
_BLOCK = re.compile(r"\s*\{?/\*+(.*?)\*+/\}?\s*")
_SLASHES = re.compile(r"\s*//+(.*)")
_HASH = re.compile(r"\s*#+(.*)")
_DOTS = r"(?:\.{3}|…)"
_BARE = re.compile(rf"\s*[\[(<]?\s*({_DOTS}.*|.*{_DOTS})[\])>]?\s*|\s*[\[(]([^\[\]()]*)[\])]\s*")

_THING = (
    r"(?:code|file|content|contents|page|script|scripts|style|styles|css|html|markup|function|"
    r"functions|method|methods|implementation|logic|section|sections|sheet|stylesheet|rule|rules|"
    r"class|classes|component|components|import|imports|body|document|row|rows|entries|lines?|"
    r"handlers?|elements?|it)"
)
_STANDING = r"(?:existing|previous|original|other|remaining)"
_KEEP = r"(?:keep\s+)?(?:the\s+|your\s+|all\s+)?"
_REST = r"(?:the\s+)?(?:rest|remainder)"
_EARLIER = r"(?:same(?:\s+as)?|as)\s+(?:in\s+)?(?:before|above|previously|round\s+\d+)"
_LATELY = rf"(?:{_EARLIER}|as\s+in\s+the\s+(?:previous|last)\s+(?:round|version|reply))"
_SAME = (
    r"(?:(?:stays?|remains?|is|are|left|kept|keeps?)\s+(?:exactly\s+|as\s+)?"
    r"(?:the\s+same|unchanged|identical|it\s+(?:is|was)|before|is))"
)
_AS_THEY_WERE = r"(?:stay|remain|are)\s+(?:exactly\s+)?as\s+they\s+(?:are|were)"
_PHRASES = (
    rf"{_REST}\s+of\s+(?:the\s+|your\s+|this\s+|my\s+)?(?:\w+\s+){{0,2}}?{_THING}"
    rf"(?:\s+(?:here|goes\s+here|below|unchanged|omitted|{_LATELY}|{_SAME}|continues))?",
    rf"(?:{_REST}|(?:the\s+)?everything\s+else)\s*"
    rf"\(?(?:{_SAME}|unchanged|omitted|{_LATELY})\)?",
    rf"{_KEEP}{_STANDING}\s+(?:\w+\s+){{0,2}}?{_THING}"
    rf"\s+(?:here|go(?:es)?\s+here|omitted|unchanged|{_LATELY}|{_SAME}|{_AS_THEY_WERE})",
    rf"{_KEEP}existing\s+code",
    rf"(?:\w+\s+){{0,3}}{_THING}\s+(?:unchanged|omitted|truncated|{_SAME})",
    r"(?:no\s+changes?|unchanged|omitted|truncated|snip(?:ped)?)(?:\s+(?:here|below|above))?",
    _EARLIER,
    r"(?:\w+\s+){0,4}omitted(?:\s+here)?",
)
_TAIL = (
    r"(?:\s*[,(—-]?\s*(?:for\s+brevity|from\s+(?:before|above|round\s+\d+)|as\s+before|unchanged"
    r"|(?:up\s+to|until)\s+here|from\s+here\s+on)\)?)?"
)
_STANDS_IN = re.compile(rf"(?:{'|'.join(_PHRASES)}){_TAIL}", re.IGNORECASE)
_ONLY_AFTER_DOTS = (
    rf"{_REST}\b.*",
    rf"(?:keep\s+)?(?:{_STANDING}|more|same)\s+(?:\w+\s+){{0,2}}?{_THING}\b.*",
    r"existing\s+\w+",
    r"(?:unchanged|omitted|snip)\b.*",
)
_STANDS_IN_AFTER_DOTS = re.compile(
    rf"(?:{'|'.join(_PHRASES + _ONLY_AFTER_DOTS)}){_TAIL}", re.IGNORECASE
)
_REST_UNCHANGED = rf"{_REST}\s+of\s+(?:\w+\s+){{1,4}}?(?:unchanged|omitted|{_LATELY}|{_SAME})"
_BRACKETED_REST = re.compile(
    rf"[\[(]\s*{_DOTS}?\s*{_REST_UNCHANGED}\s*{_DOTS}?\s*[\])]", re.IGNORECASE
)
"""The rest of whatever, said to be unchanged, in brackets: what it is of may have any name."""
_BETWEEN_DOTS = re.compile(
    rf"[\[(]?\s*{_DOTS}\s*{_KEEP}{_STANDING}\s+(?:\w+\s+)?\w+\s*{_DOTS}\s*[\])]?",
    re.IGNORECASE,
)
"""Something of any name that is there already, between dots."""


def omissions(path: str, text: str) -> Iterator[tuple[int, str]]:
    """Yield (line number, text) of each line that stands in for lines left out.

    Only a line that says nothing else counts: a comment of its own, or a bracketed or dotted
    remark. A sentence about something that stays the same does not.
    """
    for number, line in enumerate(text.split("\n"), start=1):
        remark = line.strip()
        if 3 <= len(remark) <= _MAX and _stands_in(path.lower(), remark):
            yield number, remark


def _stands_in(path: str, line: str) -> bool:
    comment = _comment(path, line)
    if comment is not None:
        return _says_so(comment)
    if _BRACKETED_REST.fullmatch(line.strip("*_")):
        return True
    bare = _BARE.fullmatch(line)
    return bare is not None and _is_dotted_remark(bare[1] or bare[2])


def _comment(path: str, line: str) -> str | None:
    """Return what the comment says that the line consists of."""
    kinds = [_MARKUP] if path.endswith(_PROSE) else [_MARKUP, _BLOCK, _SLASHES]
    if path.endswith(_HASH_COMMENTS):
        kinds = [_HASH]
    found = next(filter(None, (kind.fullmatch(line) for kind in kinds)), None)
    return found[1].strip() if found else None


def _says_so(remark: str) -> bool:
    words = _words(remark)
    if _BRACKETED_REST.fullmatch(remark) or _BETWEEN_DOTS.fullmatch(remark):
        return True
    if re.match(rf"{_DOTS}|\[", remark):
        return not words or bool(_STANDS_IN_AFTER_DOTS.fullmatch(words))
    return bool(_STANDS_IN.fullmatch(words))


def _is_dotted_remark(remark: str) -> bool:
    """Outside of comments only plain wording counts: `...rest` is code, and `… more` prose."""
    return " " in remark.strip() and bool(_STANDS_IN.fullmatch(_words(remark)))


def _words(remark: str) -> str:
    """Return the remark without dots, brackets and punctuation around it."""
    return re.sub(rf"^(?:{_DOTS}|[\s\[(<*=-])+|(?:{_DOTS}|[\s\])>.*=!:-])+$", "", remark.strip())
