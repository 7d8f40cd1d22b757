"""Whether a text says that an attachment is confidential: it is for whoever builds the app only."""

import re

from builder.brief.attachment_mentions import ATTACHED, OTHER, marked
from builder.brief.attachment_wording import asks_to_change
from builder.brief.wording import Wording

_QUOTE = r"[\s`\"'*_)]*"
_FILE = (
    rf"{ATTACHED}{_QUOTE}(?:\s*(?:,|,?\s*(?:and|or|nor))\s+[`\"'*]*{OTHER}{_QUOTE})*(?:file\s+)?"
)
"""The name, or the first of a list of names."""
_OTHERS = rf"(?:[`\"'*]*{OTHER}[`\"'*]*(?:\s*,\s*[`\"'*]*{OTHER}[`\"'*]*)*,?\s+(?:and|or|nor)\s+)?"
_OBJECT = (
    r"(?:(?:any\s+(?:part\s+)?of|anything\s+(?:from|in)|the\s+(?:contents?|text)\s+of)\s+)?"
    rf"(?:(?:the|this|any|your|my|our|attached|attachment|file|original|raw)\s+)*{_OTHERS}[`\"'*]*{ATTACHED}"
)
_PRONOUN = r"(?:it|this|this\s+(?:file|attachment)|the\s+(?:attached\s+)?(?:file|attachment))\b"
_NOT = (
    r"(?:\b(?:do|does|must|should|may|shall|can|please|will)\s*(?:not|n[o']t)\b|\bcannot\b|\bnever\b|"
    r"\bwithout\b)(?:\s+ever)?\s+"
)
_PLACE = (
    r"(?:repo(?:sitory)?|(?:web)?site|github|pages|commits?|git|history|delivery|web|internet|"
    r"public)\b"
)
_INTO_PUBLIC = (
    rf"\s+(?:in|into|to|on|onto)\s+(?:(?:the|your|a|any|public|git|app|github|final)\s+)*{_PLACE}"
)
_PUBLISH = (
    r"(?:publish|expos(?:e|ing)|disclos(?:e|ing)|reveal|leak|releas(?:e|ing)|commit|deploy|ship|"
    r"check\s+in)(?:t?ing)?\s+"
)
_PUT = r"(?:put|includ|add|copy|plac|stor|keep|upload|push|shar|leav|sav|writ)(?:t?ing|e)?\s+"
_STATE = (
    r"(?:(?:strictly|highly|always|completely)\s+)*(?:confidential|private|secret|unpublished|"
    r"(?:for\s+)?internal\s+(?:use\s+)?only|for\s+your\s+eyes\s+only|(?:only\s+for\s+you|for\s+you\s+only)|"
    rf"(?:off|out\s+of)\s+(?:(?:the|any|public|git)\s+)*{_PLACE})"
)
_STATE_END = r"(?=\s*(?:$|[.,;:!?()\n]|-\s|(?:and|or|but|so|as|to|by|at|for|because|since)\b))"
_PUBLIC = (
    r"(?:(?:made\s+)?public\b|published|exposed|disclosed|revealed|leaked|released|shared|committed|deployed|"
    r"(?:publicly\s+)?(?:accessible|reachable|downloadable)|"
    rf"(?:end\s+up\s+|appear\s+|land\s+|be\s+)?(?:in|on|part\s+of)\s+(?:(?:the|any|public|git)\s+)*{_PLACE})"
)

_IS_CONFIDENTIAL = (
    rf"{_FILE}(?:which\s+|that\s+)?(?:is|are|must|should|shall|ha(?:s|ve)\s+to|needs?\s+to)\s+"
    rf"(?:(?:be|stay|remain)\s+(?:kept\s+|treated\s+as\s+)?)?{_STATE}{_STATE_END}",
    rf"\bkeep\s+{_OBJECT}{_QUOTE}\s+{_STATE}{_STATE_END}",
    rf"(?<!non-)(?<!not )(?<!longer )\bconfidential\s+"
    rf"(?:(?:file|attachment)\s+)?[`\"'*]*{ATTACHED}",
    rf"{ATTACHED}{_QUOTE}\((?:strictly\s+)?(?:confidential|private|secret)\b",
)
_FORBIDS = (
    rf"{_FILE}(?:which\s+|that\s+)?(?:must|should|may|shall|can|is|are|will)\s*(?:(?:not|never|n[o']t)\s+)"
    rf"(?:to\s+)?(?:ever\s+)?(?:be\s+)?{_PUBLIC}",
    rf"{_NOT}{_PUBLISH}{_OBJECT}",
    rf"{_NOT}{_PUT}{_OBJECT}{_QUOTE}{_INTO_PUBLIC}",
    rf"{_NOT}mak(?:e|ing)\s+{_OBJECT}{_QUOTE}\s+(?:public\b|(?:publicly\s+)?(?:available|accessible)\b)",
    rf"{ATTACHED}[^{OTHER}{ATTACHED}]{{0,160}}?{_NOT}(?:{_PUBLISH}{_PRONOUN}|{_PUT}{_PRONOUN}{_INTO_PUBLIC}|"
    rf"make\s+{_PRONOUN}\s+public\b)",
)
_BUT = (
    r"(?!'s\b)(?![\s`\"*_)]*,?\s*(?:(?:as\s+(?:it\s+|they\s+)?(?:is|are|came)|as-is|unchanged|unless|until|"
    r"till|before|if|except|other\s+than|yet|twice|again|directly|without|uncompressed|with|by|via|through|"
    r"(?:in|on)\s+(?:the\s+)?(?:page|ui|console|header|footer|title|readme)|(?:in|as)\s+(?:full|plain|one)|"
    rf"is|are|has|shows?|holds|to\s+(?!(?:(?:the|public|git|app)\s+)*{_PLACE}))\b))"
)
"""Not after what forbids: it holds in a certain way only, or is about something else."""
_PATTERNS = tuple(
    Wording(pattern) for pattern in (*_IS_CONFIDENTIAL, *(forbids + _BUT for forbids in _FORBIDS))
)
_ALL_ATTACHED = re.compile(
    r"\b(?:(?:all|any|both)\s+(?:of\s+)?)?(?:(?:the|these)\s+)?(?:attachments|attached\s+files)\b"
    r"(?!\s+(?:other|except|but|like|such))",
    re.IGNORECASE,
)
_SENTENCES = re.compile(r"\n\s*\n|\n(?=\s*(?:[-*]|\d+\.)\s)")
_SECRECY = re.compile(
    r"n[o']t\b|\b(?:never|without|confidential|private|secret|unpublished|internal|eyes|for\s+you|off|"
    r"out\s+of)\b",
    re.IGNORECASE,
)
"""Without any of these words nothing is said to be confidential."""
_LONGEST = 20_000
"""Characters of a text that are looked at: beyond that no person wrote it."""


def confidentiality(name: str, text: str) -> str | None:
    """Return the wording that plainly keeps the attachment out of public, or None."""
    plain = _ALL_ATTACHED.sub(ATTACHED, marked(name, text[:_LONGEST]))
    if not _SECRECY.search(plain):
        return None
    for paragraph in _SENTENCES.split(plain):
        for pattern in _PATTERNS:
            for found in pattern.finditer(paragraph):
                if not _is_changed(found, name, text):
                    return " ".join(found[0].replace(ATTACHED, name).split())
    return None


def _is_changed(found: re.Match[str], name: str, text: str) -> bool:
    """Return whether only the original must not be public: what is made of it takes its place."""
    return "original" in found[0].lower() and asks_to_change(name, text)
