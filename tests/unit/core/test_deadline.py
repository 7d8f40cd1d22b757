"""The time that a run has, and the waits that others ask for."""

from datetime import UTC, datetime
from math import isfinite

from hypothesis import given
from hypothesis import strategies as st

from builder.deadline import retry_after
from tests.conftest import FakeTime

NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)


def test_deadline__budget(fake_time: FakeTime) -> None:
    """A stage has what is left less what is kept, and never less than its least."""
    deadline = fake_time.clock.deadline(100.0)
    assert deadline.budget(keep=30, at_least=5) == 70
    fake_time.sleep(80)
    assert deadline.remaining() == 20
    assert deadline.budget(keep=30, at_least=5) == 5


def test_retry_after__rows() -> None:
    """A whole number or an HTTP date counts, in UTC where it names no zone; nothing else does."""
    for text, seconds in [
        ("7", 7.0),
        ("9" * 13, None),
        ("²", None),
        ("Mon, 23 Nov 2026 12:00:30 GMT", 30.0),
        ("Mon Nov 23 12:00:30 2026", 30.0),
        ("Mon, 23 Nov 2026 11:00:00 GMT", 0.0),
        ("Mon, 23 Nov 2026 12:00:30 +99999999999999", None),
    ]:
        assert retry_after({"retry-after": text}, NOW) == seconds


@given(st.text() | st.from_regex(r"\w{3}, \d+ Nov \d+ \d+:\d+:\d+ ([A-Z]{1,4}|[+-]\d+)"))
def test_retry_after__any_text(text: str) -> None:
    """Whatever the header says, the wait is finite and not negative, or there is none."""
    seconds = retry_after({"retry-after": text}, NOW)
    assert seconds is None or (isfinite(seconds) and seconds >= 0)
