"""Who calls, what the token opens, and how often it may call."""

import base64
import binascii
import threading
from collections.abc import Callable, Mapping

from local.hub.problems import Problem
from local.hub.records import Repository, Store, Token, digest

RANK = {"read": 1, "write": 2}
HOUR = 3600
MINUTE = 60
"""Seconds of a primary and of a secondary limit (GitHub docs, "Rate limits for the REST API")."""
SECONDARY = (
    "You have exceeded a secondary rate limit and have been temporarily blocked from content "
    "creation. Please retry your request again later."
)


def authenticate(store: Store, authorization: str | None) -> Token | None:
    """Return the token of a header, None without one. Raises Problem (401) for an unknown one."""
    if not authorization:
        return None
    token = store.tokens.get(digest(_token_text(authorization)))
    if token is None:
        raise Problem(401, "Bad credentials")
    return token


def _token_text(authorization: str) -> str:
    """Return the token of an Authorization header: Bearer, token, or the password of Basic."""
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() != "basic":
        return value.strip()
    try:
        return base64.b64decode(value.strip(), validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def covers(token: Token | None, repository: Repository) -> bool:
    """Whether the repository is among those that the token was given for."""
    if token is None or token.owner.lower() != repository.owner.lower():
        return False
    if token.repositories is None:
        return True
    return repository.full_name.lower() in {name.lower() for name in token.repositories}


def sees(token: Token | None, repository: Repository) -> bool:
    return not repository.private or covers(token, repository)


def permits(token: Token, needs: Mapping[str, str]) -> bool:
    """Whether the token has every permission of `needs`; write includes read."""
    return all(
        RANK.get(token.permissions.get(name, ""), 0) >= RANK[level] for name, level in needs.items()
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
