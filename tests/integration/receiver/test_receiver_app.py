"""receiver.app over real HTTP, with a dispatcher in memory"""

import json
import logging
import re
from typing import Any

import httpx
import pytest

from builder.errors import GitHubRefused, GitHubUnreachable
from tests.receiver_parts import PRIVATE, SECRET, DispatcherInMemory, serving, submission


def _failed(answer: httpx.Response, status: int, error: str) -> str:
    """Assert the one shape of failures, and return the detail."""
    body = answer.json()
    assert (answer.status_code, body["status"], body["error"]) == (status, "error", error)
    assert set(body) == {"status", "error", "detail"}
    return str(body["detail"])


@pytest.mark.parametrize("path", ["/handle_task", "/"])
def test_handle_task__accepted(client: httpx.Client, kept: DispatcherInMemory, path: str) -> None:
    """A valid request is dispatched once and then accepted, with or without a content type."""
    body = json.dumps(submission(nonce="n-☔", unknown={"x": [1]})).encode()
    answer = client.post(path, content=body)
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
    assert task.inline().evaluation_url == "http://127.0.0.1:9/evaluation"
    assert SECRET not in json.dumps(task.to_wire())


@pytest.mark.parametrize(
    "secret", ["wrong", "", SECRET.upper(), SECRET.replace("3", "\u0665"), "\0", "x" * 1_000_000]
)
def test_handle_task__wrong_secret(
    client: httpx.Client, kept: DispatcherInMemory, secret: str
) -> None:
    """A wrong secret is a 403, whatever else is wrong."""
    answer = client.post("/handle_task", json=submission(secret=secret, email=None))
    _failed(answer, 403, "wrong_secret")
    assert kept.tasks == []


def test_handle_task__invalid_fields(
    kept: DispatcherInMemory, caplog: pytest.LogCaptureFixture
) -> None:
    """A 422 names each field with the reason, the log too, and neither repeats the request."""
    caplog.set_level(logging.INFO, "receiver")
    body = submission(email=None, round="eleven", evaluation_url="gopher://x", brief=7.25)
    with serving(kept) as client:
        answer = client.post("/handle_task", json=body)
    detail = _failed(answer, 422, "invalid_request")
    for field in ("email: Field required", "round: ", "evaluation_url: ", "brief: "):
        assert field in detail
    fields = caplog.records[-1].__dict__["fields"]
    assert (fields["status"], fields["error"]) == (422, "invalid_request")
    assert fields["fields"] == "email,round,evaluation_url,brief"
    for value in (*PRIVATE, "eleven", "gopher", "7.25"):
        assert value not in detail + str(fields)
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
        (ValueError("ada@example.com"), 500, "internal", None),
    ],
)
def test_handle_task__not_dispatched(
    client: httpx.Client,
    kept: DispatcherInMemory,
    error: Exception,
    status: int,
    name: str,
    retry_after: str | None,
) -> None:
    """What may pass is a 503 that says when to try again, our mistakes are a 502 or a 500."""
    kept.error = error
    answer = client.post("/handle_task", json=submission())
    _failed(answer, status, name)
    assert answer.headers.get("retry-after") == retry_after
    kept.error = None
    assert client.post("/handle_task", json=submission()).status_code == 200


def test_log__explains_our_mistakes(
    client: httpx.Client, kept: DispatcherInMemory, caplog: pytest.LogCaptureFixture
) -> None:
    """The log says which permission is missing, and where a defect is; the sender is not told."""
    kept.error = GitHubRefused("GitHub answered 403", status=403, fix="Give it contents=write.")
    answer = client.post("/handle_task", json=submission())
    assert "contents=write" in caplog.text
    kept.error = ValueError("ada@example.com")
    defect = client.post("/handle_task", json=submission())
    assert "ValueError" in caplog.text
    assert "in dispatch" in caplog.text
    for told in ("contents=write", "ValueError", "ada@example.com"):
        assert told not in answer.text + defect.text
    assert "ada@example.com" not in caplog.text


def test_handle_task__too_many_failures(kept: DispatcherInMemory) -> None:
    """After some wrong secrets a client is told to wait; here a proxy names the client."""
    with serving(kept, failed_secrets_per_minute=2, trusted_proxies=1) as client:
        guesser, other = {"X-Forwarded-For": "192.0.2.1"}, {"X-Forwarded-For": "192.0.2.2"}
        for _ in range(2):
            client.post("/", json=submission(secret="guess"), headers=guesser)
        answer = client.post("/", json=submission(), headers=guesser)
        _failed(answer, 429, "too_many_failures")
        assert 1 <= int(answer.headers["retry-after"]) <= 60
        assert client.post("/", json=submission(), headers=other).status_code == 200
    assert len(kept.tasks) == 1


@pytest.mark.parametrize(
    ("method", "path", "status", "error"),
    [
        ("GET", "/", 405, "method_not_allowed"),
        ("OPTIONS", "/handle_task", 405, "method_not_allowed"),
        ("TRACE", "/handle_task", 405, "method_not_allowed"),
        ("POST", "/health", 405, "method_not_allowed"),
        ("GET", "/nowhere", 404, "not_found"),
        ("POST", "/handle_task/", 404, "not_found"),
    ],
)
def test_paths__others(
    client: httpx.Client, method: str, path: str, status: int, error: str
) -> None:
    """Everything else fails in the same shape, whatever method a header asks for instead."""
    answer = client.request(method, path, headers={"X-HTTP-Method-Override": "POST"})
    _failed(answer, status, error)


def test_ready__not(client: httpx.Client, kept: DispatcherInMemory) -> None:
    """A token that cannot see the repository is not ready; being alive does not depend on it."""
    kept.error = GitHubRefused("GitHub answered 404", status=404)
    _failed(client.get("/ready"), 502, "misconfigured")
    assert client.get("/health").json() == {"status": "ok"}


def test_docs__describe_what_is_taken_and_answered(client: httpx.Client) -> None:
    """The OpenAPI page knows the request's fields and each failure's status."""
    description = client.get("/openapi.json").json()
    operation = description["paths"]["/handle_task"]["post"]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    assert "secret" in schema["required"]
    assert {"400", "403", "413", "422", "429", "502", "503"} <= set(operation["responses"])
    references = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(description)))
    assert references <= set(description["components"]["schemas"])
    assert client.get("/docs").status_code == 200


def test_docs__off(kept: DispatcherInMemory) -> None:
    """The pages can be switched off."""
    with serving(kept, docs=False) as client:
        for path in ("/docs", "/redoc", "/openapi.json"):
            assert client.get(path).status_code == 404


def test_log__one_line_a_request(
    kept: DispatcherInMemory, caplog: pytest.LogCaptureFixture
) -> None:
    """A request leaves one line with build id, status, sizes and times, and nothing secret."""
    caplog.set_level(logging.INFO, "receiver")
    with serving(kept) as client:
        client.post("/handle_task?nonce=n-4711", json=submission())
    [record] = [record for record in caplog.records if record.name == "receiver"]
    fields: dict[str, Any] = record.__dict__["fields"]
    assert fields["build_id"] == kept.tasks[0].id
    assert (fields["task"], fields["round"]) == ("sum-of-rain", 1)
    assert (fields["path"], fields["status"]) == ("/handle_task", 200)
    assert {"bytes", "validation_ms", "dispatch_ms", "ms"} <= set(fields)
    assert not [secret for secret in PRIVATE if secret in str(fields)]


def test_shutdown__closes_the_dispatcher(kept: DispatcherInMemory) -> None:
    """When the server stops, the connections to GitHub are closed."""
    with serving(kept) as client:
        client.get("/health")
        assert not kept.is_closed
    assert kept.is_closed
