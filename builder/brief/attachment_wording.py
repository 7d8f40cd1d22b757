"""What a brief says about an attachment: to be changed, or to stay as it is.

What the app does when it runs changes no file of the delivery.
"""

import re

from builder.brief.attachment_mentions import (
    ATTACHED,
    OTHER,
    AttachmentMention,
    attachment_mentions,
)

_AS_IS = re.compile(
    r"\bas[ -](?:it[ -])?(?:is|are|attached|they are|given)\b|\bunchanged\b|\bverbatim\b|"
    r"\bbyte[- ](?:for|by)[- ]byte\b|\buntouched\b|\bunmodified\b|\bunaltered\b|\bexact(?:ly)?\b|"
    r"\bidentical\b|\boriginal\b|(?<!\bto )\bmatch(?:es)?\b|"
    r"\bwithout (?:any )?(?:chang|modif|alter|edit)\w*|"
    r"\b(?:not|n[o']t|never) (?:be )?(?:chang|edit|modif|alter|touch|replac|overwrit|updat)\w*",
    re.IGNORECASE,
)
_NOT_AS_IS = re.compile(
    r"\b(?:not|n[o']t|never)\s+(?:be\s+)?(?:publish|commit|expos|deliver|includ|releas)\w*", re.I
)
"""The file as it is must not be published: it has to be changed, or to be left out."""

_LEAD = r"(?:^|[,;:*-]\s*|\b(?:and|then|please|must|should|to|also|now)\s+)"
_ATTACHED_FILE = r"(?:(?:the|my|our|your|this|attached|attachment|file|called|named)\s+)*"
_END = rf"{_ATTACHED_FILE}(?:attached\s+\w+\s+)?$"

_EDIT = (
    r"(?:update|edit|fix|correct|modify|change|rewrite|translate|complete|fill(?:\s+(?:in|out))?|"
    r"extend|improve|repair|refactor|clean(?:\s+up)?|reformat|format|minify|proofread|finish|"
    r"revise|amend|polish|reword|shorten|restructure|annotate|enrich|redact|mend|"
    r"(?:an|pseud)onymi[sz]e|de-?identify|tidy(?:\s+up)?|sign(?!\s+(?:in|up|out|on)\b))"
)
_CHANGES = re.compile(rf"{_LEAD}{_EDIT}\s+(?P<between>[^.;:]{{0,60}}?)$", re.IGNORECASE)
_LAYS_OUT = re.compile(
    rf"{_LEAD}(?:prettify|beautify|pretty[- ]?print|(?:re-?)?indent)\s+"
    r"(?P<between>[^.;:]{0,60}?)$",
    re.IGNORECASE,
)
_REWORKS = re.compile(
    rf"{_LEAD}(?:sort|re-?order|normali[sz]e|de-?dup\w*|filter|round|group|convert|transpose|"
    r"capitali[sz]e)\s+(?P<between>[^.;:]{0,60}?)$",
    re.IGNORECASE,
)
"""Verbs of what a page does with data as well: the file changes where it is to be saved."""
_OTHER_OBJECT = re.compile(
    r"\b(?:page|site|app|chart|table|that|which|using|from|so|to|with|by|read|loads?|shows?|display|"
    r"fetch\w*|when(?:ever)?|where|based|for|and\s+(?:then\s+)?(?:use|keep|publish|put|plot|link|store|"
    r"serve|offer|draw|compute|count|sum|make|build|create|write|include|deliver|render|list|embed))\b",
    re.IGNORECASE,
)
_ATTACHED_AS = re.compile(r"\battached\s+\w+\s*$", re.IGNORECASE)
"""Such as `the attached page index.html`."""
_OTHER_SUBJECT = re.compile(r"^\W*(?:is|are|stays?|remains?|has|holds?|contains?|shows?)\b", re.I)
"""After `style.css and data.csv`: the name belongs to what follows."""

_ADDS = re.compile(
    rf"{_LEAD}(?:add|append|insert)\s+"
    r"(?!(?:an?\s+|the\s+)?(?:link|reference|button|redirect|path)s?\b)(?P<between>[^.;:]{1,60}?)\s"
    rf"(?:to|into|in|from)\s+{_END}",
    re.IGNORECASE,
)
_PUTS_OUT = re.compile(
    rf"{_LEAD}(?:remove|delete|drop|replace|swap|rename|mask|uncomment)\s+"
    r"(?!(?:an?\s+|the\s+)?(?:link|reference|button|redirect|path)s?\b)(?P<between>[^.;:]{1,60}?)\s"
    rf"(?:in|from|of|within|throughout)\s+{_END}",
    re.IGNORECASE,
)
_ANSWERS = re.compile(
    rf"{_LEAD}(?:answer|solve|resolve)\s+(?P<between>[^.;:]{{1,60}}?)\s(?:in|from|of)\s+{_END}",
    re.I,
)
_PAGE_PART = re.compile(
    r"#\w|\b(?:page|site|app|charts?|graph|plot|table|headings?|title|section|button|element|card|"
    r"view|form|placeholder|logo|menu|dropdown|hard-?coded|mock|"
    r"(?:with|by)\s+(?:the|those|that|what|values?|data|its|all|contents?)(?!\s+(?:word|text|letter)s?\b))\b",
    re.IGNORECASE,
)
"""Between verb and name: something of the page is changed by what the file holds."""
_SHOWN = re.compile(
    r"\b(?:and|then|to|before|when)\s+(?:then\s+)?(?:show|display|render|print|list|plot|draw|use|count|"
    r"sum|comput|calculat|load|chart)\w*|\b(?:in|into|on)\s+(?:(?:the|a)\s+)?(?:page|site|app|chart|table|#)|"
    r"\bfor\s+(?:the\s+)?(?:page|chart|table|plot|display)\b",
    re.IGNORECASE,
)
_ELSEWHERE = re.compile(
    rf"\b(?:in|into|on|to|as|at|under)\s+(?:(?:an?|the|its)\s+)?(?:(?:new|separate|own)\s+)?"
    rf"(?:page|site|app|element|section|chat|file|#|[`\"']?#|{OTHER})",
    re.IGNORECASE,
)
_SAVED = re.compile(
    r"\b(?:save|write|store|put|commit|deliver|publish)\b[^.]{0,40}?\b(?:back\b|in\s+place\b|"
    rf"over\s+the\s+(?:old|original)|(?:as|to|under)\s+[`\"']?{ATTACHED})|\bin[- ]place\b|"
    r"(?<!\bnot )(?<!\bnever )\boverwrit(?:e|ing)\b|"
    rf"\bunder\s+(?:the\s+same|its)\s+(?:(?:old|file)\s*)?name|\bback\s+(?:in)?to\s+(?:[`\"']?{ATTACHED}|the\s+(?:same\s+)?file)",
    re.IGNORECASE,
)
_IN_IT = re.compile(rf"(?:^|[,:]\s*|\band\s+|\bthen\s+|\bplease\s+)(?:in|within)\s+{_END}", re.I)
_THEN_EDIT = re.compile(
    rf"[\s`\"'*)]*,?\s*(?:please\s+)?(?:{_EDIT}|replace|rename|remove|delete|drop|add|append|insert|swap|"
    r"set|uncomment|capitali[sz]e)\s",
    re.IGNORECASE,
)
_IS_FAULTY = re.compile(
    rf"[\s`\"'*)]*(?:has|have|contains?|is|includes?)\b[^{OTHER}]{{0,80}}?\b(?:typos?|misspell\w*|errors?|mistakes?|"
    rf"wrong|incorrect|outdated|faulty)\b[^{OTHER}]{{0,60}}?(?:[:;,.-]|\band\b|\bso\b)\s*(?:please\s+)?"
    r"(?:correct|fix|replace|repair|change|update|mend|rename)\s+(?!(?:the|your)\s+(?:page|app|site|chart)\b)",
    re.IGNORECASE,
)
_IS_TO_BE = re.compile(
    r"[\s`\"'*)]*(?:must|should|needs?\s+to|has\s+to|have\s+to|is\s+to)\s+be\s+(?:corrected|fixed|"
    r"translated|completed|filled\s+(?:in|out)|extended|anonymi[sz]ed|signed|rewritten|proofread|edited|"
    r"revised|repaired|reformatted|prettified)\b",
    re.IGNORECASE,
)
_IS_ITEM = re.compile(rf"[\s`\"'*)]*[:-]\s*(?:please\s+)?{_EDIT}\s+(?:it|this|the\s+file)\b", re.I)
_VERSION_OF = re.compile(
    rf"(?:\b(?:version|edition|variant|translation|revision)\s+of|"
    r"\b(?!attached|provided|supplied|named|called|uploaded|included|enclosed|un\w+)\w+ed)\s+"
    rf"{_END}",
    re.IGNORECASE,
)

_SAVE = r"(?:save|store|write|put|publish|deliver|commit|provide|name|call)"
_INTO_ANOTHER = re.compile(
    r"[\s`\"')*]*(?:attached\s+)?(?:\([^)]{0,80}\)\s*)?"
    r"(?:(?:in)?to\s+(?:(?!the\b|an?\b|match\b|be\b|follow\b)[\w-]+(?:,?\s+|(?=[.,;:]))){1,3}?)?"
    rf"(?:[,.;:]?\s*(?:(?:and|then)\s+)*{_SAVE}\s+(?:it|this|them|(?:the|a|your)\s+(?:[\w-]+\s+){{1,3}}?)\s*)?"
    r"(?:as|in|into|to|under)\s+(?:the\s+name\s+)?(?:(?:an?|the)\s+(?:[\w-]+\s+){0,2}?)?"
    rf"(?:(?:called|named)\s+)?(?:[`\"']*{OTHER}|(?<=\s)(?:(?:new|separate|second|different)\s+)file\b)",
    re.IGNORECASE,
)

_SOMEBODY = (
    r"(?:users?|visitors?|players?|people|customers?|students?|guests?|readers?|anyone|everyone|app|"
    r"application|page|site|website|game|script|program|bot|code|it|they|that|which|who|button|form|"
    r"editor|tool|widget|server|dashboard)"
)
_AT_RUN_TIME = re.compile(
    rf"\b{_SOMEBODY}\s+(?:\w+\s+)?(?:can|could|should|must|may|might|will|would|shall|(?:is|are)\s+able|"
    r"needs?\s+to|ha(?:s|ve)\s+to|to)\b|\b(?:lets?|letting|allow\w*|enabl\w+|able\s+to|so\s+that|click\w*|press\w*)\b|"
    r"\b(?:when(?:ever)?|once|after|if|while|until)\s+(?!you\b|done\b|that\b|this\b)",
    re.IGNORECASE,
)
"""Before the verb: the app, or who uses it, does it."""
_RUNS_ON = re.compile(
    r"\b(?:in\s+memory|at\s+run\s*-?time|in\s+the\s+browser|client[- ]side|local\s*storage|"
    r"when(?:ever)?|on\s+(?:click|the\s+fly)|(?:each|every)\s+time|after\s+each|as\s+(?:the\s+)?users?|"
    r"by\s+(?:the\s+)?(?:users?|visitors?|players?|app|page))\b",
    re.IGNORECASE,
)


def asks_to_change(name: str, brief: str) -> bool:
    """Return whether the brief plainly asks to change the attached file, and not to keep it."""
    mentions = list(attachment_mentions(name, brief))
    return not any(map(_is_kept, mentions)) and any(map(_is_change, mentions))


def _is_kept(mention: AttachmentMention) -> bool:
    words = mention.before + mention.after
    return bool(_AS_IS.search(words)) and not _NOT_AS_IS.search(words)


def _is_change(mention: AttachmentMention) -> bool:
    if _AT_RUN_TIME.search(mention.before) or _RUNS_ON.search(mention.after):
        return False
    if _INTO_ANOTHER.match(mention.following):
        return False
    return (
        _is_edited(mention)
        or _is_reworked(mention)
        or _has_parts_changed(mention)
        or _is_told_of(mention)
    )


def _is_edited(mention: AttachmentMention) -> bool:
    """The file is the object of a verb of editing."""
    changed = _CHANGES.search(mention.before)
    if changed is None:
        return False
    between = _ATTACHED_AS.sub("", changed["between"])
    if _OTHER_OBJECT.search(between):
        return False
    return OTHER not in between or not _OTHER_SUBJECT.match(mention.after)


def _is_reworked(mention: AttachmentMention) -> bool:
    """The file is laid out anew or sorted, and that is for the file and not for the page."""
    is_saved = bool(_SAVED.search(mention.following))
    laid_out = _LAYS_OUT.search(mention.before)
    if laid_out and not _OTHER_OBJECT.search(laid_out["between"]):
        return is_saved or not _SHOWN.search(mention.after)
    return is_saved and bool(_REWORKS.search(mention.before) or _VERSION_OF.search(mention.before))


def _has_parts_changed(mention: AttachmentMention) -> bool:
    """Something is put into the file, taken from it, or replaced in it."""
    added = _ADDS.search(mention.before)
    if added:
        return not _PAGE_PART.search(added["between"])
    put_out = _PUTS_OUT.search(mention.before)
    if put_out and not _PAGE_PART.search(put_out["between"]):
        return bool(_SAVED.search(mention.following)) or not _SHOWN.search(mention.after)
    answers = _ANSWERS.search(mention.before)
    if answers and not _PAGE_PART.search(answers["between"]):
        return not _ELSEWHERE.search(mention.after)
    is_in_it = _IN_IT.search(mention.before) and _THEN_EDIT.match(mention.after)
    return bool(is_in_it) and not _SHOWN.search(mention.after)


def _is_told_of(mention: AttachmentMention) -> bool:
    """The file is the subject: it has errors that are to be fixed, or has to be changed."""
    if _IS_TO_BE.match(mention.after) or _IS_ITEM.match(mention.after):
        return True
    return bool(_IS_FAULTY.match(mention.following)) and not _SHOWN.search(mention.following)
