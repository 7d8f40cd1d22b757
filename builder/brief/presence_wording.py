"""What the wording around a file's name says for the file: to make it, or that it is there."""

import re
from collections.abc import Iterator

from builder.brief.absence_wording import NOT, is_ordered_not_to
from builder.brief.file_mentions import NAMES, PLACEHOLDER, QUOTE, FileMention

_RUNTIME = re.compile(
    r"(?<![\w-])users?(?![\w-])(?!\s+(?:interface|guide|manual|experience|stor(?:y|ies)|documentation)\b)|"
    r"\b(?:visitors?|click\w*|button|downloads?|downloading|downloaded|downloadable|exports?|"
    r"exported|exporting|uploads?|uploaded|uploading|drag\w*|dropped|lets?|allow\w*|enabl\w+|"
    r"at\s+run\s*-?time|in\s+the\s+browser|localstorage|saved?\s+as|prompts?)\b",
    re.IGNORECASE,
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
    rf"{QUOTE}{NAMES}\s*(?:files?\s+)?(?:must\s+|should\s+|both\s+|all\s+|to\s+|needs?\s+to\s+)*(?:be\s+|is\s+|are\s+)?"
    r"(?:exists?|present|needed|committed|published|served|available|reachable|required|delivered|"
    r"in\s+the\s+(?:repo|root|site)|returns?\s+(?:http\s+)?200)\b",
    re.IGNORECASE,
)
_REPO_HAS = re.compile(
    r"\b(?:repo(?:sitory)?|site|root|commit|project)\s+(?:must\s+|should\s+|also\s+)?(?:has|have|contains?|includes?)\s+"
    rf"{NAMES}$",
    re.IGNORECASE,
)
_NEW_NAME = re.compile(
    r"(?:^|[,;:]|\b(?:and|then|also|now|please)\b)\s*(?:rename|move)\s+(?:the\s+)?"
    rf"{NAMES}\s*(?:to|into|as|→|[-=]>)\s+{NAMES}$|"
    rf"{PLACEHOLDER}{QUOTE}\s*(?:must\s+be|is|was|has\s+been)\s+(?:now\s+)?(?:renamed|moved)\s+(?:to|into|as)\s+"
    rf"{NAMES}$",
    re.IGNORECASE,
)
_SHAPE = re.compile(
    rf"{QUOTE}(?:,\s*)?(?:as|with|like|is|being|holding|containing|contains|of\s+the\s+(?:form|shape))\s+"
    r"(?:an?\s+|the\s+)?(?:json\s+|object\s+|array\s+of\s+|list\s+of\s+)*`*\s*[\[{]",
    re.IGNORECASE,
)
_TAKES_IN = re.compile(
    r"\b(?:read\w*|load\w*|fetch\w*|pars\w+|us(?:e[sd]?|ing)|from|expect\w*|receiv\w+|gets?|import\w*|"
    r"tak\w+|accept\w*|like|in|of|to|by|via|attached|given|provided|existing|extend|update|change|"
    rf"if|when|that|which)\b[^,;]{{0,20}}?{NAMES}$",
    re.IGNORECASE,
)
"""Before a name with a shape: then the file comes from somewhere else, or is changed."""
_SOMEBODY_ELSE = re.compile(
    r"\b(?:that|which|who|when|if|once|it|app|page|script|they)\b[^,]*$", re.I
)
"""Before a verb: then it tells what the app does, not what to deliver."""
_NEGATED = re.compile(
    rf"{NOT}\s+(?!(?:to\s+)?(?:forget|fail|omit|only|just|hesitate|miss)\b)(?:\w+\s+){{0,2}}$", re.I
)
_GIVEN = re.compile(
    r"\b(?:attach\w*|given|provided|inputs?|existing|already|sample|supplied|source\s+data)\b", re.I
)
_OTHER_GIVEN = re.compile(
    r"\b(?:attached|given|provided|existing|supplied|sample)\s+(?:[`\"'“*]*"
    rf"(?:{PLACEHOLDER}|[\w./-]+\.\w+)|(?:\w+\s+)?"
    r"(?:pages?|sites?|apps?|website|repo(?:sitory)?|design|layout|style|readme|index|code|content)\b)",
    re.IGNORECASE,
)
"""Something else than the files of the list is given."""


def requires(mention: FileMention, *, is_check: bool = False) -> bool:
    """Return whether the wording plainly asks for the file."""
    if _RUNTIME.search(mention.clause) and not _EXISTS.match(mention.after):
        return False
    if mention.leads_item:
        return is_check or not _is_input(mention.intro)
    return bool(
        _EXISTS.match(mention.after)
        or _REPO_HAS.search(mention.before)
        or _is_new_name(mention)
        or _is_created(mention.before)
        or (is_check and _is_subject(mention))
        or (_SHAPE.match(mention.after) and not _TAKES_IN.search(mention.before))
    )


def _is_input(intro: str) -> bool:
    """Return whether the line above a list may speak of files that the app takes in."""
    words = _OTHER_GIVEN.sub(" ", re.split(r"(?<=[.!?;])\s+(?=\S)", intro)[-1])
    return bool(_GIVEN.search(words) or _RUNTIME.search(words))


def _is_new_name(mention: FileMention) -> bool:
    is_attached = re.search(r"\battach", mention.clause, re.IGNORECASE)
    return bool(_NEW_NAME.search(mention.before)) and not is_attached


def _is_subject(mention: FileMention) -> bool:
    """A check that begins with the name looks into that file."""
    return not re.sub(
        rf"{PLACEHOLDER}|\b(?:the|file|files|and|both)\b|[\W_]", "", mention.before, flags=re.I
    )


def _is_created(before: str) -> bool:
    """Return whether a verb of making has the name for its object."""
    return any(
        _is_object(before[verb.end() :]) and not _is_idle(before[: verb.start()])
        for verb in _verbs(before)
    )


def _is_idle(before: str) -> bool:
    """Return whether a verb after these words orders nothing: another's deed, or a negation."""
    return bool(
        _SOMEBODY_ELSE.search(before) or _NEGATED.search(before) or is_ordered_not_to(before)
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
