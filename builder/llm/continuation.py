"""Joins a reply that was cut at the output limit with the answer that continues it.

Models are asked to continue exactly where they stopped. Some repeat the end of the first part, open
the code fence or the file block again, or start the file over. Each is repaired here, but only if
the two texts prove it, since a page may well contain the same lines twice.
"""

import re

SEED = 8
"""Characters by which a repeated end is found; a shorter one does not count."""
WORDS = 5
"""Different words that make a repeated end more than a coincidence, such as two `</div>`."""
PREAMBLE = 400
"""Characters of remarks after which a second text may start over."""

_OPENING = re.compile(r'^<file path="([^"\n]+)"[^>\n]*>[ \t]*\r?\n', re.M)
_FENCE = re.compile(r"(?:[^<>{};=`\n]*\n){0,5}[ \t]*```[\w+.-]+[ \t]*\r?\n")
"""A fence, behind a remark or not: "Continuing where it stopped:"."""


def join(so_far: str, more: str) -> str:
    """Join a cut text and what a model wrote to continue it."""
    blocks, fence = list(_OPENING.finditer(so_far)), _FENCE.match(more)
    if fence and not (blocks and blocks[-1][1].endswith(".md")):
        more = more[fence.end() :]
    again = _OPENING.search(more[:PREAMBLE])
    same = [block for block in blocks if again and block[1] == again[1]]
    if again and same:
        rest, body = more[again.end() :], so_far[same[-1].end() :]
        if same[-1] is not blocks[-1] or rest.startswith(body.partition("\n")[0]):
            # It starts over, with this file or with an earlier one.
            return so_far[: same[-1].start()] + more[again.start() :]
        more = rest
    return so_far + more[_repeated(so_far, more) :]


def _repeated(so_far: str, more: str) -> int:
    """Return how many characters at the start of `more` repeat the end of `so_far`."""
    unfinished = so_far.rpartition("\n")[2]
    for tail in (unfinished, unfinished.lstrip()):
        if len(tail.strip()) >= SEED and more.startswith(tail):
            return len(tail)
    at = so_far.find(more[:SEED], max(0, len(so_far) - min(len(more), 20_000)))
    while at >= 0 and not more.startswith(so_far[at:]):
        at = so_far.find(more[:SEED], at + 1)
    is_repeated = at >= 0 and len(set(re.findall(r"\w+", so_far[at:]))) >= WORDS
    return len(so_far) - at if is_repeated else 0
