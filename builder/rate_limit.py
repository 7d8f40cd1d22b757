"""How long an HTTP answer asks to wait, and which answers of GitHub are limits of its rate.

Shared with the receiver: the standard library alone is imported here. Header names are in lower
case, or their mapping does not mind.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LIMIT_WAIT = 60.0
"""Seconds to wait after a limit that names no time (GitHub docs, REST API best practices)."""
MAX_DIGITS = 12
"""A longer number is no time that anybody means."""


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the seconds that Retry-After asks for, as a whole number or as an HTTP date.

    None where it is missing or unusable (RFC 9110, section 10.2.3).
    """
    text = headers.get("retry-after", "").strip()
    if _is_number(text):
        return float(text)
    until = http_date(text)
    return None if until is None else _seconds(now, until.timestamp())


def is_rate_limit(status: int, headers: Mapping[str, str], said: str) -> bool:
    """Tell a 429, or a 403 that means the same, from a missing permission."""
    return status == 429 or (
        status == 403
        and (
            "retry-after" in headers
            or headers.get("x-ratelimit-remaining") == "0"
            or "rate limit" in said.lower()
        )
    )


def limit_wait(headers: Mapping[str, str], now: datetime) -> float:
    """Return the seconds to wait after an answer for which `is_rate_limit` holds."""
    asked = retry_after(headers, now)
    reset = headers.get("x-ratelimit-reset", "")
    if asked is None and headers.get("x-ratelimit-remaining") == "0" and _is_number(reset):
        return _seconds(now, float(reset))
    return LIMIT_WAIT if asked is None else asked


def http_date(text: str) -> datetime | None:
    """Read an HTTP date, which is in UTC whether it says so or not; None for anything else."""
    try:
        read = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def _seconds(now: datetime, until: float) -> float:
    """Return the seconds from `now` to a time that is given in seconds since 1970."""
    return max(0.0, until - now.timestamp())


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= MAX_DIGITS
