"""receiver.github_errors"""

from datetime import UTC, datetime

import pytest

from builder.errors import GitHubRefused, GitHubUnreachable
from receiver.github_errors import MAX_SAID, failure

NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
SECONDARY = b'{"message": "You have exceeded a secondary rate limit."}'


def _failure(status: int, headers: dict[str, str] | None = None, body: bytes = b"") -> object:
    return failure(status, headers or {}, body, repository="ada/briefship", now=NOW)


@pytest.mark.parametrize(
    ("status", "headers", "body", "wait"),
    [
        (500, {}, b"", None),
        (502, {}, b"<html>", None),
        (503, {"retry-after": "3"}, b"", 3),
        (408, {}, b"", None),
        (429, {"retry-after": "7"}, b"", 7),
        (429, {"retry-after": "Mon, 23 Nov 2026 12:00:30 GMT"}, b"", 30),
        (429, {"retry-after": "Mon, 23 Nov 2026 11:00:00 GMT"}, b"", 0),
        (429, {"retry-after": "soon"}, b"", 60),
        (429, {"retry-after": "²"}, b"", 60),
        (429, {"retry-after": "9" * 400}, b"", 60),
        (503, {"retry-after": "-5"}, b"", None),
        (429, {}, b"", 60),
        (403, {"retry-after": "5"}, b"", 5),
        (403, {}, SECONDARY, 60),
        (403, {"x-ratelimit-remaining": "0"}, b"", 60),
        (403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1795435245"}, b"", 45),
        (429, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1"}, b"", 0),
    ],
)
def test_failure__may_pass(
    status: int, headers: dict[str, str], body: bytes, wait: float | None
) -> None:
    """Server errors and limits may pass, after the wait that is asked for."""
    error = _failure(status, headers, body)
    assert isinstance(error, GitHubUnreachable)
    assert error.retry_after == wait


@pytest.mark.parametrize(
    ("status", "headers", "fix"),
    [
        (401, {}, "DISPATCH_TOKEN is wrong or has expired"),
        (403, {}, "permission contents=write on ada/briefship"),
        (403, {"x-accepted-github-permissions": "contents=write; x=y"}, "contents=write; x=y"),
        (404, {}, "DISPATCH_REPOSITORY"),
        (301, {}, "renamed"),
        (422, {}, "documentation"),
        (200, {}, "documentation"),
    ],
)
def test_failure__refused(status: int, headers: dict[str, str], fix: str) -> None:
    """Everything else stays as it is until somebody changes what the message names."""
    error = _failure(status, headers)
    assert isinstance(error, GitHubRefused)
    assert error.status == status
    assert fix in error.fix


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (403, b'{"message": "Resource not\\n accessible"}', "Resource not accessible"),
        (403, b"<html>", "no reason given"),
        (404, b"[" * 100_000, "no reason given"),
        (401, b'"text"', "no reason given"),
        (401, b'{"message": "' + b"x" * 999 + b'"}', "x" * MAX_SAID),
    ],
)
def test_failure__repeats_what_github_says(status: int, body: bytes, said: str) -> None:
    """GitHub's reason is repeated on one line, cut."""
    assert str(_failure(status, {}, body)).endswith(f": {said}")


def test_failure__does_not_repeat_what_may_be_about_the_task() -> None:
    """A 422 is about what was sent, so its words are kept out of the log."""
    assert "ada@" not in str(_failure(422, {}, b'{"message": "ada@example.com is not valid"}'))
