"""Signs that a file was delivered in part: "… the rest stays the same" in place of its lines.

Only a short line that says nothing else counts: a comment, or a remark in brackets or after dots.
"""

import re
from collections.abc import Iterator

_MAX_LINE = 120
_MAX_WORDS = 9
_PROSE = (".md", ".markdown", ".txt", ".rst")
_HASH_COMMENTS = (".py", ".yml", ".yaml", ".toml", ".sh", ".rb", ".r", ".env", ".ini", ".cfg")
_MARKUP = ("<!--", "-->")
_COMMENTS = (_MARKUP, ("{/*", "*/}"), ("/*", "*/"), ("//", ""))
_DOTS = ("...", "…")
_LEFT_OUT = {"rest", "remainder", "remaining", "existing", "previous", "other", "else"}
_AS_IT_WAS = {"unchanged", "same", "before", "here", "remains", "stays", "omitted", "brevity"}


def omissions(path: str, text: str) -> Iterator[tuple[int, str]]:
    """Yield (line number, text) of each line that stands in for lines left out."""
    for number, line in enumerate(text.split("\n"), start=1):
        remark = line.strip()
        if 3 <= len(remark) <= _MAX_LINE and _stands_in(path.lower(), remark):
            yield number, remark


def _stands_in(path: str, line: str) -> bool:
    comment = _comment(path, line)
    remark = line.strip("*_ ") if comment is None else comment
    is_bracketed = remark[:1] + remark[-1:] in {"[]", "()"}
    inner = remark[1:-1].strip() if is_bracketed else remark
    if comment is None and not is_bracketed and not inner.startswith(("... ", "… ")):
        return False
    words = re.findall(r"[a-z]+", inner.lower())
    left_out, as_it_was = _LEFT_OUT & {*words}, _AS_IT_WAS & {*words}
    if comment is not None and inner.startswith(_DOTS) and len(words) <= _MAX_WORDS // 2:
        return not words or bool(left_out or as_it_was)
    says_both = bool(left_out and as_it_was) or len(as_it_was) > 1 or words == ["unchanged"]
    return says_both and len(words) <= _MAX_WORDS


def _comment(path: str, line: str) -> str | None:
    """Return what the comment says that the line consists of."""
    if path.endswith(_HASH_COMMENTS):
        return line.lstrip("#").strip() if line.startswith("#") else None
    for start, end in (_MARKUP,) if path.endswith(_PROSE) else _COMMENTS:
        if line.startswith(start) and line.endswith(end):
            return line.removeprefix(start).removesuffix(end).strip("/* ")
    return None
