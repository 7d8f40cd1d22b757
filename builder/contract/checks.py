"""What JavaScript checks name for certain: files that they fetch, elements that they query."""

import re
from collections.abc import Iterable
from urllib.parse import unquote

from builder.errors import UnsafePath
from builder.request import Check
from builder.site import safe_path

_STRING = r"""(?:"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`)"""
_FETCHED = re.compile(rf"\bfetch\(\s*(?P<literal>{_STRING})\s*(?P<next>[),+])")
_QUERIED = re.compile(
    rf"(?:\b(?:querySelector(?:All)?|closest|matches)|(?<![\w.])\${{1,2}})\(\s*({_STRING})"
)
_BY_ID = re.compile(rf"\bgetElementById\(\s*({_STRING})")
_ID = re.compile(r"#([A-Za-z_][\w-]*)(?![\w-]*\$\{)")
_IN_BRACKETS = re.compile(r"\[[^\]]*\]")
_MAY_BE_ABSENT = re.compile(
    r"\b4(?:04|10)\b(?!\.\w)|>=?\s*(?:400|399)\b|![^;!]{0,120}\.ok\b|\bfalse\b"
)
"""With any of these a script may want the file to be absent: then it is left to the script."""
_MAX_SOURCE = 50_000
"""Characters of a check that are looked at."""


def fetched_files(check: Check) -> list[str]:
    """Return the relative paths of files that a JavaScript check fetches and wants to be there."""
    source = check.source[:_MAX_SOURCE]
    if not check.is_javascript or _MAY_BE_ABSENT.search(source):
        return []
    paths = [_path(found["literal"][1:-1], found["next"]) for found in _FETCHED.finditer(source)]
    return list(dict.fromkeys(filter(None, paths)))


def selectors(checks: Iterable[Check]) -> list[str]:
    """Return every CSS selector that JavaScript checks query, each once."""
    scripts = [check.source[:_MAX_SOURCE] for check in checks if check.is_javascript]
    queried = [found[1][1:-1] for script in scripts for found in _QUERIED.finditer(script)]
    by_id = [f"#{found[1][1:-1]}" for script in scripts for found in _BY_ID.finditer(script)]
    return list(dict.fromkeys(queried + by_id))


def element_ids(checks: Iterable[Check]) -> list[str]:
    """Return the element ids that JavaScript checks query, each once."""
    plain = [_IN_BRACKETS.sub("", selector) for selector in selectors(checks)]
    return list(dict.fromkeys(name for selector in plain for name in _ID.findall(selector)))


def _path(literal: str, following: str) -> str | None:
    """Return the file of the site that a literal names whole, or None."""
    path, query = re.match(r"([^?#]*)(.*)", literal, re.DOTALL).groups()  # type: ignore[union-attr]
    path = unquote(path.removeprefix("./"))
    is_whole = "${" not in path and "\\" not in path and (query or following != "+")
    if not is_whole or ":" in path or "." not in path.rsplit("/", 1)[-1]:
        return None
    try:
        return safe_path(path)
    except UnsafePath:
        return None
