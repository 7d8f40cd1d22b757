"""What JavaScript checks ask of the page: the selectors in them, the classes, the attributes."""

import re
from collections.abc import Iterable

from builder.request import Check

_STRING = r"""(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`)"""
_QUERY = re.compile(rf"\b(?:querySelector(?:All)?|closest|matches)\(\s*({_STRING})")
_BY_ID = re.compile(rf"\bgetElementById\(\s*({_STRING})")
_DATASET = re.compile(r"\.dataset\.([A-Za-z]\w*)|getAttribute\(\s*[\"'`]data-([\w-]+)")


def selectors(checks: Iterable[Check]) -> list[str]:
    """Return every CSS selector that a JavaScript check queries, each once."""
    scripts = [check.source for check in checks if check.is_javascript]
    queried = [match[1][1:-1] for script in scripts for match in _QUERY.finditer(script)]
    by_id = [f"#{match[1][1:-1]}" for script in scripts for match in _BY_ID.finditer(script)]
    return list(dict.fromkeys(queried + by_id))


def ids(checks: Iterable[Check]) -> list[str]:
    """Return the element ids that checks query, each once."""
    found = [name for one in selectors(checks) for name in re.findall(r"#([A-Za-z][\w-]*)", one)]
    return list(dict.fromkeys(found))


def below(element_id: str, checks: Iterable[Check]) -> str:
    """Return what checks look for inside of an element, as the rest of their selectors."""
    pattern = re.compile(rf"#{re.escape(element_id)}(?![\w-])(.*)")
    rests = [match[1] for one in selectors(checks) for match in [pattern.search(one)] if match]
    return " ".join(rests).strip()


def item_class(element_id: str, checks: Iterable[Check]) -> str | None:
    """Return the class of the items that checks count inside of an element."""
    found = re.search(r"\.([A-Za-z][\w-]*)", below(element_id, checks))
    return found[1] if found else None


def item_attribute(element_id: str, checks: Iterable[Check]) -> str | None:
    """Return `total` where a check on this element reads `dataset.total`."""
    for check in checks:
        if check.is_javascript and re.search(rf"#{re.escape(element_id)}(?![\w-])", check.source):
            found = _DATASET.search(check.source)
            if found:
                name = found[1] or found[2]
                return re.sub(r"([A-Z])", lambda letter: "-" + letter[1].lower(), name)
    return None
