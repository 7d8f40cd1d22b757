"""What a JavaScript check says about files: which it fetches, and whether they are to be there."""

import re
from dataclasses import dataclass

from builder.brief.file_mentions import names_in_script

_FETCH = re.compile(r"\bfetch\(\s*[\"'`](?:\./)?(?P<name>[^\"'`\n]+)[\"'`]")
_FETCHED = r"\(\s*await\s+fetch\([^()]*\)\s*\)"
_NO_RESPONSE = (
    r"!\s*\w+\.ok\b|\.ok\s*(?:===?\s*(?:false|!1)|!==?\s*true)\b|\bfalse\s*===?\s*\(?[^=]{0,80}\.ok\b|"
    rf"!\s*{_FETCHED}\.ok\b|\bstatus\s*(?:===?\s*(?:404|410)|!==?\s*200|>=?\s*(?:400|399))\b|"
    r"\b404\s*===?|\bstatus[\s),]*\.?(?:toBe|toEqual|equal)?\w*\(?\s*,?\s*404\b|\b404\b[^\]\n]*\]\.includes\([^;]{0,80}?\.status\b"
)
_ABSENT = re.compile(_NO_RESPONSE)
_RESPONSE = re.compile(
    r"\.ok\b|\.(?:json|text|blob|arrayBuffer|formData)\(|\bstatus\s*(?:===?\s*200|!==?\s*404|<\s*[34]00)\b|"
    r"\b200\s*===?"
)
_REFUSES = re.compile(
    rf"\bif\s*\([^;{{]{{0,120}}?(?:{_NO_RESPONSE})[^;{{]{{0,40}}?\)\s*\{{?\s*(?:throw\b|return\s+(?:false|0|null|!1)\b)"
)
"""`if (!r.ok) throw …` wants the response after all."""
_NEARBY = 60
"""Characters before a fetch in which its expression begins."""


@dataclass(frozen=True)
class ScriptFile:
    """A file that a script names; `is_certain` where the script alone decides."""

    path: str
    is_wanted: bool
    is_certain: bool


def script_files(source: str) -> list[ScriptFile]:
    """Return what a script says about each file that it names in a string of its own."""
    in_all = _wants(source)
    fetched = _fetched(source, in_all)
    return [_of_name(name, fetched.get(name, []), in_all) for name in names_in_script(source)]


def _of_name(name: str, said: list[bool | None], in_all: bool | None) -> ScriptFile:
    """A file that a script fetches must be there; a name that it compares with need not."""
    if len(set(said)) == 1 and said[0] is not None:
        return ScriptFile(name, is_wanted=said[0], is_certain=True)
    return ScriptFile(name, is_wanted=bool(said) or in_all is not False, is_certain=False)


def _fetched(source: str, in_all: bool | None) -> dict[str, list[bool | None]]:
    """Return for each fetched name what the script wants of each response, up to the next fetch.

    Where several responses are compared later on, they cannot be told apart: then it is `in_all`.
    """
    found = list(_FETCH.finditer(source))
    ends = [*(match.start() for match in found[1:]), len(source)]
    said: dict[str, list[bool | None]] = {}
    for match, end in zip(found, ends, strict=False):
        part = source[_start_of_expression(source, match.start()) : end]
        is_told = len(found) > 1 and (_RESPONSE.search(part) or _ABSENT.search(part))
        said.setdefault(match["name"], []).append(_wants(part) if is_told else in_all)
    return said


def _start_of_expression(source: str, at: int) -> int:
    """Return where the negation, the comparison and the parentheses before a fetch begin."""
    near = max(0, at - _NEARBY)
    before = re.search(r"(?:\b(?:404|false)\s*===?\s*)?[!(\s]*(?:await\s+)?$", source[near:at])
    return near + before.start() if before else at


def _wants(script: str) -> bool | None:
    """Return whether a script wants a response, or None where it looks for either."""
    kept = _REFUSES.sub(" ", script)
    rest = _ABSENT.sub(" ", kept)
    is_refused, is_read = rest != kept, bool(_RESPONSE.search(rest))
    if is_refused:
        return None if is_read else False
    if re.search(r"\b404\b", re.sub(r"!==?\s*404\b", "", kept)):
        return None
    return True
