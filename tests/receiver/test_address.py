"""receiver.address"""

import pytest
from starlette.requests import HTTPConnection

from receiver.address import client_address


def _from(peer: str, *forwarded: str) -> HTTPConnection:
    headers = [(b"x-forwarded-for", value.encode("latin-1")) for value in forwarded]
    return HTTPConnection({"type": "http", "client": (peer, 4711), "headers": headers})


@pytest.mark.parametrize(
    ("http", "trusted_proxies", "expected"),
    [
        (_from("192.0.2.1"), 0, "192.0.2.1"),
        (_from("192.0.2.1", "198.51.100.7"), 0, "192.0.2.1"),
        (_from("192.0.2.1", "198.51.100.7"), 1, "198.51.100.7"),
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
