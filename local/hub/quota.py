"""The hourly rate limit of the REST API, for each credential."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from local.hub.problems import Problem
from local.hub.store import digest

HOUR = 3600


@dataclass
class _Window:
    reset: float
    used: int = 0


class Quota:
    """Counts calls; an hour begins with the first one."""

    def __init__(self, limit: int, clock: Callable[[], float]) -> None:
        self._limit = limit
        self._clock = clock
        self._windows: dict[str, _Window] = {}
        self._lock = threading.Lock()

    def spend(self, credential: str) -> dict[str, str]:
        """Count one call and return the headers that tell of it. Raises Problem (403)."""
        with self._lock:
            window = self._window(digest(credential))
            exceeded = window.used >= self._limit
            window.used += not exceeded
            headers = self._headers(window)
        if exceeded:
            raise Problem(403, "API rate limit exceeded for user.", headers=headers)
        return headers

    def _window(self, key: str) -> _Window:
        now = self._clock()
        window = self._windows.get(key)
        if window is None or now >= window.reset:
            window = self._windows[key] = _Window(reset=now + HOUR)
        return window

    def _headers(self, window: _Window) -> dict[str, str]:
        return {
            "x-ratelimit-limit": str(self._limit),
            "x-ratelimit-remaining": str(self._limit - window.used),
            "x-ratelimit-used": str(window.used),
            "x-ratelimit-reset": str(int(window.reset)),
            "x-ratelimit-resource": "core",
        }
