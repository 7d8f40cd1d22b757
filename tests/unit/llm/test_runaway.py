"""Replies that are stopped, and those that look a little like them."""

from collections.abc import Iterable

import pytest

from builder.llm.runaway import Runaway, repeats_itself

PROSE = [f"Sentence {at} has words of its own, {at * 7919 % 1009}. " for at in range(2000)]
FILE = '<file path="index.html">\n'


def judged(pieces: Iterable[str], *, max_tokens: int = 32_000, expects_files: bool = True) -> str:
    """Return why the reply is stopped, with how many characters of it came."""
    runaway = Runaway(max_tokens, expects_files)
    heard = 0
    for piece in pieces:
        runaway.add(piece, "")
        heard += len(piece)
        if runaway.reason:
            return f"{runaway.reason} ({heard // 1000} k)"
    return ""


def test_runaway__rambling() -> None:
    """Prose without end is stopped once a file should have begun, where files are expected."""
    assert judged(PROSE) == "stopped: no file in 12,000 characters (12 k)"
    assert judged(PROSE, expects_files=False) == ""


def test_runaway__file_begun_in_time() -> None:
    """A file block, or a fence, after a long preamble lets the reply go on."""
    openings = (FILE, '<file path = "a">\n', "```html\n")
    assert [judged([*PROSE[:200], f"\n{opening}", *PROSE]) for opening in openings] == [""] * 3


def test_runaway__reasoning_within_the_reply_is_no_preamble() -> None:
    """Reasoning in tags may be longer than a preamble; what follows it is counted."""
    assert judged(["<think>", *PROSE, "</think>\n", FILE]) == ""
    assert judged(["<think>", *PROSE[:300], "</think>\n", *PROSE]).startswith("stopped: no file")


def test_runaway__limit() -> None:
    """A reply far beyond the limit in tokens is stopped, reasoning counted."""
    told = "stopped: it went on past the limit of 2,000 tokens (12 k)"
    assert judged([FILE, *PROSE], max_tokens=2_000) == told


@pytest.mark.parametrize("part", ["x", PROSE[1], "".join(PROSE[:70])])
def test_runaway__repetition(part: str) -> None:
    """The same part over and over is stopped, a character or a whole page, also in reasoning."""
    assert judged([FILE, *PROSE[:99], *[part] * 20_000]).startswith("stopped: it repeats itself")
    runaway = Runaway(32_000, False)
    for _ in range(12_000 // len(part) + 3):
        runaway.add("", part)
    assert runaway.reason == "stopped: it repeats itself"


def test_repeats_itself__not_yet() -> None:
    """Rows that are alike, a ruler, or a page that came twice are no loop."""
    rows = "".join(f'<tr><td id="r{number}"></td></tr>\n' for number in range(500))
    tiles = "const map = [\n" + "  [1, 0, 0, 0, 0, 0, 0, 0, 0, 1],\n" * 40 + "];"
    texts = ["".join(PROSE), rows, tiles, "=" * 500, "", "".join(PROSE[:60]) * 2]
    assert [text[:40] for text in texts if repeats_itself(text)] == []
