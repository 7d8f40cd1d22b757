"""What a failed answer of GitHub means: something that may pass, or a wrong setting of ours."""

import json
from collections.abc import Mapping

from builder.errors import GitHubError, GitHubRefused, GitHubUnreachable

LIMIT_SECONDS = 60.0
"""Wait after a limit that names no time (GitHub docs, REST API best practices)."""
MAX_DIGITS = 10
MAX_MESSAGE = 200


def error_of(
    status: int, headers: Mapping[str, str], body: bytes, *, repository: str, now: float
) -> GitHubError:
    """Return the error that an answer stands for; header names are in lower case.

    `now` is in seconds since 1970. GitHub's message is repeated only where it can be about the
    token and the repository alone, never where it may be about what was sent.
    """
    if _is_rate_limit(status, headers, body):
        wait = _limit_wait(headers, now)
        return GitHubUnreachable(f"GitHub limits our calls ({status})", retry_after=wait)
    if status >= 500 or status == 408:
        return GitHubUnreachable(
            f"GitHub answered {status}", retry_after=_number(headers.get("retry-after"))
        )
    message = f": {_message(body)}" if status in {401, 403, 404} else ""
    return GitHubRefused(
        f"GitHub answered {status} for {repository}{message}",
        status=status,
        fix=_fix(status, headers, repository),
    )


def _is_rate_limit(status: int, headers: Mapping[str, str], body: bytes) -> bool:
    """Tell a 429, or a 403 that means the same, from a missing permission."""
    if status != 403:
        return status == 429
    is_spent = headers.get("x-ratelimit-remaining") == "0"
    return is_spent or "retry-after" in headers or b"rate limit" in body.lower()


def _limit_wait(headers: Mapping[str, str], now: float) -> float:
    asked = _number(headers.get("retry-after"))
    reset = _number(headers.get("x-ratelimit-reset"))
    if asked is None and reset is not None and headers.get("x-ratelimit-remaining") == "0":
        return max(0.0, reset - now)
    return LIMIT_SECONDS if asked is None else asked


def _number(text: str | None) -> float | None:
    """Read a whole number of seconds, the only form in which GitHub sends them."""
    is_number = text and text.isascii() and text.isdecimal() and len(text) <= MAX_DIGITS
    return float(text) if text and is_number else None


def _message(body: bytes) -> str:
    try:
        message = json.loads(body)["message"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return "no reason given"
    return " ".join(str(message).split())[:MAX_MESSAGE]


def _fix(status: int, headers: Mapping[str, str], repository: str) -> str:
    if status == 401:
        return "DISPATCH_TOKEN is wrong or has expired: create a new one."
    if status == 403:
        needed = headers.get("x-accepted-github-permissions", "contents=write")[:MAX_MESSAGE]
        return f"Give DISPATCH_TOKEN the permission {needed} on {repository}."
    if status == 404:
        return (
            f"Check DISPATCH_REPOSITORY, and give DISPATCH_TOKEN the permission contents=write "
            f"on {repository}: GitHub hides what a token may not see."
        )
    if 300 <= status < 400:
        return f"{repository} was renamed or moved: set DISPATCH_REPOSITORY to its new name."
    return "See GitHub's REST documentation for this status."
