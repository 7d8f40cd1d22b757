"""What JavaScript checks look for in the addresses of scripts and style sheets, and what not."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from builder.request import Check

_STRING = r"(?:\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`)"
_QUERY = rf"(?:[\w.]+\.)?querySelector(?:All)?\(\s*{_STRING}\s*\)"
_ABSENT = re.compile(
    rf"(?<!!)!\s*{_QUERY}(?:\.length)?|{_QUERY}\s*===?\s*(?:null|undefined)"
    rf"|{_QUERY}\.length\s*(?:===?\s*0|<\s*1)|(?<!!)!\s*window\.\w+"
    r"|typeof\s+(?:window\.)?\w+\s*===?\s*[\"'`]undefined[\"'`]|window\.\w+\s*===?\s*undefined"
    r"|!\s*\(?\s*(?:\[\.\.\.document\.scripts\]|Array\.from\(document\.scripts\))\.some\([^;]*"
)
"""An expression that is true when something is not there."""
_NAME = re.compile(r"typeof\s+(?:window\.)?(\w+)|window\.(\w+)")

_IN_SELECTOR = re.compile(
    r"(?P<tag>script|link)[^\[\]\"'`]*\[\s*(?:src|href)\s*[*^$~|]?=\s*\\?[\"']?"
    r"(?P<part>[^\"'\]\\]+)"
)
_IN_PROPERTY = re.compile(
    r"\b(?P<of>src|href)\b\)?(?:\?)?(?:\.toLowerCase\(\))?\??\."
    r"(?:includes|endsWith|startsWith|indexOf)\(\s*[\"'`](?P<part>[^\"'`]+)[\"'`]"
)
_TESTED = re.compile(r"/(?P<part>(?:[\w@-]|\\[./])+)/\w*\.test\(\s*\w+\.(?P<of>src|href)\b")
_OF_PAGE = {
    "src": re.compile(r"document\.scripts|[\"'`]script\b"),
    "href": re.compile(r"styleSheets|[\"'`]link\b"),
}
"""What an address may be of: else it may be that of a picture or of a page."""


@dataclass(frozen=True)
class AddressPart:
    """A text that the address of a script, or of a style sheet, is to have in it."""

    text: str
    is_style: bool


def address_parts(checks: Iterable[Check]) -> list[AddressPart]:
    """Return what checks look for in addresses, each once."""
    found = (part for check in checks if check.is_javascript for part in _parts(check.source))
    return list(dict.fromkeys(found))


def _parts(source: str) -> Iterator[AddressPart]:
    present = _ABSENT.sub(" ", source)
    for match in _IN_SELECTOR.finditer(present):
        yield AddressPart(match["part"].strip(), match["tag"] == "link")
    for expression in (_IN_PROPERTY, _TESTED):
        for match in expression.finditer(present):
            if _OF_PAGE[match["of"]].search(present):
                yield AddressPart(match["part"].replace("\\", ""), match["of"] == "href")


def refused_in_script(checks: Iterable[Check]) -> list[str]:
    """Return the parts of addresses, and the names of variables, that must not be there."""
    found: list[str] = []
    for check in checks:
        for absent in _ABSENT.finditer(check.source) if check.is_javascript else ():
            found += [match["part"].strip() for match in _IN_SELECTOR.finditer(absent[0])]
            found += [match["part"] for match in _IN_PROPERTY.finditer(absent[0])]
            found += [
                name for match in _NAME.finditer(absent[0]) for name in match.groups() if name
            ]
    return found
