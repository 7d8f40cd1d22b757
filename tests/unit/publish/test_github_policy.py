"""What an answer of GitHub means, row by row."""

from datetime import UTC, datetime

from builder.errors import GitHubRefused, GitHubUnreachable
from builder.ports import Answer
from builder.publish.github_policy import failure, message_of

NOW = datetime.fromtimestamp(1_000, UTC)


def answer(status: int, body: object = None, **headers: str) -> Answer:
    return Answer(status, {name.replace("_", "-"): value for name, value in headers.items()}, body)


def spent(**headers: str) -> Answer:
    return answer(403, x_ratelimit_remaining="0", **headers)


def test_failure__passes() -> None:
    """Limits and server errors pass, and GitHub's own wait is honoured."""
    for given, wait in [
        (answer(500), None),
        (answer(503, retry_after="7"), 7.0),
        (answer(503, retry_after="Thu, 01 Jan 1970 00:16:45 GMT"), 5.0),
        (answer(429), 60.0),
        *((answer(429, retry_after=text), 60.0) for text in ("²", "9" * 400, "-5")),
        (answer(403, retry_after="9"), 9.0),
        (spent(x_ratelimit_reset="1030"), 30.0),
        (spent(x_ratelimit_reset="1"), 0.0),
        (spent(x_ratelimit_reset="²"), 60.0),
        (spent(retry_after="3"), 3.0),
        (answer(403, {"message": "You have exceeded a secondary rate limit"}), 60.0),
    ]:
        error = failure("GET /user", given, NOW)
        assert isinstance(error, GitHubUnreachable), given
        assert error.retry_after == wait, given


def test_failure__is_for_good() -> None:
    """Any other refusal is for good; a 403 says which permission the token lacks."""
    left = answer(403, {"message": "No access"}, x_ratelimit_remaining="7")
    for given in (left, *map(answer, (401, 403, 404, 422))):
        assert isinstance(failure("GET /user", given, NOW), GitHubRefused)
    needed = "pages=write; administration=write"
    said = {"message": "Resource not accessible by personal access token"}
    error = failure("POST /x", answer(403, said, x_accepted_github_permissions=needed), NOW)
    assert "403 to POST /x: Resource not accessible" in str(error)
    assert needed in error.fix


def test_message_of__tells_errors_on_one_short_line() -> None:
    """The reasons behind a 422 are told, cut to 300 characters."""
    errors = [{"message": "name already\nexists"}, "x" * 400]
    said = message_of(answer(422, {"message": "Repository creation failed.", "errors": errors}))
    assert said.startswith("Repository creation failed.; name already exists; xxx")
    assert len(said) == 300
    assert message_of(answer(502, "<html>")) == "no message"
