"""The rate limits of the REST API: calls an hour, and content made a minute."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from local.hub.problems import Problem
from local.hub.records import digest

HOUR = 3600
MINUTE = 60
"""Seconds of a primary and of a secondary limit (GitHub docs, "Rate limits for the REST API")."""
SECONDARY = (
    "You have exceeded a secondary rate limit and have been temporarily blocked from content "
    "creation. Please retry your request again later."
)


@dataclass
class _Window:
    reset: float
    used: int = 0


class RateLimits:
    """Counts the calls of each credential; a window begins with its first call.

    `secondary` is how many writes a minute may hold, None for no such limit; its minute is
    shortened by `time_scale`.
    """

    def __init__(
        self, hourly: int, secondary: int | None, time_scale: float, clock: Callable[[], float]
    ) -> None:
        self._hourly = hourly
        self._secondary = secondary
        self._minute = MINUTE * time_scale
        self._clock = clock
        self._windows: dict[tuple[str, float], _Window] = {}
        self._lock = threading.Lock()

    def spend(self, credential: str, *, writes: bool) -> dict[str, str]:
        """Count one call and return the headers that tell of it. Raises Problem (403)."""
        key = digest(credential)
        with self._lock:
            hour = self._window(key, HOUR)
            if not self._take(hour, self._hourly):
                raise Problem(403, "API rate limit exceeded for user.", headers=self._headers(hour))
            if writes and self._secondary is not None:
                self._spend_secondary(self._window(key, self._minute), hour)
            return self._headers(hour)

    def _spend_secondary(self, minute: _Window, hour: _Window) -> None:
        if not self._take(minute, self._secondary or 0):
            wait = max(1, round(minute.reset - self._clock()))
            headers = {**self._headers(hour), "retry-after": str(wait)}
            raise Problem(403, SECONDARY, headers=headers)

    def _take(self, window: _Window, limit: int) -> bool:
        exceeded = window.used >= limit
        window.used += not exceeded
        return not exceeded

    def _window(self, key: str, length: float) -> _Window:
        now = self._clock()
        window = self._windows.get((key, length))
        if window is None or now >= window.reset:
            window = self._windows[key, length] = _Window(reset=now + length)
        return window

    def _headers(self, hour: _Window) -> dict[str, str]:
        return {
            "x-ratelimit-limit": str(self._hourly),
            "x-ratelimit-remaining": str(self._hourly - hour.used),
            "x-ratelimit-used": str(hour.used),
            "x-ratelimit-reset": str(int(hour.reset)),
            "x-ratelimit-resource": "core",
        }
