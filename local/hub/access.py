"""Who calls, and how often one may write."""

import base64
import binascii
import threading

from local.hub.options import HubOptions
from local.hub.problems import Problem
from local.hub.records import Store, Token, digest

MINUTE = 60
"""Seconds of a secondary limit (GitHub docs, "Rate limits for the REST API")."""
SECONDARY = (
    "You have exceeded a secondary rate limit and have been temporarily blocked from content "
    "creation. Please retry your request again later."
)


def authenticate(store: Store, authorization: str | None) -> Token | None:
    """Return the token of a header, None without one. Raises Problem (401) for an unknown one,
    or one that has expired.
    """
    if not authorization:
        return None
    token = store.tokens.get(digest(_token_text(authorization)))
    if token is None or (token.expires_at is not None and token.expires_at < store.clock()):
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


class SecondaryLimit:
    """Counts the writes of each credential; its minute begins with the first one."""

    def __init__(self, options: HubOptions) -> None:
        self._options = options
        self._windows: dict[str, tuple[float, int]] = {}
        self._lock = threading.Lock()

    def spend(self, credential: str) -> None:
        """Count a write. Raises Problem (403) when there were too many."""
        limit, now = self._options.secondary_limit, self._options.clock()
        if limit is None:
            return
        with self._lock:
            end, used = self._windows.get(digest(credential), (0.0, 0))
            if now >= end:
                end, used = now + MINUTE * self._options.time_scale, 0
            self._windows[digest(credential)] = (end, used + 1)
        if used >= limit:
            raise Problem(403, SECONDARY, headers={"retry-after": str(max(1, round(end - now)))})
