"""When to try again."""

from collections.abc import Callable, Iterable, Iterator
from itertools import takewhile
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
    waits = iter(delays)
    while True:
        try:
            return call()
        except on:
            delay = next(waits, None)
            if delay is None:
                raise
        sleep(delay)


def poll(check: Callable[[], bool], *, delays: Iterable[float], sleep: Sleep) -> bool:
    """Check at once and after each of `delays` (seconds) until it holds; return whether it did."""
    waits = iter(delays)
    while not check():
        delay = next(waits, None)
        if delay is None:
            return False
        sleep(delay)
    return True


def within(remaining: Callable[[], float], delays: Iterable[float]) -> Iterator[float]:
    """Yield `delays` as long as the next one fits into the seconds that remain.

    `remaining` is asked each time, since the calls between the delays take their time too.
    """
    return takewhile(lambda delay: delay <= remaining(), delays)
