"""What is found in prose without reading it: literal file names, and words of secrecy.

Names are hints for the prompt and warnings, never more.
"""

import re

_NAME = re.compile(
    r"(?<![\w.@/:+$*{}-])(?:\./)?((?:[\w.@+-]{1,80}/){0,8}[\w.@+-]{0,80}\w\.([A-Za-z][A-Za-z0-9]{0,10}))"
    r"(?![A-Za-z0-9_/*(-]|\.\w)"
)
_TYPES = (
    " html htm css js mjs ts json jsonl ndjson geojson webmanifest csv tsv txt md xml rss atom svg "
    "png jpg jpeg gif webp ico pdf yml yaml toml py sh sql xlsx ods docx ics vcf gpx zip wasm "
    "mp3 mp4 wav webm woff2 ipynb "
)
"""Suffixes of file names, each between spaces."""
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
    """Return the literal file names in prose, each once."""
    found = _NAME.finditer(text[:_LONGEST].replace("**", " "))
    return list(dict.fromkeys(match[1] for match in found if f" {match[2].lower()} " in _TYPES))


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
