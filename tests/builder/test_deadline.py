"""The budget of a run, and when to try again."""

import pytest

from builder.backoff import poll, retry, within
from builder.deadline import Deadline
from tests.conftest import FakeTime


def test_deadline__budget(fake_time: FakeTime) -> None:
    """A stage has what is left less what is kept, and never less than its least."""
    deadline = Deadline.counted_from(fake_time.now, fake_time.clock.now, 100.0)
    assert deadline.budget(keep=30, at_least=5) == 70
    fake_time.sleep(80)
    assert deadline.remaining() == 20
    assert deadline.budget(keep=30, at_least=5) == 5


def test_retry__raises_the_last_failure(fake_time: FakeTime) -> None:
    """After the last delay the failure comes out; other failures come out at once."""
    failures = [ValueError("1"), ValueError("2"), ValueError("3")]

    def fail() -> None:
        raise failures.pop(0)

    with pytest.raises(ValueError, match="3"):
        retry(fail, on=ValueError, delays=[1, 2], sleep=fake_time.sleep)
    assert fake_time.slept == [1, 2]
    failures.append(ValueError("4"))
    with pytest.raises(ValueError, match="4"):
        retry(fail, on=KeyError, delays=[1], sleep=fake_time.sleep)


def test_poll__looks_once_more_at_the_end(fake_time: FakeTime) -> None:
    """The check is made before, between and after the delays."""
    looks: list[bool] = []

    def look() -> bool:
        looks.append(True)
        return len(looks) == 3

    assert poll(look, delays=[1, 1], sleep=fake_time.sleep)
    assert not poll(look, delays=[1], sleep=fake_time.sleep)
    assert len(looks) == 5


def test_within__stops_before_the_budget_is_spent() -> None:
    """Delays are yielded while the next one fits into what is left by then."""
    left = iter([5.0, 2.0, 3.9])
    assert list(within(lambda: next(left), [1, 2, 4, 8])) == [1, 2]
