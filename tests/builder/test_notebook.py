"""The lines between the looking process and the builder."""

import io

from builder.verify.browser_worker.notebook import KEPT, TEXT, Notebook
from builder.verify.observation import Kind, read


def test_notebook__writes_what_is_read() -> None:
    """An observation comes back as it was noted."""
    stream = io.StringIO()
    note = Notebook(stream)
    note(Kind.OPENED)
    note(Kind.CHECK, index=0, passed=True, seen="“42”")
    assert read(stream.getvalue()) == [
        {"kind": "opened"},
        {"kind": "check", "index": 0, "passed": True, "seen": "“42”"},
    ]


def test_notebook__bounds_what_a_page_says() -> None:
    """A flood leaves a few texts, each cut, on one line and once."""
    stream = io.StringIO()
    note = Notebook(stream)
    for number in range(1000):
        note(Kind.CONSOLE_ERROR, seen="same")
        note(Kind.CONSOLE_ERROR, seen=f"{number}\n::error::x" + "y" * 10_000)
    seen = [observation["seen"] for observation in read(stream.getvalue())]
    assert len(seen) == KEPT
    assert seen.count("same") == 1
    assert all(len(text) <= TEXT + 1 and "\n" not in text for text in seen)


def test_notebook__checks_are_never_dropped() -> None:
    """However many checks there are, each is told."""
    stream = io.StringIO()
    note = Notebook(stream)
    for number in range(3 * KEPT):
        note(Kind.CHECK, index=number, passed=True, seen="true")
    assert len(read(stream.getvalue())) == 3 * KEPT


def test_read__line_cut_by_a_kill() -> None:
    """Half a line at the end is left out."""
    assert read('{"kind": "opened"}\n{"kind": "che') == [{"kind": "opened"}]
