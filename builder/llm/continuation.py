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
_FENCE = re.compile(r"[ \t]*```[\w+.-]+[ \t]*\r?\n")
_ASIDES = re.compile(rf"(?:{_FENCE.pattern}|[^<>{{}};=`\n]*\n){{0,5}}")
"""Fences, and lines that are prose or empty: "Continuing where it stopped:"."""


def join(so_far: str, more: str) -> str:
    """Join a cut text and what a model wrote to continue it."""
    opening = _OPENING.search(more[:PREAMBLE])
    blocks = list(_OPENING.finditer(so_far)) if opening else []
    same = [block for block in blocks if opening and block[1] == opening[1]]
    if opening and same:
        rest, body = more[opening.end() :], so_far[same[-1].end() :]
        if same[-1] is not blocks[-1] or rest.startswith(body.split("\n", 1)[0]):
            # It starts over, with this file or with an earlier one.
            return so_far[: same[-1].start()] + more[opening.start() :]
        more = rest
    asides = _ASIDES.match(more)
    for rest in (more, more[asides.end() :] if asides else more):
        repeated = _repeated(so_far, rest)
        if repeated:
            return so_far + rest[repeated:]
    fence = _FENCE.match(more)
    return so_far + (more[fence.end() :] if fence and _is_within_code(so_far) else more)


def _repeated(so_far: str, more: str) -> int:
    """Return how many characters at the start of `more` repeat the end of `so_far`.

    The number of different words tells a repetition from lines that are alike by nature.
    """
    seed, start = more[:SEED], max(0, len(so_far) - min(len(more), 20_000))
    at = so_far.find(seed, start) if len(seed) == SEED else -1
    while at >= 0 and not more.startswith(so_far[at:]):
        at = so_far.find(seed, at + 1)
    if at >= 0 and len(set(re.findall(r"\w+", so_far[at:]))) >= WORDS:
        return len(so_far) - at
    unfinished = so_far.rsplit("\n", 1)[-1]
    tails = (unfinished, unfinished.lstrip()) if len(unfinished.strip()) >= SEED else ()
    return next((len(tail) for tail in tails if more.startswith(tail)), 0)


def _is_within_code(text: str) -> bool:
    """Whether the text ends within a fence, or within a file where a fence cannot belong."""
    blocks = list(_OPENING.finditer(text))
    if not blocks or "</file>" in text[blocks[-1].end() :]:
        return len(re.findall(r"^[ \t]*```", text, re.M)) % 2 == 1
    return not blocks[-1][1].lower().endswith((".md", ".markdown"))
