"""What a brief says about an attachment: to be changed, or to stay as it is."""

import re

_AS_IS = re.compile(
    r"\bas[ -](?:it[ -])?(?:is|are|attached|they are|given)\b|\bunchanged\b|\bverbatim\b|"
    r"\bbyte[- ](?:for|by)[- ]byte\b|\buntouched\b|\bunmodified\b|\bunaltered\b|\bexact(?:ly)?\b|"
    r"\bidentical\b|\boriginal\b|\bmatch(?:es)?\b|\bwithout (?:any )?(?:chang|modif|alter|edit)\w*|"
    r"\b(?:not|n[o']t|never) (?:be )?(?:chang|edit|modif|alter|touch|replac)\w*",
    re.IGNORECASE,
)
_CHANGES = re.compile(
    r"(?:^|[,;:*-]\s*|\band\s+|\bthen\s+|\bplease\s+|\bmust\s+|\bshould\s+|\bto\s+)"
    r"(?:update|edit|fix|correct|modify|change|rewrite|translate|complete|fill(?:\s+(?:in|out))?|"
    r"extend|improve|repair|refactor|clean(?:\s+up)?|reformat|format|minify|proofread|finish)\s+"
    r"(?P<between>[^.;:]{0,60}?)$",
    re.IGNORECASE,
)
_ADDS = re.compile(
    r"(?:^|[,;:*-]\s*|\band\s+|\bthen\s+|\bplease\s+)(?:add|append|insert|remove|delete)\s+"
    r"(?!(?:an?\s+|the\s+)?(?:link|reference|button|redirect|path)s?\b)[^.;:]{1,60}?\s(?:to|into|in|from)\s+"
    r"(?:the\s+)?(?:attached\s+|file\s+)*$",
    re.IGNORECASE,
)
_OTHER_OBJECT = re.compile(
    r"\b(?:page|site|app|chart|table|that|which|using|from|so|to|with|by|read|loads?|shows?|display|"
    r"fetch\w*|when(?:ever)?|where|based|for)\b",
    re.IGNORECASE,
)
_INTO_ANOTHER = re.compile(
    r"[\s`\"')]*(?:attached\s+)?(?:in)?to\s+(?:an?\s+\w+\s+)?[`\"']?[\w/-]+\.\w+", re.I
)
_CLAUSE_END = re.compile(r"(?<=[.!?;])\s+|\n+|;|,?\s\bbut\b\s", re.IGNORECASE)


def asks_to_change(name: str, brief: str) -> bool:
    """Return whether the brief plainly asks to change the attached file, and not to keep it."""
    mentions = list(_mentions(name, brief))
    if any(_AS_IS.search(before + after) for before, after in mentions):
        return False
    return any(_is_change(before, after) for before, after in mentions)


def _mentions(name: str, brief: str) -> list[tuple[str, str]]:
    """Return the words before and after the name in each clause with it."""
    pattern = re.compile(rf"(?<![\w/.-]){re.escape(name)}(?![\w/-]|\.\w)", re.IGNORECASE)
    return [
        (clause[: match.start()][-200:], clause[match.end() :][:200])
        for clause in _CLAUSE_END.split(re.sub(r"[ \t]+", " ", brief))
        for match in [pattern.search(clause)]
        if match
    ]


def _is_change(before: str, after: str) -> bool:
    before = re.sub(r"\battached \w+ ?$", "", before.rstrip(" `\"'*_("), flags=re.IGNORECASE)
    before = before.rstrip(" `\"'*_(").replace("`", "") + " "
    if _INTO_ANOTHER.match(after):
        return False
    changed = _CHANGES.search(before)
    if changed and not _OTHER_OBJECT.search(changed["between"]):
        return True
    return bool(_ADDS.search(before))
