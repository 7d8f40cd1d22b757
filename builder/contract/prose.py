"""What is found in prose without reading it: literal file names, and words of secrecy.

Names are hints for the prompt and warnings, never more.
"""

import re

_NAME = re.compile(
    r"(?<![\w.@/:+$*{}-])(?:\./)?(?P<path>(?P<folders>(?:[\w.@+-]{1,80}/){0,8})"
    r"[\w.@+-]{0,80}\w\.(?P<type>[A-Za-z][A-Za-z0-9]{0,10}))(?![A-Za-z0-9_/*(-]|\.\w)"
)
_TYPES = (
    " html htm css json jsonl ndjson geojson webmanifest csv tsv txt md xml rss atom svg png jpg "
    "jpeg gif webp ico pdf yml yaml toml py sh sql xlsx ods docx ics vcf gpx zip wasm mp3 mp4 wav "
    "webm woff2 ipynb "
)
"""Suffixes of file names, each between spaces."""
_SCRIPTS = frozenset({"js", "mjs", "ts"})
"""Types of which a name counts only with a folder: of the eight names without one in the recorded
requests none was to be delivered, and half were libraries (Chart.js)."""
_LONGEST = 50_000
"""Characters of a text that are looked at."""
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
_NEAR = 120
"""Characters on each side of an attachment's name."""
_MAX_MENTIONS = 200
"""Mentions of one attachment that are looked at."""


def named_files(text: str) -> list[str]:
    """Return the names in prose that look like files to deliver, each once."""
    found = _NAME.finditer(text[:_LONGEST].replace("**", " "))
    return list(dict.fromkeys(match["path"] for match in found if _is_delivered(match)))


def _is_delivered(name: re.Match[str]) -> bool:
    kind = name["type"].lower()
    return f" {kind} " in _TYPES or (kind in _SCRIPTS and bool(name["folders"]))


def words_of_secrecy(name: str, text: str) -> str | None:
    """Return the words around an attachment's name where one of them tells of secrecy."""
    plain, wanted, at = text[:_LONGEST].lower(), name.lower(), -1
    for _ in range(_MAX_MENTIONS):
        at = plain.find(wanted, at + 1)
        if at < 0:
            break
        start, end = max(0, at - _NEAR), at + len(wanted)
        around = f"{plain[start:at]} {plain[end : end + _NEAR]}"
        if any(word in around for word in _SECRECY):
            return " ".join(text[start : end + _NEAR].split())
    return None
