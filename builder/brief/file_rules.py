"""What the wording around a file's name asks for: deliver it, leave it out, change it, or keep it.

Prose is read by rules that are plain or leave it at a guess: only plain wording makes a verdict
certain.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from builder.brief.file_mentions import PLACEHOLDER, FileMention, file_mentions, names_in_script
from builder.request import Check

_ARTICLE = r"(?:an?|the|any|your|real|actual|valid|both|files?|named|called)\b"
_NAMES = rf"(?>[\s,`\"'“”*]|and\b|or\b|{_ARTICLE}|{PLACEHOLDER}|[\w.-]+(?=,|\s+(?:or|and)\s))*+"
"""Other names in the same list of names."""
_QUOTE = r"[\s`\"'“”*_)]*"
_NOT = r"(?:\bnot\b|\w*n[o']t\b|\bcannot\b|\bnever\b|\bwithout\b|\bavoid\b|\bno\b)"
_REPO = r"(?:repo(?:sitory)?|site|commits?|history|project)\b"
_COMMIT = (
    r"(?:commit|publish|push|upload|deploy|ship|track|deliver|check(?:ed|ing)?\s+in)"
    r"(?:t?(?:ed|ing)|ed|s)?\b"
)
_INCLUDE = r"(?:includ|add|keep|serv|hav|contain|leav)(?:e[ds]?|ed|ing|s)?\b"
_PUT = rf"(?:{_COMMIT}|{_INCLUDE})"

_FORBIDS_AFTER = re.compile(
    rf"{_QUOTE}{_NAMES}\s*(?:"
    rf"(?:must|should|may|shall|can|to|is|are|was|were|has|have|will|do|does)?\s*(?:be\s+|been\s+)?{_NOT}\s*"
    rf"(?:to\s+)?(?:be\s+|been\s+)?(?:(?:commit|publish|push|upload|deploy|shipp|track|deliver|includ|"
    rf"add|serv|checked\s+in)(?:ted|ed)?\b|(?:(?:end\s+up\s+)?in|part\s+of)\s+(?:the\s+)?(?:git\s+)?{_REPO}|present\b|there\b)|"
    rf"(?:must|should|may|do|does|shall)?\s*{_NOT}\s+exists?\b|"
    r"(?:is|are)\s+(?:absent|git-?ignored|missing|removed|deleted|gone)\b)",
    re.IGNORECASE,
)
_FORBIDS_BEFORE = re.compile(
    rf"(?:{_NOT}\s+(?:to\s+)?(?:ever\s+)?{_COMMIT}|"
    rf"^[\s\W]*(?:please\s+)?(?:do\s+not|don't|never|avoid)\s+(?:ever\s+)?{_INCLUDE}|"
    rf"{_REPO}[^.]{{0,30}}{_NOT}\s+(?:to\s+)?{_INCLUDE}|"
    rf"{_REPO}\s+(?:\w+\s+)?(?:contains?|has|have|includes?)\s+no\b|"
    rf"^\s*no\b)\s*{_NAMES}$",
    re.IGNORECASE,
)
_MAY_FORBID = re.compile(rf"{_NOT}\s+(?:{_PUT}\s+)?{_QUOTE}(?:{_ARTICLE}\s+)?$", re.IGNORECASE)
_REMOVES = re.compile(
    r"(?:^|[,;:]|\band\b|\bthen\b|\bplease\b)\s*(?:remove|delete|drop)\s+"
    rf"(?:(?:the|old|file|files|obsolete|page|pages)\s+)*{_NAMES}$",
    re.IGNORECASE,
)

_RUNTIME = re.compile(
    r"\b(?:users?|visitors?|click\w*|button|downloads?|downloading|downloaded|downloadable|exports?|"
    r"exported|exporting|uploads?|uploaded|uploading|drag\w*|dropped|lets?|allow\w*|enabl\w+|"
    r"at\s+run\s*-?time|in\s+the\s+browser|localstorage|saved?\s+as|prompts?)\b",
    re.IGNORECASE,
)
_AS_EXAMPLE = re.compile(
    r"\b(?:such\s+as|like|eg,|e\.g\.|for\s+example|for\s+instance|similar\s+to)[^.]{0,20}$", re.I
)
_CREATES = re.compile(
    r"\b(?:creat|publish|includ|add|writ|provid|deliver|commit|mak|produc|generat|build|ship|host|"
    r"serv|prepar|author|compos|design)(?:e|es|s|ing)?\b|\b(?:called|named)\b|"
    r"\b(?:publish|commit|deliver|serve|save|put)\b[^;]{0,60}?\b(?:as|at|under)\b(?!\s+(?:it|is)\b)",
    re.IGNORECASE,
)
_OTHER_RELATION = re.compile(
    r"\b(?:that|which|to|from|using|with|into|when|where|so|for|by|via|of|in|on|if|than|per|shows?|"
    r"displays?|loads?|fetch\w*|reads?|uses?|links?|parses?|renders?|sums?)\b",
    re.IGNORECASE,
)
_MAX_WORDS = 5
"""Words that a verb and the name of its object may be apart."""
_EXISTS = re.compile(
    rf"{_QUOTE}{_NAMES}\s*(?:files?\s+)?(?:must\s+|should\s+|both\s+|all\s+|to\s+|needs?\s+to\s+)*(?:be\s+|is\s+|are\s+)?"
    r"(?:exists?|present|needed|committed|published|served|available|reachable|required|delivered|"
    r"in\s+the\s+(?:repo|root|site)|returns?\s+(?:http\s+)?200)\b",
    re.IGNORECASE,
)
_REPO_HAS = re.compile(
    r"\b(?:repo(?:sitory)?|site|root|commit|project)\s+(?:must\s+|should\s+|also\s+)?(?:has|have|contains?|includes?)\s+"
    rf"{_NAMES}$",
    re.IGNORECASE,
)
_SOMEBODY_ELSE = re.compile(
    r"\b(?:that|which|who|when|if|once|it|app|page|script|they)\b[^,]*$", re.I
)
"""Before a verb: then it tells what the app does, not what to deliver."""
_GIVEN = re.compile(
    r"\b(?:attach\w*|given|provided|inputs?|existing|already|sample|supplied|source\s+data)\b", re.I
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


def _of_script(source: str) -> list[Verdict]:
    """A file that a script fetches must be there; a name that it compares with need not."""
    return [
        Verdict(
            name,
            True,
            bool(re.search(rf"\bfetch\(\s*[\"'`]{re.escape(name)}[\"'`]", source)),
            source,
        )
        for name in names_in_script(source)
    ]


def _of_words(words: str) -> list[Verdict]:
    return [
        verdict for mention in file_mentions(words) for verdict in _verdicts(mention, is_check=True)
    ]


def _verdicts(mention: FileMention, *, is_check: bool = False) -> list[Verdict]:
    """Return the one verdict on a mention, or none where the name is an example only."""
    forbidden = _forbids(mention)
    if forbidden is not None:
        return [Verdict(mention.path, False, forbidden, mention.clause)]
    if _AS_EXAMPLE.search(mention.before):
        return []
    return [Verdict(mention.path, True, _requires(mention, is_check=is_check), mention.clause)]


def _forbids(mention: FileMention) -> bool | None:
    """Return whether the wording forbids the file plainly, or None where it does not forbid it."""
    if _is_negative_list(mention):
        return True
    if _FORBIDS_AFTER.match(mention.after):
        return True
    if _FORBIDS_BEFORE.search(mention.before) or _REMOVES.search(mention.before):
        return True
    return False if _MAY_FORBID.search(mention.before) else None


def _is_negative_list(mention: FileMention) -> bool:
    return mention.leads_item and bool(
        re.search(
            rf"{_NOT}\s+(?:be\s+)?{_PUT}|\b(?:exclude|leave\s+out|forbidden)\b", mention.intro, re.I
        )
    )


def _requires(mention: FileMention, *, is_check: bool) -> bool:
    """Return whether the wording plainly asks for the file."""
    if _RUNTIME.search(mention.clause) and not _EXISTS.match(mention.after):
        return False
    if mention.leads_item:
        return is_check or not (_GIVEN.search(mention.intro) or _RUNTIME.search(mention.intro))
    return bool(
        _EXISTS.match(mention.after)
        or _REPO_HAS.search(mention.before)
        or _is_created(mention.before)
        or (is_check and _is_subject(mention))
    )


def _is_subject(mention: FileMention) -> bool:
    """A check that begins with the name looks into that file."""
    return not re.sub(
        rf"{PLACEHOLDER}|\b(?:the|file|files|and|both)\b|[\W_]", "", mention.before, flags=re.I
    )


def _is_created(before: str) -> bool:
    """Return whether a verb of making has the name for its object."""
    return any(
        _is_object(before[verb.end() :]) and not _SOMEBODY_ELSE.search(before[: verb.start()])
        for verb in _verbs(before)
    )


def _verbs(before: str) -> Iterator[re.Match[str]]:
    """Yield verbs of making, those within "publish … as" too."""
    start = 0
    while found := _CREATES.search(before, start):
        yield found
        start = found.start() + 1


def _is_object(between: str) -> bool:
    words = re.findall(r"\w+", between)
    return len(words) <= _MAX_WORDS and not _OTHER_RELATION.search(between)
