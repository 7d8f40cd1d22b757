"""Who may send tasks: clients with an accepted secret, from addresses that do not guess."""

import hashlib
import hmac
import ipaddress
import time
from collections import Counter
from collections.abc import Callable, Iterable

from starlette.requests import HTTPConnection

from builder.errors import TooManyFailures, WrongSecret

WINDOW_SECONDS = 60.0
MAX_ADDRESSES = 10_000
"""Addresses with failures that are remembered: about 1 MB."""


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
        self._window_ends = 0.0
        self.failures: Counter[str] = Counter()
        """Wrong secrets of each address in this window, the oldest first."""

    def check_address(self, address: str) -> None:
        """Raise TooManyFailures if `address` sent too many wrong secrets within a minute."""
        wait = self._window_ends - self._monotonic()
        if wait > 0 and self.failures[address] >= self._limit:
            message = "too many requests with a wrong secret came from this address"
            raise TooManyFailures(message, retry_after=wait)

    def check_secret(self, address: str, secret: str) -> None:
        """Raise WrongSecret unless `secret` is accepted, and count the failure."""
        given = _digest(secret)
        # Compare with all of them: the time must not reveal which one matched.
        matches = [hmac.compare_digest(given, digest) for digest in self._digests]
        if not any(matches):
            self._count(address)
            raise WrongSecret("the secret is wrong")

    def _count(self, address: str) -> None:
        now = self._monotonic()
        if now >= self._window_ends:
            self.failures.clear()
            self._window_ends = now + WINDOW_SECONDS
        self.failures[address] += 1
        if len(self.failures) > MAX_ADDRESSES:
            del self.failures[next(iter(self.failures))]


def client_address(http: HTTPConnection, trusted_proxies: int) -> str:
    """Return the client's address; of IPv6 the /64, which one household has.

    `trusted_proxies` is the number of our proxies in front: each appends the address that it saw to
    `X-Forwarded-For`, so this many entries from the right are reliable.
    """
    candidates = [http.client.host if http.client else ""]
    forwarded = ",".join(http.headers.getlist("x-forwarded-for")).split(",")
    if 0 < trusted_proxies <= len(forwarded):
        candidates.insert(0, forwarded[-trusted_proxies].strip())
    return next(filter(None, map(_network, candidates)), "unknown")


def _network(text: str) -> str | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    return str(address.ipv4_mapped or ipaddress.ip_network((address, 64), strict=False))


def _digest(secret: str) -> bytes:
    """Hash, so that comparing takes the same time for every length and script."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
