"""The lines between the browser worker and the builder."""

import io

from builder.verify.browser_worker.recorder import (
    MAX_CHARACTERS,
    MAX_OF_A_KIND,
    MAX_SNAPSHOT,
    Recorder,
)
from builder.verify.worker_protocol import Kind, read_observations


def test_recorder__writes_what_is_read() -> None:
    """An observation comes back as it was recorded."""
    stream = io.StringIO()
    record = Recorder(stream)
    record(Kind.OPENED)
    record(Kind.CHECK, index=0, passed=True, seen="“42”")
    assert read_observations(stream.getvalue()) == [
        {"kind": "opened"},
        {"kind": "check", "index": 0, "passed": True, "seen": "“42”"},
    ]


def test_recorder__bounds_what_a_page_says() -> None:
    """A flood leaves a few texts, each cut, on one line and once."""
    stream = io.StringIO()
    record = Recorder(stream)
    for number in range(1000):
        record(Kind.CONSOLE_ERROR, seen="same")
        record(Kind.CONSOLE_ERROR, seen=f"{number}\n::error::x" + "y" * 10_000)
    seen = [observation["seen"] for observation in read_observations(stream.getvalue())]
    assert len(seen) == MAX_OF_A_KIND
    assert seen.count("same") == 1
    assert all(len(text) <= MAX_CHARACTERS + 1 and "\n" not in text for text in seen)


def test_recorder__tree_of_the_page() -> None:
    """The accessibility tree keeps its lines, up to a length of its own."""
    tree = "- main:\n  - button\n" * MAX_SNAPSHOT
    stream = io.StringIO()
    Recorder(stream)(Kind.SNAPSHOT, seen=tree)
    assert read_observations(stream.getvalue())[0]["seen"] == tree[:MAX_SNAPSHOT]


def test_recorder__checks_are_never_dropped() -> None:
    """However many checks there are, each is told."""
    stream = io.StringIO()
    record = Recorder(stream)
    for number in range(3 * MAX_OF_A_KIND):
        record(Kind.CHECK, index=number, passed=True, seen="true")
    assert len(read_observations(stream.getvalue())) == 3 * MAX_OF_A_KIND


def test_read_observations__line_cut_by_a_kill() -> None:
    """Half a line at the end is left out."""
    assert read_observations('{"kind": "opened"}\n{"kind": "che') == [{"kind": "opened"}]
