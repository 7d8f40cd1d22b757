"""receiver.app over real HTTP, with a dispatcher in memory"""

import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from builder.errors import GitHubError, GitHubRefused, GitHubUnreachable
from local.server import serve
from receiver.app import create_app
from tests.receiver_parts import SECRET, TOKEN, DispatcherInMemory, SubmissionOf, settings_for

NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)


@contextmanager
def receiver(kept: DispatcherInMemory, **settings: Any) -> Iterator[httpx.Client]:
    app = create_app(settings_for(**settings), kept, now=lambda: NOW)
    with serve(app) as url, httpx.Client(base_url=url) as client:
        yield client


@pytest.fixture
def client(kept: DispatcherInMemory) -> Iterator[httpx.Client]:
    with receiver(kept) as client:
        yield client


def _failed(answer: httpx.Response, status: int, error: str) -> str:
    """Assert the one shape of failures, and return the detail."""
    body = answer.json()
    assert (answer.status_code, body["status"], body["error"]) == (status, "error", error)
    assert set(body) == {"status", "error", "detail"}
    return str(body["detail"])


@pytest.mark.parametrize("path", ["/handle_task", "/"])
def test_handle_task__accepted(
    client: httpx.Client, kept: DispatcherInMemory, submission_of: SubmissionOf, path: str
) -> None:
    """A valid request is dispatched once and then accepted."""
    answer = client.post(path, json=submission_of(nonce="n-☔", unknown={"x": [1]}))
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "accepted",
        "message": "Task accepted and is being processed",
        "task": "sum-of-rain",
        "round": 1,
        "nonce": "n-☔",
        "id": kept.tasks[0].id,
        "runs_url": "http://127.0.0.1:9/ada/briefship/actions",
    }
    [task] = kept.tasks
    assert task.received_at == NOW
    assert task.inline().evaluation_url == "http://127.0.0.1:9/evaluation"
    assert SECRET not in json.dumps(task.to_wire())


def test_handle_task__content_type_does_not_matter(
    client: httpx.Client, submission_of: SubmissionOf
) -> None:
    """A sender that forgets the content type is understood."""
    body = json.dumps(submission_of()).encode()
    assert client.post("/", content=body).status_code == 200


@pytest.mark.parametrize("secret", ["wrong", "", SECRET + " ", "schlüssel", "\u0000"])
def test_handle_task__wrong_secret(
    client: httpx.Client, kept: DispatcherInMemory, submission_of: SubmissionOf, secret: str
) -> None:
    """A wrong secret is a 403, whatever else is wrong."""
    answer = client.post("/handle_task", json=submission_of(secret=secret, email=None))
    _failed(answer, 403, "wrong_secret")
    assert kept.tasks == []


def test_handle_task__invalid_fields(
    client: httpx.Client, kept: DispatcherInMemory, submission_of: SubmissionOf
) -> None:
    """A 422 names each field with the reason and repeats nothing of the request."""
    body = submission_of(email=None, round="eleven", evaluation_url="gopher://x", brief=7.25)
    detail = _failed(client.post("/handle_task", json=body), 422, "invalid_request")
    for field in ("email: Field required", "round: ", "evaluation_url: ", "brief: "):
        assert field in detail
    for value in (SECRET, "eleven", "gopher", "7.25", "n-4711"):
        assert value not in detail
    assert kept.tasks == []


def test_handle_task__malformed(client: httpx.Client, kept: DispatcherInMemory) -> None:
    """A body that is no JSON is a 400 that repeats none of it."""
    answer = client.post("/handle_task", content=b'{"secret": "sesame", "email": nobody}')
    detail = _failed(answer, 400, "malformed_json")
    assert "sesame" not in detail
    assert "nobody" not in detail
    assert kept.tasks == []


@pytest.mark.parametrize(
    ("error", "status", "name", "retry_after"),
    [
        (GitHubUnreachable("GitHub answered 500"), 503, "github_unavailable", "10"),
        (GitHubUnreachable("limited", retry_after=41.2), 503, "github_unavailable", "42"),
        (GitHubUnreachable("limited", retry_after=0), 503, "github_unavailable", "1"),
        (GitHubRefused("GitHub answered 403", status=403), 502, "misconfigured", None),
    ],
)
def test_handle_task__github_fails(
    client: httpx.Client,
    kept: DispatcherInMemory,
    submission_of: SubmissionOf,
    error: GitHubError,
    status: int,
    name: str,
    retry_after: str | None,
) -> None:
    """What may pass is a 503 that says when to try again, what is set up wrong a 502."""
    kept.error = error
    answer = client.post("/handle_task", json=submission_of())
    _failed(answer, status, name)
    assert answer.headers.get("retry-after") == retry_after
    kept.error = None
    assert client.post("/handle_task", json=submission_of()).status_code == 200


def test_handle_task__misconfiguration_is_explained_in_the_log(
    client: httpx.Client,
    kept: DispatcherInMemory,
    submission_of: SubmissionOf,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The log says which permission is missing; the sender is not told."""
    kept.error = GitHubRefused("GitHub answered 403", status=403, fix="Give it contents=write.")
    answer = client.post("/handle_task", json=submission_of())
    assert "contents=write" in caplog.text
    assert "contents=write" not in answer.text


def test_handle_task__unexpected(
    client: httpx.Client,
    kept: DispatcherInMemory,
    submission_of: SubmissionOf,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A defect of ours is a 500 in the same shape; the log has the place and not the message."""
    kept.error = ValueError("ada@example.com")  # type: ignore[assignment]
    answer = client.post("/handle_task", json=submission_of())
    _failed(answer, 500, "internal")
    assert "ValueError" in caplog.text
    assert "in dispatch" in caplog.text
    assert "ada@example.com" not in caplog.text + answer.text


def test_handle_task__too_large(kept: DispatcherInMemory, submission_of: SubmissionOf) -> None:
    """A body of the limit is taken; one byte more is a 413 that names the limit."""
    empty = len(json.dumps(submission_of(brief="")))
    with receiver(kept, max_request_bytes=100_000) as client:
        for size, status in ((100_000, 200), (100_001, 413)):
            body = json.dumps(submission_of(brief="x" * (size - empty)))
            assert len(body) == size
            answer = client.post("/handle_task", content=body.encode())
            assert answer.status_code == status
    assert "100000 bytes" in _failed(answer, 413, "too_large")
    assert len(kept.tasks) == 1


def test_handle_task__too_many_failures(
    kept: DispatcherInMemory, submission_of: SubmissionOf
) -> None:
    """After some wrong secrets a client is told to wait; here a proxy names the client."""
    with receiver(kept, failed_secrets_per_minute=2, trusted_proxies=1) as client:
        guesser, other = {"X-Forwarded-For": "192.0.2.1"}, {"X-Forwarded-For": "192.0.2.2"}
        for _ in range(2):
            client.post("/", json=submission_of(secret="guess"), headers=guesser)
        answer = client.post("/", json=submission_of(), headers=guesser)
        _failed(answer, 429, "too_many_failures")
        assert 1 <= int(answer.headers["retry-after"]) <= 60
        assert client.post("/", json=submission_of(), headers=other).status_code == 200
    assert len(kept.tasks) == 1


@pytest.mark.parametrize(
    ("method", "path", "status", "error"),
    [
        ("GET", "/", 405, "method_not_allowed"),
        ("PUT", "/handle_task", 405, "method_not_allowed"),
        ("POST", "/health", 405, "method_not_allowed"),
        ("GET", "/nowhere", 404, "not_found"),
        ("POST", "/handle_task/", 404, "not_found"),
    ],
)
def test_paths__others(
    client: httpx.Client, method: str, path: str, status: int, error: str
) -> None:
    """Everything else fails in the same shape."""
    _failed(client.request(method, path), status, error)


def test_health(client: httpx.Client, kept: DispatcherInMemory) -> None:
    """Being alive does not depend on GitHub."""
    kept.error = GitHubUnreachable("GitHub gave no answer")
    assert client.get("/health").json() == {"status": "ok"}
    assert kept.checks == 0


def test_ready(client: httpx.Client, kept: DispatcherInMemory) -> None:
    """Readiness is asked once and remembered."""
    for _ in range(3):
        assert client.get("/ready").json() == {"status": "ready", "not_checked": []}
    assert kept.checks == 1


def test_ready__not(client: httpx.Client, kept: DispatcherInMemory) -> None:
    """A token that cannot see the repository is not ready."""
    kept.error = GitHubRefused("GitHub answered 404", status=404)
    _failed(client.get("/ready"), 502, "misconfigured")


def test_docs__describe_what_is_taken_and_answered(client: httpx.Client) -> None:
    """The OpenAPI page knows the request's fields and each failure's status."""
    description = client.get("/openapi.json").json()
    operation = description["paths"]["/handle_task"]["post"]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    assert "secret" in schema["required"]
    schemas = description["components"]["schemas"]
    assert {"400", "403", "413", "422", "429", "502", "503"} <= set(operation["responses"])
    references = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(description)))
    assert references <= set(schemas)
    assert client.get("/docs").status_code == 200


def test_docs__off(kept: DispatcherInMemory) -> None:
    """The pages can be switched off."""
    with receiver(kept, docs=False) as client:
        for path in ("/docs", "/redoc", "/openapi.json"):
            assert client.get(path).status_code == 404


def test_log__one_line_a_request(
    kept: DispatcherInMemory, submission_of: SubmissionOf, caplog: pytest.LogCaptureFixture
) -> None:
    """A request leaves one line with build id, status, sizes and times, and nothing secret."""
    caplog.set_level(logging.INFO, "receiver")
    with receiver(kept) as client:
        client.post("/handle_task?nonce=n-4711", json=submission_of())
    [record] = [record for record in caplog.records if record.name == "receiver"]
    fields = record.__dict__["fields"]
    assert fields["build_id"] == kept.tasks[0].id
    assert (fields["task"], fields["round"]) == ("sum-of-rain", 1)
    assert (fields["path"], fields["status"]) == ("/handle_task", 200)
    assert {"bytes", "validation_ms", "dispatch_ms", "ms"} <= set(fields)
    for secret in (SECRET, TOKEN, "ada@example.com", "n-4711"):
        assert secret not in str(fields)


def test_shutdown__closes_the_dispatcher(kept: DispatcherInMemory) -> None:
    """When the server stops, the connections to GitHub are closed."""
    with receiver(kept):
        assert not kept.is_closed
    assert kept.is_closed
