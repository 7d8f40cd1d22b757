"""What the wording around a file's name says against the file: not to make it, or to delete it."""

import re

from builder.brief.file_mentions import ARTICLE, NAMES, PLACEHOLDER, QUOTE, FileMention
from builder.brief.wording import Wording

NOT = r"(?:\bnot\b|\w*n[o']t\b|\bcannot\b|\bnever\b|\bwithout\b|\bavoid\b|\bno\b)"
_REPO = r"(?:repo(?:sitory)?|site|commits?|history|project)\b"
_COMMIT = (
    r"(?:commit|publish|push|upload|deploy|ship|track|deliver|check(?:ed|ing)?\s+in)"
    r"(?:t?(?:ed|ing)|ed|s)?\b"
)
_INCLUDE = r"(?:includ|add|keep|serv|hav|contain|leav)(?:e[ds]?|ed|ing|s)?\b"
_PUT = rf"(?:{_COMMIT}|{_INCLUDE})"
_MAKE = (
    r"(?:(?:creat|mak|writ|generat|produc|provid|introduc|stor|sav|plac|prepar)(?:e|ing)|"
    r"(?:build|emit|put|want)(?:t?ing)?)\b"
)
_DO = rf"(?:{_PUT}|{_MAKE})"
_LIST = rf"(?:\s|{ARTICLE})*+:?\s*{NAMES}"
_AND_THE_REST = rf"{_LIST}(?:(?:(?<=\bor )|(?<=\bnor )){_DO}{_LIST})*$"
"""The names up to this one, also those of `or add …`; `and add …` may be an order again."""
_LEAD = r"[\s`\"'“*_(\[-]*"
_DONT = r"(?:do\s+not|don't|never|avoid)"
_ORDER = (
    rf"(?:(?:^|[,;:(]|\b(?:and|but|then|also|please)\b){_LEAD}(?:please\s+)?{_DONT}|"
    rf"^{_LEAD}(?:must\s+not|mustn't|should\s+not|shouldn't|may\s+not|not)|"
    rf"\b(?:you|we)\s+(?:(?:must|should|shall|may|can|do|will)\s+)?{NOT}|"
    rf"\b(?:sure|careful|care)\s+(?:that\s+)?(?:you\s+(?:do\s+)?)?{NOT})"
    r"\s+(?:to\s+)?(?:ever\s+)?"
)
_BANS_PUBLISHING = Wording(
    rf"{NOT}\s+(?:to\s+)?(?:ever\s+)?{_COMMIT}{_AND_THE_REST}|"
    rf"{_REPO}[^.]{{0,30}}{NOT}\s+(?:to\s+)?(?:{_INCLUDE}|provides?\b){_AND_THE_REST}|"
    rf"{_REPO}\s+(?:\w+\s+)?(?:contains?|has|have|includes?)\s+no\b{_LIST}$|"
    rf"{_REPO}\s+(?:\w+\s+){{0,3}}?(?:free\s+(?:of|from)|clear\s+of|without){_LIST}$|"
    rf"\bthere\s+(?:must|should|shall|may|can)\s+(?:\w+\s+)?be\s+no\b{_LIST}$|"
    rf"^{_LEAD}(?:forbidden|banned|prohibited|disallowed|not\s+allowed)(?:\s+files?)?\s*:{_LIST}$|"
    rf"\b(?:contains?|has|have|includes?|is)\s+neither\b{_LIST}$|"
    rf"^{_LEAD}(?:no\b{_LIST})+$"
)
"""What these name must not be there, however the sentence goes on."""
_BANS_MAKING = Wording(rf"{_ORDER}{_DO}{_AND_THE_REST}")
"""What these name must not be made, unless the sentence goes on to say how, or in what."""
_THERE_IS_NO = Wording(rf"\bthere\s+(?:is|are)\s+no\b{_LIST}$")
_REMOVES = Wording(
    r"(?:^|[,;:]|\b(?:and|then|also|now|please|to|you\s+(?:must|should))\b)\s*"
    r"(?:remove|delete|drop|erase|get\s+rid\s+of)\s+"
    rf"(?:(?:the|obsolete|existing|outdated|unused)\s+)*{NAMES}$"
)
_MAY_FORBID = Wording(rf"{NOT}\s+(?:to\s+)?(?:{_DO}\s+)?{NAMES}$")

_AUXILIARY = (
    r"(?:must|should|may|shall|can|could|to|is|are|was|were|has|have|had|will|do|does|did)\s*"
)
_PLACE = (
    r"(?:\s*\(?(?:at|in|on|from|of)\s+(?:the\s+)?(?:(?:git|public|top|site|repo\w*|project)\s+)?"
    r"(?:root|repo(?:sitory)?|site|project|level|round\s+\d+)\b\)?)?"
)
_IN_REPO = rf"(?:(?:end\s+up\s+)?in|part\s+of)\s+(?:the\s+)?(?:git\s+)?{_REPO}"
_SUBJECT = rf"{QUOTE}{NAMES}{_PLACE}\s*"
_NOT_PUBLISHED = Wording(
    rf"{_SUBJECT}(?:{_AUXILIARY})?(?:be\s+|been\s+)?{NOT}\s*(?:to\s+)?(?:ever\s+)?(?:be\s+|been\s+)?"
    r"(?:(?:commit|publish|push|upload|deploy|shipp|track|deliver|includ|add|serv|checked\s+in|creat|"
    r"generat|produc|provid)(?:ted|ed)?\b|(?:made|written|found|allowed|permitted|present|there)\b|"
    rf"{_IN_REPO}|exists?\b)|{_SUBJECT}(?:is|are)\s+(?:forbidden|prohibited|banned)\b"
)
_GONE = Wording(
    rf"{_SUBJECT}(?:{_AUXILIARY})*(?:now\s+|both\s+|all\s+|also\s+)?(?:be\s+|been\s+|being\s+)?"
    rf"(?:now\s+|both\s+|all\s+)?(?:absent|git-?ignored|missing|removed|deleted|erased|gone)\b|"
    rf"{_SUBJECT}(?:{_AUXILIARY})?no\s+longer\s+(?:be\s+|is\s+|are\s+)?"
    rf"(?:exists?|there|present|available|served|reachable|found|committed|published|{_IN_REPO})\b|"
    rf"{_SUBJECT}(?::|-|→)\s*(?:please\s+)?(?:remove|delete|drop)\b(?:\s+(?:it|this|them|entirely)\b)*|"
    rf"{_SUBJECT}:?\s*(?:{_AUXILIARY})?(?:now\s+)?(?:(?:return|give|yield|answer|respond|result)(?:s|ed)?"
    r"|be|is|are)?\s*(?:with\s+|in\s+)?(?:an?\s+)?(?:http\s+)?(?:status\s+)?(?:code\s+)?404\b"
)
_RENAMES = Wording(
    rf"(?:^|[,;:]|\b(?:and|then|also|now|please)\b)\s*(?:rename|move)\s+(?:the\s+)?{NAMES}$"
)
_NEW_NAME = Wording(
    rf"{QUOTE}(?:{_AUXILIARY})*(?:be\s+|been\s+)?(?:(?:renamed|moved)\s+)?(?:to|into|as|under|→|[-=]>)\s+"
    rf"(?:(?:the\s+)?(?:file\s+)?[`\"'“]?{PLACEHOLDER}|"
    r"(?:the|an?)\s+[`\"'“]?[\w-]+[`\"'”]?\s+(?:sub)?(?:folder|directory)\b)"
)
_WAS_RENAMED = Wording(
    rf"{QUOTE}{_PLACE}\s*(?:(?:{_AUXILIARY})+(?:be\s+|been\s+)?(?:renamed|moved)|"
    r":\s*(?:rename|move)\b(?:\s+it\b|\s+this\b)?)\s+(?:to|into|as)\b"
)

_ENDS = Wording(
    rf"{QUOTE}(?:\b(?:files?|pages?)\b[\s`\"'*]*)?(?:$|[.!?,;:()\]\[/&—-]|\b(?:n?or|and|but)\b|"
    r"(?:in|into|to|at|from|on|for|of)\s+(?:(?:the|your|this|our|my|its|a)\s+)?"
    r"(?:(?:git|github|public|app|root|top|project|web|same)\s+)*"
    rf"(?:{_REPO}|(?:root|level|git|github|branch|main|server|web|pages|round|work|task|app)\b)|"
    r"(?:either|at\s+all|any\s*more|anywhere|here|please|now|again|ever|because|since|instead|"
    r"completely|entirely|afterwards|as\s+(?:it|they|that|this)\b(?!\s+(?:is|are)\s*[.,;]?\s*$)|before\s+(?:publishing|committing))\b)"
)
"""A sentence that ends with the thing, or tells where or why, and does not tell how."""
_CONDITION = Wording(
    r"\b(?:unless|until|except|other\s+than|apart\s+from|by\s+hand|manually|twice|yet|so\s+far|"
    r"by\s+(?:mistake|accident)|accidentally|before\s+(?:it|they|the|all|every))\b"
)
_SUPPOSED = Wording(
    r"\b(?:if|when|whenever|once|unless|until|while|where|in\s+case|even\s+though)\b[^,;]*$"
)
_OF_ANOTHER = Wording(
    r"(?<!request )(?<!requests )(?<!page )(?<!file )\b"
    r"(?:to|in|of|from|on|with|for|by|into|at|inside|via)\s+"
    rf"{NAMES}$|\b(?:mention|sa(?:y|id)|state|note|explain|document|describe|tell|told|list)(?:s|ed)?\b"
)
"""Before a name: what follows is said of another thing, such as the link to it."""
_NEITHER = Wording(rf"\bneither\b{_LIST}$")
_IS_THERE = Wording(
    rf"{_SUBJECT}(?:{_AUXILIARY})*(?:be\s+|been\s+)?"
    rf"(?:exists?|present|there|committed|published|included|served|{_IN_REPO})\b"
)
_ACTOR = Wording(
    r"\b(?:users?|visitors?|players?|page|app|button|form|script)\b(?:\s+\w+){0,2}\s+"
    rf"{NOT}\s+(?:to\s+)?\w+{NAMES}$"
)
"""Then it tells what the app does, not what to deliver."""
_SPARED_BEFORE = Wording(
    r"\b(?:(?:no\s+need|need\s+not|needn't)\b|(?:do|does)(?:\s+not|n't)\s+(?:need|have\s+to|require)\b|"
    r"not\s+(?:necessary|required|needed|obliged)\s+to\b)(?:\s+(?:to|for|\w+e))*\s*"
    rf"{NAMES}$",
    hint=r"need|n[o']t\b",
)
_SPARED_AFTER = Wording(
    rf"{_SUBJECT}(?:is|are)\s*(?:not|n't)\s+(?:strictly\s+)?(?:needed|required|necessary|mandatory)\b",
    hint=r"n[o']t\b",
)
_INTRO_FORBIDS = Wording(
    rf"{NOT}\s+(?:to\s+)?(?:be\s+)?{_DO}|\b(?:exclude|leave\s+out|forbidden)\b|"
    r"^\W*(?:(?:then|also|now|please|and)\s+)*(?:files?\s+to\s+)?(?:remove|delete|drop)\b|"
    r"\b(?:must|should|to)\s+be\s+(?:removed|deleted|gone|absent)\b|\bno\s+longer\s+exist\b"
)
_ORDERS_NOT_TO = Wording(
    rf"{NOT}\s+(?:to\s+)?(?:ever\s+)?{_DO}{_LIST}$", hint=r"n[o']t\b|never|without|avoid|\bno\b"
)
_AGAINST = re.compile(
    r"n[o']t\b|\b(?:never|without|avoid|neither|nor|forbidden|banned|prohibited|disallowed|missing|absent|gone|no|"
    r"git-?ignored|removed?|deleted?|drop|erased?|exclude|get\s+rid|leave\s+out|free|clear|"
    r"renamed?|moved?|404)\b",
    re.IGNORECASE,
)
"""Without any of these words nothing is said against a file."""


def spares(mention: FileMention) -> bool:
    """Return whether the wording leaves the file open: `no need to create a Dockerfile`."""
    return bool(_SPARED_BEFORE.search(mention.before) or _SPARED_AFTER.match(mention.after))


def forbids(mention: FileMention, *, is_check: bool = False) -> bool | None:
    """Return whether the wording forbids the file plainly, or None where it does not forbid it."""
    if not _AGAINST.search(f"{mention.intro} {mention.before} {mention.after}"):
        return None
    if mention.leads_item and _forbids_list(mention.intro):
        return True
    said = [_absent(mention), _banned(mention, is_check=is_check), _renamed(mention)]
    if True in said:
        return not _CONDITION.search(mention.after)
    return False if False in said or _MAY_FORBID.search(mention.before) else None


def is_ordered_not_to(before: str) -> bool:
    """Return whether words end in an order not to make or publish files, as far as the files."""
    return bool(_ORDERS_NOT_TO.search(before))


def _forbids_list(intro: str) -> bool:
    """Return whether the words that introduce a list forbid what is in it."""
    words = re.split(r"(?<=[.!?;])\s+", intro)[-1]
    return not words.endswith(".") and bool(_INTRO_FORBIDS.search(words))


def _absent(mention: FileMention) -> bool | None:
    """Read what is said of the file: `a.md is gone`. A mere supposition says nothing."""
    if _SUPPOSED.search(mention.before) or _OF_ANOTHER.search(mention.before):
        return None
    pattern = _IS_THERE if _NEITHER.search(mention.before) else _GONE
    found = _NOT_PUBLISHED.match(mention.after) or pattern.match(mention.after)
    return True if found and _ENDS.match(mention.after, found.end()) else None


def _banned(mention: FileMention, *, is_check: bool) -> bool | None:
    """Read what is ordered against the file: `do not create a.md`, `delete a.md`."""
    before, after = mention.before, mention.after
    if _REMOVES.search(before):
        return True if _ENDS.match(after) else None
    is_plain = bool(
        _BANS_PUBLISHING.search(before)
        or (_BANS_MAKING.search(before) and _ENDS.match(after))
        or (is_check and _THERE_IS_NO.search(before))
    )
    if is_plain:
        return not (_ACTOR.search(before) or _SUPPOSED.search(before))
    is_hinted = _BANS_MAKING.search(before) or _THERE_IS_NO.search(before)
    return False if is_hinted else None


def _renamed(mention: FileMention) -> bool | None:
    """Read that the file gets another name; an attachment may have to stay as well."""
    is_renamed = (_RENAMES.search(mention.before) and _NEW_NAME.match(mention.after)) or (
        _WAS_RENAMED.match(mention.after)
    )
    if not is_renamed:
        return None
    return not re.search(r"\battach", mention.clause, re.IGNORECASE)
