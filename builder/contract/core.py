"""What is certain about a request without reading it: the files that its JavaScript checks fetch.

In prose, only words of secrecy near an attachment's name are looked for, and only if no model reads
it.
"""

import re
from urllib.parse import unquote

from builder.errors import UnsafePath
from builder.request import Check, Request
from builder.site import safe_path

_FETCHED = re.compile(r"""\bfetch\(\s*(["'`])([^"'`\\$?#:\n]{1,300})(?:\1\s*[),]|[?#])""")
_MAY_BE_ABSENT = re.compile(
    r"\b4(?:04|10)\b(?!\.\w)|>=?\s*(?:400|399)\b|![^;!]{0,120}\.ok\b|\bfalse\b"
)
"""With any of these, a script may want the file to be absent: it is not required then."""
_LONGEST = 50_000
"""Characters of a check or a brief that are searched."""
_SECRECY = (
    "confidential", "secret", "private", "privacy", "internal", "sensitive", "unpublished",
    "not public", "n't publish", "not publish", "never publish", "not commit", "n't commit",
    "never commit", "not share", "n't share", "for you only", "only for you", "your eyes only",
    "vertraulich", "geheim", "intern", "nicht veröffentlich", "nicht öffentlich",
    "confidentiel", "privé", "secrèt", "ne pas publier", "confidencial", "secreto", "privado",
    "no publi", "riservat", "segret", "privat", "poufn", "vertrouwelijk", "gizli",
    "конфиденциальн", "секретн", "не публик", "机密", "保密", "不要公开",
    "機密", "秘密", "非公開", "公開しない", "기밀", "비밀", "비공개", "سري", "गोपनीय",
)  # fmt: skip
"""Literal words, in lower case."""
_WORKFLOW_WORDS = ("workflow", "github action", "github-action")
_NEAR = 120
"""Characters on each side of an attachment's name."""


def fetched_files(check: Check) -> list[str]:
    """Return the relative paths of the files that a JavaScript check fetches and needs."""
    source = check.source[:_LONGEST]
    if not check.is_javascript or _MAY_BE_ABSENT.search(source):
        return []
    return list(dict.fromkeys(filter(None, (_path(one[2]) for one in _FETCHED.finditer(source)))))


def may_ask_for_workflow(request: Request) -> bool:
    """Return whether a request may ask for a workflow; nothing but advice and a test hang on it."""
    texts = [request.brief, *(check.source for check in request.checks)]
    texts += [attachment.name for attachment in request.attachments]
    return any(word in text.lower() for text in texts for word in _WORKFLOW_WORDS)


def _path(literal: str) -> str | None:
    path = unquote(literal.removeprefix("./"))
    try:
        return safe_path(path) if "." in path.rsplit("/", 1)[-1] else None
    except UnsafePath:
        return None


def words_of_secrecy(name: str, text: str) -> str | None:
    """Return the words around an attachment's name if one of them speaks of secrecy."""
    plain, wanted = text[:_LONGEST].lower(), name.lower()
    before, *others = plain.split(wanted, 200)
    for following in others:
        around = f"{before[-_NEAR:]} {following[:_NEAR]}"
        if any(word in around for word in _SECRECY):
            return " ".join(f"{before[-_NEAR:]}{name}{following[:_NEAR]}".split())
        before = following
    return None
