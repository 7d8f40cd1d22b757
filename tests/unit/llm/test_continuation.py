"""Joining a cut reply with what goes on."""

import time
from timeit import repeat

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from builder.llm.continuation import join
from builder.llm.messages import spoken

REPLY = """Here are the files.

<file path="index.html">
<!doctype html>
<html lang="en">
<body>
  <h1>Sales of the year</h1>
  <p>Total: <output id="total-sales">0</output> units in all regions</p>
  <div><div><div>
  </div>
  </div>
  </div>
  <script>
    const rows = text.trim().split("\\n").slice(1).map((line) => line.split(","));
    const total = rows.reduce((sum, [, amount]) => sum + Number(amount), 0);
    document.querySelector("#total-sales").textContent = total.toFixed(2);
  </script>
</body>
</html>
</file>
<file path="README.md">
# Sales

```bash
python3 -m http.server
```

Open the page in a browser, and read the total.
</file>
"""


@settings(deadline=None)
@given(st.integers(1, len(REPLY)), st.integers(60, 400))
def test_join__repeated_tail_stands_once(cut: int, repeated: int) -> None:
    """A tail of some length that is repeated, or none, stands once, wherever the cut was."""
    assert join(REPLY[:cut], REPLY[cut:]) == REPLY
    start = max(0, cut - repeated)
    tail = REPLY[start:cut]
    assume(len(set(tail.replace("<", " ").split())) >= 12)  # else it may be coincidence
    assert join(REPLY[:cut], REPLY[start:]) == REPLY


def cut_at(words: str) -> tuple[str, str]:
    """Cut the reply right behind `words`."""
    at = REPLY.index(words) + len(words)
    return REPLY[:at], REPLY[at:]


@pytest.mark.parametrize(
    "added",
    [
        "    const total = rows",
        "```html\n    const total = rows",
        "Continuing from where I stopped:\n\n```html\nconst total = rows",
        '<file path="index.html">\n    const total = rows',
        '<file path="index.html">\n',
    ],
)
def test_join__cut_within_a_line(added: str) -> None:
    """The unfinished line again, a remark, a new fence or block: what was added goes."""
    so_far, more = cut_at("const total = rows")
    assert join(so_far, added + more) == REPLY


def test_join__lines_alike_are_kept() -> None:
    """Short lines that may well stand twice in a page are not taken for a repetition."""
    for tail in ("    </div>\n    </div>\n", "</div>", "1,2\n", "  }\n  }\n"):
        assert join(f"<main>\n{tail}", f"{tail}<p>end") == f"<main>\n{tail}{tail}<p>end"


def test_join__file_begun_again() -> None:
    """A model that writes the cut file, or an earlier one, anew replaces what stood from there."""
    so_far, _ = cut_at("const total = rows")
    again = REPLY[REPLY.index("<file path=") :]
    assert join(so_far, again) == REPLY
    assert join(so_far, "Sorry, once more:\n\n" + again) == REPLY
    later, _ = cut_at("python3 -m http")
    assert join(later, again) == REPLY


def test_join__fences() -> None:
    """One behind the cut of a Markdown file stays; one opened again around a file goes."""
    assert join(*cut_at("# Sales\n\n")) == REPLY
    reply = "index.html\n```html\n<p>one\n<p>two\n```\n"
    assert join(reply[:25], "```html\n" + reply[25:]) == reply
    assert join("index.html\n```html\n<p>one\n", "```\n") == "index.html\n```html\n<p>one\n```\n"


@pytest.mark.parametrize("part", ["a", "``` \n", '<file path="a">\n'])
def test_join__long_texts_take_no_time(part: str) -> None:
    """A hundred thousand characters of the same are joined in 0.2 s."""
    text = part * (100_000 // len(part))
    assert min(repeat(lambda: join(text, text), timer=time.process_time, number=1, repeat=3)) < 0.2


def test_spoken__thoughts_at_the_beginning() -> None:
    """Thoughts at the beginning go, closed or not; elsewhere the tag is a word like others."""
    for text in ("reply", "<think>hm</think>\n\nreply", "\n<thinking>hm\n<x></thinking>reply"):
        assert spoken(text) == "reply"
    assert spoken("<think>hm") == ""
    assert spoken("reply <think>hm</think>") == "reply <think>hm</think>"
