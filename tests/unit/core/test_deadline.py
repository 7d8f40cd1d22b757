"""The budget of a run."""

from builder.deadline import Deadline
from tests.conftest import FakeTime


def test_deadline__budget(fake_time: FakeTime) -> None:
    """A stage has what is left less what is kept, and never less than its least."""
    deadline = Deadline.counted_from(fake_time.now, fake_time.clock.now, 100.0)
    assert deadline.budget(keep=30, at_least=5) == 70
    fake_time.sleep(80)
    assert deadline.remaining() == 20
    assert deadline.budget(keep=30, at_least=5) == 5
