"""Putting together a reply that was cut at the length limit and went on in a second answer.

Models are asked to go on from exactly where they stopped. Some repeat the tail of what stands, open
the code fence or the file's block once more, or begin the file again: each is mended here, and only
where the two texts prove it, since lines that look alike may well stand twice in a page.
"""

import re
from collections.abc import Iterator

SEED = 8
"""Characters by which a repeated tail is looked for; none shorter is taken for one."""
WORDS = 5
"""Different words that make a repeated tail more than a coincidence, such as two `</div>`."""
LINES = 5
"""How far into the second text it may begin."""

_OPENING = re.compile(r'^<file path="([^"\n]+)"[^>\n]*>[ \t]*\r?\n', re.M)
_CLOSING = "</file>"
_FENCE = re.compile(r"^[ \t]*```", re.M)
_LANGUAGE_FENCE = re.compile(r"[ \t]*```[\w+.-]+[ \t]*\r?\n")
_LAST_FENCE = re.compile(r"\n[ \t]*```\s*\Z")
_REMARK = re.compile(r"[^<>{};=`]*\r?\n")
"""A line that is prose or empty: "Continuing where it stopped:"."""


def join(so_far: str, more: str) -> str:
    """Return one text of a cut text and what a model wrote to go on with it."""
    for start in _beginnings(more):
        rest = more[start:]
        again = _begun_again(so_far, rest)
        if again is not None:
            return again
        repeated = _repeated(so_far, rest)
        if repeated:
            return _with_fences_paired(so_far, more[:start], rest[repeated:])
    fence = _LANGUAGE_FENCE.match(more)
    if fence and (_is_in_fence(so_far) or _is_in_code_file(so_far)):
        return _with_fences_paired(so_far, fence[0], more[fence.end() :])
    return so_far + more


def _beginnings(more: str) -> Iterator[int]:
    """Yield where the continuation may begin: at once, behind a remark, behind a fence."""
    start = 0
    for _ in range(LINES):
        yield start
        skipped = _LANGUAGE_FENCE.match(more, start) or _REMARK.match(more, start)
        if skipped is None:
            return
        start = skipped.end()


def _begun_again(so_far: str, more: str) -> str | None:
    """Return the joined text when `more` opens the block that stands open; else None."""
    opening = _OPENING.match(more)
    standing = _open_block(so_far)
    if opening is None or standing is None:
        return None
    same = [block for block in _OPENING.finditer(so_far) if block[1] == opening[1]]
    if not same:
        return None
    if same[-1].start() != standing.start():
        # It begins with an earlier file: what was written from there on comes again.
        return so_far[: same[-1].start()] + more
    rest, body = more[opening.end() :], so_far[standing.end() :]
    if rest.startswith(body.split("\n", 1)[0]):
        return so_far[: standing.start()] + more
    return join(so_far, rest)


def _repeated(so_far: str, more: str) -> int:
    """Return how many characters at the beginning of `more` are the end of `so_far`."""
    seed = more[:SEED]
    if len(seed) < SEED:
        return 0
    at = so_far.find(seed, max(0, len(so_far) - len(more)))
    while at >= 0:
        tail = so_far[at:]
        if more.startswith(tail) and _is_telling(tail, so_far):
            return len(tail)
        at = so_far.find(seed, at + 1)
    return 0


def _is_telling(tail: str, text: str) -> bool:
    """Tell a repeated tail from lines that are alike by their nature."""
    if len(set(re.findall(r"\w+", tail))) >= WORDS:
        return True
    unfinished = text.rsplit("\n", 1)[-1].lstrip()
    return tail.lstrip() == unfinished and len(unfinished.strip()) >= SEED


def _with_fences_paired(so_far: str, skipped: str, more: str) -> str:
    """Join; when the fence skipped was a new one, the one that closes it goes too."""
    whole = so_far + more
    is_odd = len(_FENCE.findall(whole)) % 2 == 1
    if _FENCE.search(skipped) and not _is_in_fence(so_far) and is_odd:
        return _LAST_FENCE.sub("\n", whole)
    return whole


def _is_in_fence(text: str) -> bool:
    return len(_FENCE.findall(text)) % 2 == 1


def _is_in_code_file(text: str) -> bool:
    """Whether the text ends within a file where a fence cannot belong."""
    standing = _open_block(text)
    return standing is not None and not standing[1].lower().endswith((".md", ".markdown"))


def _open_block(text: str) -> re.Match[str] | None:
    """Return the opening of the file block that is not closed yet."""
    openings = list(_OPENING.finditer(text))
    if not openings or _CLOSING in text[openings[-1].end() :]:
        return None
    return openings[-1]
