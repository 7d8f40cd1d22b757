"""What JavaScript checks say for certain about the page: its title, and elements by id.

Only string literals and selectors of a check are read. No number or text that a check expects is
ever put on the page to please it: an expectation only says where existing content belongs.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from builder.request import Check

MAX_CHECK = 10_000
"""Characters of a check that are read."""
_LITERAL = r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|`(?:[^`\\$]|\\.)*`"
_TITLE = re.compile(rf"\bdocument\.title(?:\.trim\(\))?\s*===?\s*({_LITERAL})")
_QUERY = re.compile(
    rf"(?:(?P<parse>JSON\.parse\(\s*)?document\.)?(?P<how>querySelector(?:All)?|getElementById)\("
    rf"\s*(?P<selector>{_LITERAL})\s*\)(?:\??\.(?:textContent|innerText)(?:\.trim\(\))?"
    rf"(?:\s*(?P<equal>===?)\s*|\.includes\(\s*)(?P<expected>{_LITERAL})"
    rf"|\.length\s*===?\s*(?P<count>\d{{1,9}}))?"
)
_ID = re.compile(r"(?P<tag>[a-z][a-z0-9]*)?#(?P<id>[A-Za-z_][\w-]*)(?P<rest>[^,]*)")
_ROWS = re.compile(r"\btbody\s*>?\s*tr\s*$")
_TAG = re.compile(r"(?<![\w.#:\[=\"'-])[a-z][a-z0-9]*")


@dataclass(frozen=True)
class Expectation:
    """There is an element with this id; with `tag`, an element of that kind.

    `inner` are the tags of elements inside it. `words` have to be in its text, or, with `is_whole`,
    be its text. With `is_json`, its text parses as JSON.
    """

    id: str
    tag: str = ""
    inner: frozenset[str] = frozenset()
    words: str = ""
    is_whole: bool = False
    is_json: bool = False
    rows: int | None = None
    """Number of rows in its table body."""


def title(checks: Iterable[Check]) -> str | None:
    """Return the title that the last check on it expects."""
    found = [_text(match[1]) for source in _scripts(checks) for match in _TITLE.finditer(source)]
    return next((text for text in reversed(found) if text.strip()), None)


def expectations(checks: Iterable[Check]) -> list[Expectation]:
    """Return what checks expect of elements by id, in order."""
    found = (one for source in _scripts(checks) for one in _expectations(source))
    return list(dict.fromkeys(found))


def _scripts(checks: Iterable[Check]) -> list[str]:
    return [check.source[:MAX_CHECK] for check in checks if check.is_javascript]


def _expectations(source: str) -> Iterator[Expectation]:
    for query in _QUERY.finditer(source):
        selector = _text(query["selector"])
        by_id = f"#{selector}" if query["how"] == "getElementById" else selector
        match = _ID.search(by_id)
        if match is None:
            continue
        inner = frozenset(_TAG.findall(match["rest"]))
        yield Expectation(
            id=match["id"],
            tag=match["tag"] or "",
            inner=inner,
            words=_text(query["expected"]) if query["expected"] else "",
            is_whole=bool(query["equal"]) and not match["rest"].strip(),
            is_json=bool(query["parse"]),
            rows=int(query["count"]) if query["count"] and _ROWS.search(match["rest"]) else None,
        )


def _text(literal: str) -> str:
    """Return the value of a JavaScript literal; of escapes, only quotes, line ends and tabs."""
    return re.sub(
        r"\\(.)", lambda found: {"n": "\n", "t": "\t"}.get(found[1], found[1]), literal[1:-1]
    )
