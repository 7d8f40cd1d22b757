"""What briefs and checks ask for, file by file: deliver it, or leave it out.

Prose is read by rules that are plain or leave it at a guess: only plain wording makes a verdict
certain.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from builder.brief.absence_wording import forbids, spares
from builder.brief.file_mentions import FileMention, file_mentions, group_mentions
from builder.brief.presence_wording import requires
from builder.brief.script_files import script_files
from builder.request import Check

_AS_EXAMPLE = re.compile(
    r"\b(?:such\s+as|like|eg,|e\.g\.|for\s+example|for\s+instance|similar\s+to)[^.]{0,20}$", re.I
)


@dataclass(frozen=True)
class Verdict:
    """What one mention says: whether the file is wanted, and whether the wording is plain."""

    path: str
    is_wanted: bool
    is_certain: bool
    evidence: str


def verdicts_of_brief(brief: str) -> list[Verdict]:
    """Return what a brief says about files."""
    return [verdict for mention in file_mentions(brief) for verdict in _verdicts(mention)]


def verdicts_of_checks(checks: Iterable[Check]) -> list[Verdict]:
    """Return what checks say about files."""
    return [
        verdict
        for check in checks
        for verdict in (
            _of_script(check.source) if check.is_javascript else _of_words(check.source)
        )
    ]


def banned_groups(prose: str, *, is_check: bool = False) -> list[Verdict]:
    """Return what prose forbids beside single files: `node_modules/`, `*.log`, `jquery.min.js`."""
    said = ((mention, forbids(mention, is_check=is_check)) for mention in group_mentions(prose))
    return [
        Verdict(mention.path, False, is_certain, mention.clause)
        for mention, is_certain in said
        if is_certain is not None
    ]


def _of_script(source: str) -> list[Verdict]:
    return [
        Verdict(file.path, file.is_wanted, file.is_certain, source) for file in script_files(source)
    ]


def _of_words(words: str) -> list[Verdict]:
    return [
        verdict for mention in file_mentions(words) for verdict in _verdicts(mention, is_check=True)
    ]


def _verdicts(mention: FileMention, *, is_check: bool = False) -> list[Verdict]:
    """Return the one verdict on a mention, or none where it is an example or left open."""
    if spares(mention):
        return []
    forbidden = forbids(mention, is_check=is_check)
    if forbidden is not None:
        return [Verdict(mention.path, False, forbidden, mention.clause)]
    if _AS_EXAMPLE.search(mention.before):
        return []
    return [Verdict(mention.path, True, requires(mention, is_check=is_check), mention.clause)]
