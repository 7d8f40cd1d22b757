"""Who may send tasks: clients with an accepted secret, from addresses that do not guess."""

import hashlib
import hmac
import ipaddress
import time
from collections.abc import Callable, Iterable

from starlette.requests import HTTPConnection

from builder.errors import TooManyFailures, WrongSecret

WINDOW_SECONDS = 60.0
MAX_ADDRESSES = 10_000
"""Addresses with failures that are remembered: about 2 MB."""


class Authenticator:
    """Compares secrets in constant time and limits the failures of each address."""

    def __init__(
        self,
        secrets: Iterable[str],
        failures_per_minute: int,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._digests = [_digest(secret) for secret in secrets]
        self._limit = failures_per_minute
        self._monotonic = monotonic
        self.failures: dict[str, tuple[float, int]] = {}
        """Start of the window and number of failures of each address, the oldest first."""

    def check_address(self, address: str) -> None:
        """Raise TooManyFailures if `address` sent too many wrong secrets within a minute."""
        began, count = self.failures.get(address, (0.0, 0))
        wait = began + WINDOW_SECONDS - self._monotonic()
        if count >= self._limit and wait > 0:
            raise TooManyFailures(wait)

    def check_secret(self, address: str, secret: str) -> None:
        """Raise WrongSecret unless `secret` is accepted, and count the failure."""
        given = _digest(secret)
        # Compare with all of them: the time must not tell which one matched.
        matches = [hmac.compare_digest(given, digest) for digest in self._digests]
        if not any(matches):
            self._count(address)
            raise WrongSecret

    def _count(self, address: str) -> None:
        now = self._monotonic()
        began, count = self.failures.get(address, (now, 0))
        if now - began >= WINDOW_SECONDS:
            del self.failures[address]
            began, count = now, 0
        self.failures[address] = (began, count + 1)
        if len(self.failures) > MAX_ADDRESSES:
            del self.failures[next(iter(self.failures))]


def client_address(http: HTTPConnection, trusted_proxies: int) -> str:
    """Return the client's address; of IPv6 the /64, which one household has.

    `trusted_proxies` is the number of our proxies in front: each appends the address that it saw to
    `X-Forwarded-For`, so this many entries from the right are reliable.
    """
    peer = http.client.host if http.client else ""
    forwarded = ",".join(http.headers.getlist("x-forwarded-for")).split(",")
    if 0 < trusted_proxies <= len(forwarded):
        return _network(forwarded[-trusted_proxies].strip()) or _network(peer) or "unknown"
    return _network(peer) or "unknown"


def _network(text: str) -> str | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, 64), strict=False))


def _digest(secret: str) -> bytes:
    """Hash, so that comparing takes the same time for every length and script."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
