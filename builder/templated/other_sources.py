"""The source that a page may be opened with in place of an attachment, and what that means."""

import re
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass

from builder.brief import prose as prose
from builder.brief.quotations import QUOTED, content
from builder.templated.asked import Asked, Context
from builder.templated.parts import Filter, Markdown, Part, Raw, SourceName
from builder.templated.sources import Kind

_PARAMETER = re.compile(r"url|src|source|file|image|img|picture|csv|data|md|markdown|path")
_KIND_WORDS: tuple[tuple[Kind, str], ...] = (
    ("markdown", r"\bmarkdown\b|\.md\b"),
    ("picture", r"\b(?:pictures?|images?|photos?)\b"),
    ("table", r"\b(?:csv|table|spreadsheet)\b"),
    ("json", r"\bjson\b"),
    ("text", r"\btext\b"),
)
_FAILS = re.compile(
    r"\b(?:can\s?not|can't|could\s?n[o']t|could\s+not|does\s+not|fails?|failed|failing|failure|"
    r"unable|errors?|broken|missing|invalid|unreachable|not\s+found)\b",
    re.IGNORECASE,
)
_LOADING = re.compile(
    r"\b(?:load\w*|fetch\w*|reach\w*|open\w*|read|images?|pictures?|files?|url|address|source)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Failure:
    """What a brief wants said when a source cannot be loaded."""

    message: str | None = None
    role: str = "status"
    element_id: str | None = None


@dataclass(frozen=True)
class OtherSource:
    """The query parameter that names another source, such as `url`, and what it is taken for."""

    parameter: str | None = None
    replaceable: str | None = None
    """The file that the parameter puts another one in place of."""
    bound: tuple[str, ...] = ()
    """The elements whose content, out of another file, is true of the replaceable one only."""

    @classmethod
    def of(cls, contexts: Sequence[Context], parts: Sequence[Part]) -> "OtherSource":
        """Read it from the briefs of all rounds."""
        parameter = _parameter(contexts)
        if parameter is None:
            return cls()
        replaceable = _replaceable(contexts, parameter, parts)
        return cls(parameter, replaceable, _bound(contexts, parameter, replaceable, parts))

    def gaps(self) -> list[str]:
        """Say what the page does not show of another source."""
        return [f"#{name} for another source than {self.replaceable}" for name in self.bound]


def _parameter(contexts: Iterable[Context]) -> str | None:
    names = (name for context in contexts for name in prose.parameters(context.brief))
    return next(filter(_PARAMETER.fullmatch, names), None)


def _replaceable(contexts: Sequence[Context], parameter: str, parts: Iterable[Part]) -> str | None:
    """Return the file of the kind that the sentence with the parameter speaks of."""
    sources = contexts[-1].sources
    for context in contexts:
        for sentence in prose.sentences(context.brief):
            if parameter in prose.parameters(sentence):
                kinds = (kind for kind, words in _KIND_WORDS if re.search(words, sentence, re.I))
                asked = Asked(prose.Mention("", sentence, sentence), sentence, context)
                found = next(filter(None, map(asked.file, kinds)), None)
                if found:
                    return found
    used = (part.file for part in parts if part.file in sources.contents)
    return next(used, None)


def _bound(
    contexts: Iterable[Context], parameter: str, replaceable: str | None, parts: Iterable[Part]
) -> tuple[str, ...]:
    """Return the elements that are to tell of the given source and are made from another file."""
    about = {
        mention.id
        for context in contexts
        for sentence in prose.sentences(context.brief)
        if parameter in prose.parameters(sentence)
        for mention in prose.mentions(sentence)
        if not context.sources.first_named(mention.words)
    }
    return tuple(
        part.id
        for part in parts
        if part.id in about and part.file not in {"", replaceable} and _tells(part)
    )


def _tells(part: Part) -> bool:
    is_value = part.is_compact and not isinstance(part, Filter | SourceName)
    return is_value or isinstance(part, Raw | Markdown)


def failure(contexts: Sequence[Context], blank: Container[str]) -> Failure:
    """Return what the briefs want said when a source cannot be loaded; the latest wins.

    Of the elements only one that is `blank` can say it.
    """
    for context in reversed(contexts):
        for sentence in prose.sentences(context.brief):
            if is_of_failure(sentence):
                found = _failure(sentence, blank)
                if found.message or found.role == "alert":
                    return found
    return Failure()


def is_of_failure(sentence: str) -> bool:
    """Say whether a sentence speaks of a source that cannot be loaded."""
    return bool(_FAILS.search(sentence) and _LOADING.search(sentence))


def _failure(sentence: str, blank: Container[str]) -> Failure:
    phrases = (content(quoted) for quoted in QUOTED.finditer(sentence))
    message = next((phrase for phrase in phrases if re.search(r"\w\s+\w", phrase)), None)
    ids = [name for name in prose.element_ids(sentence) if message and name in blank]
    return Failure(
        message=message,
        role="alert" if re.search(r"\brole\s*=?\s*[\"'`“]?alert\b", sentence) else "status",
        element_id=ids[-1] if ids else None,
    )
