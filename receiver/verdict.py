"""What GitHub's answer means: done, another try, or a setting of ours that is wrong."""

import json
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime

from builder.errors import GitHubError, GitHubRefused, GitHubUnreachable

LIMIT_WAIT = 60.0
"""Seconds to wait after a limit that names no time (GitHub docs, REST API best practices)."""
MAX_SAID = 200


def failure(
    status: int, headers: Mapping[str, str], body: bytes, *, repository: str, now: datetime
) -> GitHubError:
    """Return the error that an answer stands for; header names are in lower case.

    What GitHub says is repeated only where it can be about the token and the repository alone,
    never where it is about what was sent.
    """
    if _is_limit(status, headers, body):
        wait = _asked_wait(headers, now)
        return GitHubUnreachable(
            f"GitHub limits our calls ({status})", retry_after=LIMIT_WAIT if wait is None else wait
        )
    if status >= 500 or status == 408:
        return GitHubUnreachable(
            f"GitHub answered {status}", retry_after=_retry_after(headers.get("retry-after"), now)
        )
    said = f": {_said(body)}" if status in {401, 403, 404} else ""
    return GitHubRefused(
        f"GitHub answered {status} for {repository}{said}",
        status=status,
        fix=_fix(status, headers, repository),
    )


def _is_limit(status: int, headers: Mapping[str, str], body: bytes) -> bool:
    if status == 429:
        return True
    return status == 403 and (
        "retry-after" in headers
        or headers.get("x-ratelimit-remaining") == "0"
        or b"rate limit" in body.lower()
    )


def _asked_wait(headers: Mapping[str, str], now: datetime) -> float | None:
    asked = _retry_after(headers.get("retry-after"), now)
    reset = headers.get("x-ratelimit-reset", "")
    if asked is None and headers.get("x-ratelimit-remaining") == "0" and _is_number(reset):
        return max(0.0, int(reset) - now.timestamp())
    return asked


def _retry_after(text: str | None, now: datetime) -> float | None:
    """Return the seconds of a Retry-After header, which is a number or an HTTP date."""
    if text is None:
        return None
    if _is_number(text.strip()):
        return float(text)
    try:
        return max(0.0, (parsedate_to_datetime(text) - now).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 12


def _said(body: bytes) -> str:
    try:
        said = json.loads(body)["message"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return "no reason given"
    return " ".join(str(said).split())[:MAX_SAID]


def _fix(status: int, headers: Mapping[str, str], repository: str) -> str:
    if status == 401:
        return "DISPATCH_TOKEN is wrong or has expired: make a new one."
    if status == 403:
        needed = headers.get("x-accepted-github-permissions", "contents=write")[:MAX_SAID]
        return f"Give DISPATCH_TOKEN the permission {needed} on {repository}."
    if status == 404:
        return (
            f"Check DISPATCH_REPOSITORY, and give DISPATCH_TOKEN the permission contents=write "
            f"on {repository}: GitHub hides what a token may not see."
        )
    if 300 <= status < 400:
        return f"{repository} was renamed or moved: set DISPATCH_REPOSITORY to its new name."
    return "See GitHub's REST documentation for this status."
