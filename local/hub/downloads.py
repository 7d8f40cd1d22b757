"""Addresses that open one download without a token, for a short time."""

import secrets
import threading
from collections.abc import Callable

LIFETIME = 60
"""Seconds that GitHub's log addresses are good for (GitHub REST docs)."""


class Downloads:
    """What was offered, by the key in its address."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._offered: dict[str, tuple[float, str]] = {}
        self._lock = threading.Lock()

    def offer(self, what: str) -> str:
        """Return a key that nobody guesses."""
        key = secrets.token_urlsafe(24)
        with self._lock:
            self._offered[key] = (self._clock(), what)
        return key

    def find(self, key: str) -> str | None:
        """Return what a key opens, None when it is unknown or too old."""
        with self._lock:
            offered_at, what = self._offered.get(key, (float("-inf"), None))
        return what if self._clock() - offered_at < LIFETIME else None
