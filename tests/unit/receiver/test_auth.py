"""receiver.auth"""

import pytest
from starlette.requests import HTTPConnection

from builder.errors import TooManyFailures, WrongSecret
from receiver.auth import MAX_ADDRESSES, WINDOW_SECONDS, Authenticator, client_address


class Monotonic:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def _fail(auth: Authenticator, address: str, times: int) -> None:
    for _ in range(times):
        auth.check_address(address)
        with pytest.raises(WrongSecret):
            auth.check_secret(address, "guess")


@pytest.mark.parametrize("secret", ["old", "new", "schlüssel-鍵"])
def test_check_secret__accepted(secret: str) -> None:
    """Each of several secrets is accepted, whatever script it is in."""
    Authenticator(["old", "new", "schlüssel-鍵"], 5).check_secret("192.0.2.1", secret)


@pytest.mark.parametrize("secret", ["", "ol", "older", "OLD", "鍵", "\ud800", "x" * 100_000])
def test_check_secret__wrong(secret: str) -> None:
    """A secret of any length or script that is not the same is refused."""
    with pytest.raises(WrongSecret):
        Authenticator(["old"], 5).check_secret("192.0.2.1", secret)


def test_check_address__limit_of_failures() -> None:
    """After its failures an address waits until the window ends; another one does not."""
    monotonic = Monotonic()
    auth = Authenticator(["old"], 3, monotonic)
    _fail(auth, "192.0.2.1", 3)
    monotonic.seconds += 10
    with pytest.raises(TooManyFailures) as caught:
        auth.check_address("192.0.2.1")
    assert caught.value.retry_after == WINDOW_SECONDS - 10
    auth.check_address("192.0.2.2")
    monotonic.seconds += WINDOW_SECONDS - 10
    _fail(auth, "192.0.2.1", 3)


def test_check_address__success_is_not_counted() -> None:
    """Right secrets never add up to a limit."""
    auth = Authenticator(["old"], 1)
    for _ in range(10):
        auth.check_address("192.0.2.1")
        auth.check_secret("192.0.2.1", "old")


def test_failures__bounded_memory() -> None:
    """Ever new addresses push the oldest ones out."""
    auth = Authenticator(["old"], 1, Monotonic())
    for number in range(MAX_ADDRESSES + 1):
        _fail(auth, f"2001:db8:{number:x}::/64", 1)
    assert len(auth.failures) == MAX_ADDRESSES
    auth.check_address("2001:db8:0::/64")
    with pytest.raises(TooManyFailures):
        auth.check_address(f"2001:db8:{MAX_ADDRESSES:x}::/64")


def _from(peer: str, *forwarded: str) -> HTTPConnection:
    headers = [(b"x-forwarded-for", value.encode("latin-1")) for value in forwarded]
    return HTTPConnection({"type": "http", "client": (peer, 4711), "headers": headers})


@pytest.mark.parametrize(
    ("http", "trusted_proxies", "expected"),
    [
        (_from("192.0.2.1"), 0, "192.0.2.1"),
        (_from("192.0.2.1", "198.51.100.7"), 0, "192.0.2.1"),
        (_from("192.0.2.1", "made-up, 198.51.100.7"), 1, "198.51.100.7"),
        (_from("192.0.2.1", "made-up", "198.51.100.7, 203.0.113.9"), 2, "198.51.100.7"),
        (_from("192.0.2.1", "198.51.100.7"), 2, "192.0.2.1"),
        (_from("192.0.2.1"), 1, "192.0.2.1"),
        (_from("192.0.2.1", "no address"), 1, "192.0.2.1"),
        (_from("2001:db8::1:2"), 0, "2001:db8::/64"),
        (_from("::ffff:192.0.2.1"), 0, "192.0.2.1"),
        (_from("testclient"), 0, "unknown"),
    ],
)
def test_client_address(http: HTTPConnection, trusted_proxies: int, expected: str) -> None:
    """X-Forwarded-For counts only as far as our own proxies wrote it."""
    assert client_address(http, trusted_proxies) == expected
