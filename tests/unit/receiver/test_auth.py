"""receiver.auth"""

import pytest
from starlette.requests import HTTPConnection

from builder.errors import TooManyFailures, WrongSecret
from receiver.auth import MAX_ADDRESSES, WINDOW_SECONDS, Authenticator, client_address


def _fail(auth: Authenticator, address: str, times: int) -> None:
    for _ in range(times):
        auth.check_address(address)
        with pytest.raises(WrongSecret):
            auth.check_secret(address, "guess")


def test_check_secret__accepted() -> None:
    """Each of several secrets is accepted, whatever its script, and never adds up to a limit."""
    auth = Authenticator(["old", "new", "schlüssel-鍵"], 1)
    for secret in ("old", "new", "schlüssel-鍵") * 3:
        auth.check_address("192.0.2.1")
        auth.check_secret("192.0.2.1", secret)


def test_check_secret__wrong() -> None:
    """A secret of any length or script that is not the same, code point by code point, is wrong."""
    auth = Authenticator(["old", "café"], 5)
    for secret in ("", "ol", "older", "OLD", "鍵", "\ud800", "cafe\u0301", "old" * 100_000):
        with pytest.raises(WrongSecret):
            auth.check_secret("192.0.2.1", secret)


def test_check_address__limit_of_failures() -> None:
    """After its failures an address waits until the window ends; another one does not."""
    now = [1000.0]
    auth = Authenticator(["old"], 3, lambda: now[0])
    _fail(auth, "192.0.2.1", 3)
    now[0] += 10
    with pytest.raises(TooManyFailures) as caught:
        auth.check_address("192.0.2.1")
    assert caught.value.retry_after == WINDOW_SECONDS - 10
    auth.check_address("192.0.2.2")
    now[0] += WINDOW_SECONDS - 10
    _fail(auth, "192.0.2.1", 3)


def test_failures__bounded_memory() -> None:
    """Ever new addresses push the oldest ones out."""
    auth = Authenticator(["old"], 1, lambda: 0.0)
    for number in range(MAX_ADDRESSES + 1):
        _fail(auth, f"2001:db8:{number:x}::/64", 1)
    assert len(auth.failures) == MAX_ADDRESSES
    auth.check_address("2001:db8:0::/64")
    with pytest.raises(TooManyFailures):
        auth.check_address(f"2001:db8:{MAX_ADDRESSES:x}::/64")


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted_proxies", "expected"),
    [
        ("192.0.2.1", ["198.51.100.7"], 0, "192.0.2.1"),
        ("192.0.2.1", ["made-up, 198.51.100.7"], 1, "198.51.100.7"),
        ("192.0.2.1", ["made-up", "198.51.100.7, 203.0.113.9"], 2, "198.51.100.7"),
        ("192.0.2.1", ["198.51.100.7"], 2, "192.0.2.1"),
        ("192.0.2.1", ["no address"], 1, "192.0.2.1"),
        ("2001:db8::1:2", [], 0, "2001:db8::/64"),
        ("::ffff:192.0.2.1", [], 0, "192.0.2.1"),
        ("testclient", [], 0, "unknown"),
    ],
)
def test_client_address(
    peer: str, forwarded: list[str], trusted_proxies: int, expected: str
) -> None:
    """X-Forwarded-For counts only as far as our own proxies wrote it."""
    headers = [(b"x-forwarded-for", value.encode("latin-1")) for value in forwarded]
    http = HTTPConnection({"type": "http", "client": (peer, 4711), "headers": headers})
    assert client_address(http, trusted_proxies) == expected
