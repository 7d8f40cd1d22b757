"""Putting together a reply that was cut at the output limit and went on in a second answer.

Models are asked to go on from exactly where they stopped. Some repeat the tail of what stands, open
the code fence or the file's block once more, or begin the file again: each is mended here, and only
where the two texts prove it, since lines that look alike may well stand twice in a page.
"""

import re

SEED = 8
"""Characters by which a repeated tail is looked for; none shorter is taken for one."""
WORDS = 5
"""Different words that make a repeated tail more than a coincidence, such as two `</div>`."""
PREAMBLE = 400
"""Characters within which a second text begins again, after remarks."""

_OPENING = re.compile(r'^<file path="([^"\n]+)"[^>\n]*>[ \t]*\r?\n', re.M)
_FENCE = re.compile(r"[ \t]*```[\w+.-]+[ \t]*\r?\n")
_ASIDES = re.compile(rf"(?:{_FENCE.pattern}|[^<>{{}};=`\n]*\n){{0,5}}")
"""Fences, and lines that are prose or empty: "Continuing where it stopped:"."""


def join(so_far: str, more: str) -> str:
    """Return one text of a cut text and what a model wrote to go on with it."""
    opening = _OPENING.search(more[:PREAMBLE])
    blocks = list(_OPENING.finditer(so_far)) if opening else []
    same = [block for block in blocks if opening and block[1] == opening[1]]
    if opening and same:
        rest, body = more[opening.end() :], so_far[same[-1].end() :]
        if same[-1] is not blocks[-1] or rest.startswith(body.split("\n", 1)[0]):
            # It begins anew, with this file or with an earlier one.
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
    """Return how many characters at the beginning of `more` are the end of `so_far`.

    Lines that are alike by their nature are told from a repetition by their words.
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
