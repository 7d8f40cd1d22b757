"""builder.rate_limit"""

from datetime import UTC, datetime
from math import isfinite

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.rate_limit import LIMIT_WAIT, http_date, is_rate_limit, limit_wait, retry_after

NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("7", 7.0),
        ("999999999999", 999_999_999_999.0),
        ("9" * 13, None),
        ("9" * 5000, None),
        ("-5", None),
        ("²", None),
        ("", None),
        ("Mon, 23 Nov 2026 12:00:30 GMT", 30.0),
        ("Monday, 23-Nov-26 12:00:30 GMT", 30.0),
        ("Mon Nov 23 12:00:30 2026", 30.0),
        ("Mon, 23 Nov 2026 11:00:00 GMT", 0.0),
        ("Mon, 23 Nov 2026 12:00:30 +99999999999999", None),
    ],
)
def test_retry_after__rows(text: str, seconds: float | None) -> None:
    """A whole number or an HTTP date in any of its three forms counts, nothing else."""
    assert retry_after({"retry-after": text}, NOW) == seconds


@given(st.text() | st.from_regex(r"\w{3}, \d+ Nov \d+ \d+:\d+:\d+ ([A-Z]{1,4}|[+-]\d+)"))
def test_retry_after__any_text(text: str) -> None:
    """Whatever the header says, the wait is finite and not negative, or there is none."""
    seconds = retry_after({"retry-after": text}, NOW)
    assert seconds is None or (isfinite(seconds) and seconds >= 0)


@pytest.mark.parametrize(
    ("status", "headers", "said", "limited"),
    [
        (429, {}, "", True),
        (403, {"retry-after": "soon"}, "", True),
        (403, {"x-ratelimit-remaining": "0"}, "", True),
        (403, {}, "You have exceeded a secondary Rate Limit.", True),
        (403, {"x-ratelimit-remaining": "1"}, "Resource not accessible", False),
        (503, {"retry-after": "5"}, "rate limit", False),
    ],
)
def test_is_rate_limit__rows(
    status: int, headers: dict[str, str], said: str, limited: bool
) -> None:
    """A 403 is a limit where a header or GitHub's words say so."""
    assert is_rate_limit(status, headers, said) is limited


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, LIMIT_WAIT),
        ({"retry-after": "3", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1"}, 3.0),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1795435245"}, 45.0),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1"}, 0.0),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "9" * 400}, LIMIT_WAIT),
        ({"x-ratelimit-remaining": "7", "x-ratelimit-reset": "1795435245"}, LIMIT_WAIT),
    ],
)
def test_limit_wait__rows(headers: dict[str, str], seconds: float) -> None:
    """Retry-After goes first, then the reset of a limit that is used up, then GitHub's advice."""
    assert limit_wait(headers, NOW) == seconds


def test_http_date__is_in_utc() -> None:
    """A date without a zone is in UTC, as HTTP dates are."""
    assert http_date("Mon Nov 23 12:00:00 2026") == NOW
    assert http_date("yesterday") is None
