"""From the words around an element id to the part of the page that it is to hold.

Each rule looks at one thing that is asked for and answers with a part, or with None where it does
not apply. The first that applies wins, so that the more particular ones stand first. A rule that
would have to guess between columns or files does not apply.
"""

import re
from collections.abc import Callable, Sequence

from builder.brief.prose import Mention, humanized
from builder.templated import content_rules, table_rules
from builder.templated.asked import Asked, Context
from builder.templated.beyond import is_beyond
from builder.templated.other_sources import is_of_failure
from builder.templated.parts import Blank, Part

Rule = Callable[[Asked], Part | None]

RULES: tuple[Rule, ...] = (
    content_rules.picture_size,
    content_rules.source_name,
    content_rules.words,
    table_rules.choice,
    content_rules.text_count,
    table_rules.groups,
    table_rules.extreme,
    table_rules.figure,
    content_rules.field,
    table_rules.rows,
    content_rules.picture,
    content_rules.original,
    content_rules.markdown,
    content_rules.text,
    content_rules.named_file,
)


_CONTROLS = r"tabs?|buttons?|form|inputs?|picker|toggle|slider|select|dropdown|checkbox|switcher"


def part_for(mention: Mention, context: Context) -> Part:
    """Return what the element is to hold; a blank where no rule applies."""
    rules = _rules(mention)
    for words in (mention.words, f"{mention.words} {mention.tokens}"):
        asked = Asked(mention, words, context)
        found = next(filter(None, (rule(asked) for rule in rules)), None)
        if found and is_beyond(asked, found):
            break
        if found:
            return found
    asked_for = mention.words.strip(" ,;.:-")
    return Blank(id=mention.id, label=humanized(mention.id), asked=asked_for)


def _rules(mention: Mention) -> Sequence[Rule]:
    if mention.quoted and is_of_failure(mention.sentence):
        # It says something only when a source cannot be loaded.
        return ()
    return (table_rules.choice,) if _is_control(mention) else RULES


def _is_control(mention: Mention) -> bool:
    """Say whether the element is something to operate: what it shows does not fill it."""
    name = re.escape(mention.id)
    called = rf"\b(?:{_CONTROLS})(?: (?:element|with|id))*\W*(?:id\W*)?{name}(?![\w-])"
    own = re.search(rf"\b(?:{_CONTROLS})$", mention.tokens)
    return bool(own or re.search(called, mention.sentence, re.IGNORECASE))
