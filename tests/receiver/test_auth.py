"""receiver.auth"""

import pytest

from builder.errors import TooManyFailures, WrongSecret
from receiver.auth import WINDOW_SECONDS, Failures, Gate


class Monotonic:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.mark.parametrize("secret", ["old", "new", "schlüssel-鍵"])
def test_gate__accepted(secret: str) -> None:
    """Each of several secrets is accepted, whatever script it is in."""
    gate = Gate(["old", "new", "schlüssel-鍵"], 5, Monotonic())
    gate.authenticate("192.0.2.1", secret)


@pytest.mark.parametrize(
    "secret", ["", "ol", "older", "OLD", "old ", "鍵", "\ud800", "x" * 100_000]
)
def test_gate__wrong(secret: str) -> None:
    """A secret of any length or script that is not the same is refused."""
    with pytest.raises(WrongSecret):
        Gate(["old"], 5, Monotonic()).authenticate("192.0.2.1", secret)


def _fail(gate: Gate, address: str, times: int) -> None:
    for _ in range(times):
        gate.admit(address)
        with pytest.raises(WrongSecret):
            gate.authenticate(address, "guess")


def test_gate__limit_of_failures() -> None:
    """After its failures an address waits until the window ends; another one does not."""
    monotonic = Monotonic()
    gate = Gate(["old"], 3, monotonic)
    _fail(gate, "192.0.2.1", 3)
    monotonic.seconds += 10
    with pytest.raises(TooManyFailures) as caught:
        gate.admit("192.0.2.1")
    assert caught.value.retry_after == WINDOW_SECONDS - 10
    gate.admit("192.0.2.2")
    monotonic.seconds += WINDOW_SECONDS - 10
    _fail(gate, "192.0.2.1", 3)


def test_gate__success_is_not_counted() -> None:
    """Right secrets never add up to a limit."""
    gate = Gate(["old"], 1, Monotonic())
    for _ in range(10):
        gate.admit("192.0.2.1")
        gate.authenticate("192.0.2.1", "old")


def test_failures__bounded_memory() -> None:
    """Ever new addresses push the oldest ones out."""
    failures = Failures(1, Monotonic(), max_addresses=100)
    for number in range(1000):
        failures.count(f"2001:db8:{number:x}::/64")
    assert len(failures) == 100
    assert failures.wait("2001:db8:0::/64") == 0
    assert failures.wait("2001:db8:3e7::/64") == WINDOW_SECONDS
