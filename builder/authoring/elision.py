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
_SAME = (
    r"(?:(?:stays?|remains?|is|are|left|kept|keeps?)\s+(?:exactly\s+|as\s+)?"
    r"(?:the\s+same|unchanged|identical|it\s+(?:is|was)|before|is))"
)
_PHRASES = (
    rf"(?:the\s+)?(?:rest|remainder)\s+of\s+(?:the\s+|your\s+|this\s+|my\s+)?(?:\w+\s+){{0,2}}?{_THING}"
    rf"(?:\s+(?:here|goes\s+here|below|unchanged|omitted|as\s+before|{_SAME}|continues))?",
    rf"(?:the\s+)?(?:rest|remainder|everything\s+else)\s*\(?(?:{_SAME}|unchanged|omitted|as\s+before)\)?",
    rf"(?:keep\s+)?(?:the\s+|your\s+|all\s+)?(?:existing|previous|original|other|remaining)\s+"
    rf"(?:\w+\s+){{0,2}}?{_THING}(?:\s+(?:here|goes?\s+here|omitted|unchanged|as\s+before|{_SAME}))",
    rf"(?:\w+\s+){{0,3}}{_THING}\s+(?:unchanged|omitted|truncated|{_SAME})",
    r"(?:no\s+changes?|unchanged|omitted|truncated|snip(?:ped)?)(?:\s+(?:here|below|above))?",
    r"(?:same|as)\s+(?:as\s+)?(?:before|above|previously)",
    r"(?:\w+\s+){0,4}omitted(?:\s+here)?",
)
_TAIL = (
    r"(?:\s*[,(—-]?\s*"
    r"(?:for\s+brevity|from\s+(?:before|above|round\s+\d+)|as\s+before|unchanged)\)?)?"
)
_STANDS_IN = re.compile(rf"(?:{'|'.join(_PHRASES)}){_TAIL}", re.IGNORECASE)
_AFTER_DOTS = re.compile(
    rf"(?:{'|'.join(_PHRASES)}|(?:the\s+)?(?:rest|remainder)\b.*"
    rf"|(?:keep\s+)?(?:existing|previous|original|other|remaining|more|same)\s+(?:\w+\s+){{0,2}}?{_THING}\b.*"
    rf"|(?:unchanged|omitted|snip)\b.*){_TAIL}",
    re.IGNORECASE,
)


def elisions(path: str, text: str) -> Iterator[tuple[int, str]]:
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
    if re.match(rf"{_DOTS}|\[", remark):
        return not words or bool(_AFTER_DOTS.fullmatch(words))
    return bool(_STANDS_IN.fullmatch(words))


def _is_dotted_remark(remark: str) -> bool:
    """Outside of comments only plain wording counts: `...rest` is code, and `… more` prose."""
    return " " in remark.strip() and bool(_STANDS_IN.fullmatch(_words(remark)))


def _words(remark: str) -> str:
    """Return the remark without dots, brackets and punctuation around it."""
    return re.sub(rf"^(?:{_DOTS}|[\s\[(<*=-])+|(?:{_DOTS}|[\s\])>.*=!:-])+$", "", remark.strip())
