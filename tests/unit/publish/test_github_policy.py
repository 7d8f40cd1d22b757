"""What an answer of GitHub means, row by row."""

from datetime import UTC, datetime

import pytest

from builder.errors import GitHubRefused, GitHubUnreachable
from builder.ports import Answer
from builder.publish.github_policy import failure, message_of

NOW = datetime.fromtimestamp(1_000, UTC)


def answer(status: int, body: object = None, **headers: str) -> Answer:
    return Answer(status, {name.replace("_", "-"): value for name, value in headers.items()}, body)


@pytest.mark.parametrize(
    ("given", "passes", "wait"),
    [
        (answer(500), True, None),
        (answer(503, retry_after="7"), True, 7.0),
        (answer(503, retry_after="Thu, 01 Jan 1970 00:16:45 GMT"), True, 5.0),
        (answer(429), True, 60.0),
        *((answer(429, retry_after=text), True, 60.0) for text in ("²", "9" * 400, "-5")),
        (answer(403, retry_after="9"), True, 9.0),
        (answer(403, x_ratelimit_remaining="0", x_ratelimit_reset="1030"), True, 30.0),
        (answer(403, x_ratelimit_remaining="0", x_ratelimit_reset="1"), True, 0.0),
        (answer(403, x_ratelimit_remaining="0", x_ratelimit_reset="²"), True, 60.0),
        (answer(403, retry_after="3", x_ratelimit_remaining="0"), True, 3.0),
        (answer(403, {"message": "No access"}, x_ratelimit_remaining="7"), False, None),
        (answer(403, {"message": "You have exceeded a secondary rate limit"}), True, 60.0),
        (answer(403, {"message": "Resource not accessible"}), False, None),
        *((answer(status), False, None) for status in (401, 404, 422)),
    ],
)
def test_failure__rows(given: Answer, passes: bool, wait: float | None) -> None:
    """Limits and server errors pass, and GitHub's own wait is honoured; the rest is for good."""
    error = failure("GET /user", given, NOW)
    assert isinstance(error, GitHubUnreachable if passes else GitHubRefused)
    assert getattr(error, "retry_after", None) == wait


def test_failure__names_the_missing_permission() -> None:
    """A 403 says which permission the token lacks."""
    needed = "pages=write; administration=write"
    said = {"message": "Resource not accessible by personal access token"}
    given = answer(403, said, x_accepted_github_permissions=needed)
    error = failure("POST /repos/a/b/pages", given, NOW)
    assert isinstance(error, GitHubRefused)
    assert error.status == 403
    assert "Resource not accessible" in str(error)
    assert needed in error.fix


def test_message_of__tells_errors_on_one_short_line() -> None:
    """The reasons behind a 422 are told, cut to 300 characters."""
    body = {
        "message": "Repository creation failed.",
        "errors": [{"message": "name already\nexists"}, "x" * 400],
    }
    said = message_of(answer(422, body))
    assert said.startswith("Repository creation failed.; name already exists; xxx")
    assert len(said) == 300
    assert message_of(answer(502, "<html>")) == "no message"
