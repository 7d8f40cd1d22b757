"""The rate limits of the REST API: calls an hour, and writes a minute."""

import threading
from collections.abc import Callable

from local.hub.problems import Problem
from local.hub.records import digest

HOUR = 3600
MINUTE = 60
"""Seconds of a primary and of a secondary limit (GitHub docs, "Rate limits for the REST API")."""
SECONDARY = (
    "You have exceeded a secondary rate limit and have been temporarily blocked from content "
    "creation. Please retry your request again later."
)


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
        self._windows: dict[tuple[str, float], tuple[float, int]] = {}
        self._lock = threading.Lock()

    def spend(self, credential: str, *, writes: bool) -> dict[str, str]:
        """Count one call and return the headers that tell of it. Raises Problem (403)."""
        key = digest(credential)
        with self._lock:
            reset, used = self._count(key, HOUR)
            headers = {
                "x-ratelimit-limit": str(self._hourly),
                "x-ratelimit-remaining": str(max(0, self._hourly - used)),
                "x-ratelimit-used": str(min(used, self._hourly)),
                "x-ratelimit-reset": str(int(reset)),
                "x-ratelimit-resource": "core",
            }
            if used > self._hourly:
                raise Problem(403, "API rate limit exceeded for user.", headers=headers)
            if writes and self._secondary is not None:
                reset, used = self._count(key, self._minute)
                if used > self._secondary:
                    wait = str(max(1, round(reset - self._clock())))
                    raise Problem(403, SECONDARY, headers={**headers, "retry-after": wait})
        return headers

    def _count(self, key: str, length: float) -> tuple[float, int]:
        """Count a call in a window of `length` seconds; return its end and the calls so far."""
        now = self._clock()
        reset, used = self._windows.get((key, length), (0.0, 0))
        if now >= reset:
            reset, used = now + length, 0
        self._windows[key, length] = (reset, used + 1)
        return reset, used + 1
