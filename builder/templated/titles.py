"""The title of a page: as briefs and checks give it, or made from the name of the task."""
# Briefs come with typographic quotation marks and dashes.
# ruff: noqa: RUF001

import re
from collections.abc import Iterable, Iterator

from builder.brief.prose import capitalized, files, humanized
from builder.brief.quotations import MARK, QUOTED, content
from builder.request import Check

_PLACE = r"(?:(?:web\s*)?page|(?:web\s*)?site|(?:web\s*)?app|application|dashboard|report)"
_TITLED = (
    rf"\b(?:title[ds]?|<title>|document\.title)\b(?P<between>[^\"“«'‘`.\n]{{0,40}}?)(?={MARK})",
    rf"\b{_PLACE}\s+(?:is\s+|that is\s+)?(?:called|named|entitled|headed)\s*(?={MARK})",
    rf"\b(?<!another )(?:an?|single|new|this|the following)\s+(?!(?:second|further|sub)\b)"
    rf"(?:[\w-]+\s+){{0,4}}?{_PLACE}\s*[:,]?\s*(?={MARK})",
)
_ANOTHER_PAGE = re.compile(
    r"\b(?:add|link\w*|points?|leads?|second|another|extra|navigat\w*|opens?|"
    r"if|when|says?|shows?|displays?)\b[^.]*$",
    re.IGNORECASE,
)
"""Before a page in quotes: then it is not the one to make."""
_TITLE_ELEMENT = re.compile(r"<title>\s*([^<\n]+?)\s*</title>", re.IGNORECASE)
_TITLE_LINE = re.compile(r"^[\s*-]*(?:page )?title:\s*([^\n\"“'`]+?)\.?\s*$", re.I | re.M)

_OF_PAGE = (
    r"(?:document\.title|querySelector\(\s*[\"'`](?:head\s*>?\s*)?title[\"'`]\s*\)\??"
    r"\.(?:textContent|innerText|text))(?:\??\.(?:trim|toLowerCase|toUpperCase)\(\))*"
)
_LITERAL = r"(?P<literal>\"(?:[^\"\\\n])+\"|'(?:[^'\\\n])+'|`(?:[^`\\$\n])+`)"
_IS = (
    re.compile(rf"{_OF_PAGE}\s*===?\s*{_LITERAL}"),
    re.compile(rf"{_LITERAL}\s*===?\s*(?:\w+\.)?{_OF_PAGE}"),
)
_HAS = (
    re.compile(rf"(?<!!){_OF_PAGE}\??\.(?:includes|startsWith|endsWith)\(\s*{_LITERAL}"),
    re.compile(rf"(?<!!){_OF_PAGE}\??\.match\(\s*/(?P<pattern>[^/\n]+)/"),
    re.compile(rf"(?<!!)/(?P<pattern>[^/\n]+)/\w*\.test\(\s*{_OF_PAGE}"),
)
_PLAIN_PATTERN = re.compile(r"\^?([\w ,:;'\"&!–—-]+)\$?")

_SUFFIX = re.compile(r"[-_](?:\d+|(?=[a-f]*\d)[0-9a-f]{3,})$", re.IGNORECASE)
"""What a task's name ends in to be unlike others: `-4f1a`, `-55`."""
_YEAR = re.compile(r"[-_](?:19|20)\d\d$")


def title(*rounds: tuple[str, Iterable[Check]]) -> str | None:
    """Return the title that the rounds, each a brief and its checks, give; a later one wins.

    What a check compares with is the title; what a check looks for in the title is in it.
    """
    wanted: list[str] = []
    for text, checks in reversed(rounds):
        sources = [check.source for check in checks if check.is_javascript]
        wanted = [*_literals(_HAS, sources), *wanted]
        compared = next(_literals(_IS, sources), None)
        told = compared or _in_prose(text)
        if told and all(part.lower() in told.lower() for part in wanted):
            return told
        if told:
            break
    return _joined(wanted)


def _in_prose(text: str) -> str | None:
    for pattern in _TITLED:
        for match in re.finditer(pattern, text, re.IGNORECASE):
            quoted = QUOTED.match(text, match.end())
            if quoted and "#" not in match[0] and _is_title(text, match, content(quoted)):
                return content(quoted)
    line = _TITLE_ELEMENT.search(text) or _TITLE_LINE.search(text)
    return line[1].strip() if line else None


def _is_title(text: str, match: re.Match[str], phrase: str) -> bool:
    """Say whether the phrase after a word for the page is its title: no file, no other page."""
    if re.search(r"\b(?:title[ds]?|called|named|entitled|headed)\b", match[0], re.IGNORECASE):
        return True
    return not files(phrase) and not _ANOTHER_PAGE.search(text[: match.start()])


def _literals(patterns: Iterable[re.Pattern[str]], sources: Iterable[str]) -> Iterator[str]:
    """Yield the texts that checks hold against the title, in order."""
    expressions = list(patterns)
    for source in sources:
        for expression in expressions:
            for match in expression.finditer(source):
                found = match.groupdict()
                literal = found.get("literal") or ""
                plain = _PLAIN_PATTERN.fullmatch(found.get("pattern") or "")
                phrase = (plain[1] if plain else literal[1:-1]).strip()
                if phrase:
                    yield phrase


def _joined(parts: Iterable[str]) -> str | None:
    """Return a title that has all parts in it."""
    made = ""
    for part in parts:
        if part.lower() not in made.lower():
            made = f"{made} {part}".strip()
    return capitalized(made) or None


def made_up(task: str) -> str:
    """Return the name of a task as a title, less what only makes the name unlike others."""
    name = task
    while _SUFFIX.search(name) and not _YEAR.search(name):
        name = _SUFFIX.sub("", name)
    return humanized(name) or humanized(task)
