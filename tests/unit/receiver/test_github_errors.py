"""receiver.github, what a failed answer means"""

import pytest

from builder.errors import GitHubRefused, GitHubUnreachable
from receiver.github import MAX_MESSAGE, error_of

NOW = 1795435200.0
SECONDARY = b'{"message": "You have exceeded a secondary rate limit."}'
SPENT = {"x-ratelimit-remaining": "0"}


def _error(status: int, headers: dict[str, str] | None = None, body: bytes = b"") -> object:
    return error_of(status, headers or {}, body, "ada/briefship", now=NOW)


@pytest.mark.parametrize(
    ("status", "headers", "body", "wait"),
    [
        (502, {}, b"<html>", None),
        (503, {"retry-after": "3"}, b"", 3),
        (503, {"retry-after": "-5"}, b"", None),
        (408, {}, b"", None),
        (429, {}, b"", 60),
        (429, {"retry-after": "7"}, b"", 7),
        (429, {"retry-after": "²"}, b"", 60),
        (429, {"retry-after": "9" * 400}, b"", 60),
        (403, {"retry-after": "5"}, b"", 5),
        (403, {}, SECONDARY, 60),
        (403, SPENT, b"", 60),
        (403, SPENT | {"x-ratelimit-reset": "1795435245"}, b"", 45),
        (429, SPENT | {"x-ratelimit-reset": "1"}, b"", 0),
    ],
)
def test_failure__may_pass(
    status: int, headers: dict[str, str], body: bytes, wait: float | None
) -> None:
    """Server errors and limits may pass, after the wait that is asked for."""
    error = _error(status, headers, body)
    assert isinstance(error, GitHubUnreachable)
    assert error.retry_after == wait


@pytest.mark.parametrize(
    ("status", "headers", "fix"),
    [
        (401, {}, "DISPATCH_TOKEN is wrong or has expired"),
        (403, {}, "permission contents=write on ada/briefship"),
        (403, {"x-accepted-github-permissions": "a=b; {c}"}, "permission a=b; {c} on"),
        (404, {}, "DISPATCH_REPOSITORY"),
        (301, {}, "ada/briefship was renamed"),
        (422, {}, "documentation"),
    ],
)
def test_failure__refused(status: int, headers: dict[str, str], fix: str) -> None:
    """Everything else stays as it is until somebody changes what the message names."""
    error = _error(status, headers)
    assert isinstance(error, GitHubRefused)
    assert error.status == status
    assert fix in error.fix


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (403, b'{"message": "Resource not\\n accessible"}', "Resource not accessible"),
        (404, b"[" * 100_000, "no reason given"),
        (401, b'"text"', "no reason given"),
        (401, b'{"message": "' + b"x" * 999 + b'"}', "x" * MAX_MESSAGE),
        # A 422 is about what was sent, so its words are kept out of the log.
        (422, b'{"message": "ada@example.com is not valid"}', "for ada/briefship"),
    ],
    ids=range(5),
)
def test_failure__repeats_what_github_says(status: int, body: bytes, said: str) -> None:
    """GitHub's reason is repeated on one line, cut, unless it may be about the task."""
    assert str(_error(status, {}, body)).endswith(said)
    assert "ada@" not in str(_error(status, {}, body))
