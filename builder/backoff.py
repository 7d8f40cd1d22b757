"""When to try again."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")
Sleep = Callable[[float], None]


def retry(
    call: Callable[[], T],
    *,
    on: type[Exception] | tuple[type[Exception], ...],
    delays: Iterable[float],
    sleep: Sleep,
) -> T:
    """Call until it returns; after an exception of `on` wait the next of `delays` (seconds).

    The last exception is raised when the delays have run out.
    """
    for delay in delays:
        try:
            return call()
        except on:
            sleep(delay)
    return call()


def poll(check: Callable[[], bool], *, delays: Iterable[float], sleep: Sleep) -> bool:
    """Check at once and after each of `delays` (seconds) until it holds; return whether it did."""
    for delay in delays:
        if check():
            return True
        sleep(delay)
    return check()


def within(budget: float, delays: Iterable[float]) -> Iterator[float]:
    """Yield `delays` as long as their sum stays within `budget` seconds."""
    for delay in delays:
        budget -= delay
        if budget < 0:
            return
        yield delay
