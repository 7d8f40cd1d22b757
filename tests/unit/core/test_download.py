"""What is fetched of a log, which an app's own workflow may make as long as it likes."""

from collections.abc import Iterator

import httpx
import pytest

from builder.wiring.stages import MAX_DOWNLOAD, downloaded
from tests.conftest import FakeTime

PART = bytes(1024 * 1024)


def client(parts: Iterator[bytes]) -> httpx.Client:
    """Return a client that is answered with these parts."""
    return httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(200, content=parts)))


def test_downloaded__the_whole(fake_time: FakeTime) -> None:
    """What is short enough comes whole."""
    parts = iter([b"a", b"b"])
    assert downloaded(client(parts), "http://log", fake_time.clock, 20.0) == b"ab"


def test_downloaded__no_end(fake_time: FakeTime) -> None:
    """A log without an end is given up soon after the longest that is taken."""
    taken = 0

    def endless() -> Iterator[bytes]:
        nonlocal taken
        while True:
            taken += len(PART)
            yield PART

    with pytest.raises(OSError, match="too long"):
        downloaded(client(endless()), "http://log", fake_time.clock, 20.0)
    assert taken <= MAX_DOWNLOAD + 2 * len(PART)


def test_downloaded__one_byte_at_a_time(fake_time: FakeTime) -> None:
    """A log that comes byte by byte is given up when its time is over."""

    def slow() -> Iterator[bytes]:
        while True:
            fake_time.clock.sleep(1.0)
            yield b"x"

    with pytest.raises(OSError, match="too slowly"):
        downloaded(client(slow()), "http://log", fake_time.clock, 20.0)
    assert len(fake_time.slept) <= 22
