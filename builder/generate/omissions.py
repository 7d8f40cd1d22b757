"""Signs that a file was delivered in part: "… the rest stays the same" in place of its lines.

Only a line that says nothing else counts, a comment of its own or a remark in brackets or after
dots; and every word of it has to be one that such remarks are made of.
"""

import re
from collections.abc import Iterator

_MAX = 120
"""Longest line that stands in for others, in characters."""
_PROSE = (".md", ".markdown", ".txt", ".rst")
_HASH_COMMENTS = (".py", ".yml", ".yaml", ".toml", ".sh", ".rb", ".r", ".env", ".ini", ".cfg")
_MARKUP = ("<!--", "-->")
_MARKS = (_MARKUP, ("{/*", "*/}"), ("/*", "*/"), ("//", ""))
_DOTS = ("...", "…")
_REST = frozenset({"rest", "remainder"})
_ALONE = frozenset({"unchanged", "omitted", "truncated", "snip", "snipped"})
_STRONG = _REST | _ALONE | {"same", "before", "identical", "existing", "previously"}
_WEAK = frozenset({"remaining", "other", "previous", "original", "round", "else"})
_PLACES = frozenset({"here", "as", "stay", "stays", "remain", "remains"})
_FILLERS = (
    "the your my this all of is are was were be it they left kept keep keeps exactly for brevity "
    "above below goes go from to up until on in last version reply no change changes more code "
    "file content contents page script scripts style styles css html markup function functions "
    "method methods implementation logic section sections sheet stylesheet rule rules class "
    "classes component components import imports body document row rows entries line lines "
    "handler handlers element elements javascript everything continues"
)
_KNOWN = _STRONG | _WEAK | _PLACES | frozenset(_FILLERS.split())


def omissions(path: str, text: str) -> Iterator[tuple[int, str]]:
    """Yield (line number, text) of each line that stands in for lines left out."""
    for number, line in enumerate(text.split("\n"), start=1):
        remark = line.strip()
        if 3 <= len(remark) <= _MAX and _stands_in(path.lower(), remark):
            yield number, remark


def _stands_in(path: str, line: str) -> bool:
    comment = _comment(path, line)
    remark = line.strip("*_ ") if comment is None else comment
    is_bracketed = remark[:1] in {"[", "("} and remark[-1:] in {"]", ")"}
    inner = remark[1:-1].strip() if is_bracketed else remark
    starts_with_dots = inner.startswith(_DOTS)
    words = re.findall(r"[a-z]+", inner.lower())
    if not words:
        return comment is not None and starts_with_dots
    if is_bracketed and _tells_the_rest(words):
        return True
    if comment is not None and starts_with_dots and len(words) <= 5:
        return bool({*words} & (_STRONG | _WEAK) - {"before"})
    if comment is None and not is_bracketed and not inner.startswith(("... ", "… ")):
        return False
    return {*words} <= _KNOWN and _says_so({*words}, len(words))


def _says_so(words: set[str], count: int) -> bool:
    if count == 1:
        return bool(words & _ALONE)
    return bool(words & _STRONG) or (bool(words & _WEAK) and bool(words & _PLACES))


def _tells_the_rest(words: list[str]) -> bool:
    """Whatever the rest is of, it is said to be as it was."""
    as_before = "as" in words and bool({"before", "round", "previous", "last"} & {*words})
    return bool(_REST & {*words}) and (as_before or bool((_ALONE | {"same"}) & {*words}))


def _comment(path: str, line: str) -> str | None:
    """Return what the comment says that the line consists of."""
    if path.endswith(_HASH_COMMENTS):
        return line.lstrip("#").strip() if line.startswith("#") else None
    for start, end in (_MARKUP,) if path.endswith(_PROSE) else _MARKS:
        if line.startswith(start) and line.endswith(end):
            return line.removeprefix(start).removesuffix(end).strip("/* ")
    return None
