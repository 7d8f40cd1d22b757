"""Who may hand in tasks: senders with an accepted secret, from addresses that do not guess."""

import hashlib
import hmac
from collections import OrderedDict
from collections.abc import Callable, Iterable

from builder.errors import TooManyFailures, WrongSecret

WINDOW_SECONDS = 60.0
MAX_ADDRESSES = 10_000
"""Addresses with failures that are remembered: about 2 MB."""


class Gate:
    """Compares secrets in constant time and counts the failures of each address."""

    def __init__(
        self, secrets: Iterable[str], failures_per_minute: int, monotonic: Callable[[], float]
    ) -> None:
        self._digests = [_digest(secret) for secret in secrets]
        self._failures = Failures(failures_per_minute, monotonic)

    def admit(self, address: str) -> None:
        """Let `address` hand something in. Raises TooManyFailures."""
        wait = self._failures.wait(address)
        if wait > 0:
            raise TooManyFailures(wait)

    def authenticate(self, address: str, secret: str) -> None:
        """Compare `secret` with each accepted one. Raises WrongSecret, and counts it."""
        given = _digest(secret)
        # No early way out: the time must not tell which of them it was.
        matches = [hmac.compare_digest(given, digest) for digest in self._digests]
        if not any(matches):
            self._failures.count(address)
            raise WrongSecret


class Failures:
    """Failures of each address in a window that begins with the first one; the oldest go first."""

    def __init__(
        self,
        limit: int,
        monotonic: Callable[[], float],
        *,
        window: float = WINDOW_SECONDS,
        max_addresses: int = MAX_ADDRESSES,
    ) -> None:
        self._limit = limit
        self._monotonic = monotonic
        self._window = window
        self._max_addresses = max_addresses
        self._counted: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._counted)

    def wait(self, address: str) -> float:
        """Return the seconds until `address` may try again, 0 if it may now."""
        began, count = self._counted.get(address, (0.0, 0))
        if count < self._limit:
            return 0.0
        return max(0.0, began + self._window - self._monotonic())

    def count(self, address: str) -> None:
        """Note a failure of `address`."""
        now = self._monotonic()
        began, count = self._counted.get(address, (now, 0))
        if now - began >= self._window:
            self._counted.pop(address)
            began, count = now, 0
        self._counted[address] = (began, count + 1)
        if len(self._counted) > self._max_addresses:
            self._counted.popitem(last=False)


def _digest(secret: str) -> bytes:
    """Hash, so that secrets of every length and script compare in the same time."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
