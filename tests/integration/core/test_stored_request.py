"""builder.blob against the scripted GitHub"""

import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, Protocol

import pytest

from builder.blob import fetch
from builder.errors import BlobUnusable, BriefshipError, GitHubRefused, GitHubUnreachable
from builder.ports import Clock
from builder.request import Blob, Dispatch, Request
from tests.integration.receiver.scripted import (
    SHA,
    Reply,
    Reset,
    ScriptedGitHub,
    Step,
    scripted_github,
)
from tests.receiver_parts import REPOSITORY, TOKEN

RECEIVED_AT = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
RequestOf = Callable[..., Request]


@pytest.fixture
def github() -> Iterator[ScriptedGitHub]:
    with scripted_github() as server:
        yield server


class Time(Protocol):
    slept: list[float]

    @property
    def clock(self) -> Clock: ...


def _stored(request: Request, **fields: Any) -> tuple[Dispatch, bytes]:
    content = json.dumps(request.to_wire()).encode()
    known = {"sha": SHA, "sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
    task = Dispatch.of(request, RECEIVED_AT)
    return task.stored(Blob.model_validate(known | fields)), content


def _fetch(github: ScriptedGitHub, task: Dispatch, time: Time) -> Request:
    return fetch(task, repository=REPOSITORY, api_url=github.url, token=TOKEN, clock=time.clock)


def test_fetch__stored(github: ScriptedGitHub, request_of: RequestOf, fake_time: Time) -> None:
    """The stored request comes back as it was, by one call with the token in a header."""
    request = request_of(brief="☔" * 30_000)
    task, content = _stored(request)
    github.script = [Reply(200, body=content)]
    assert _fetch(github, task, fake_time) == request
    [call] = github.calls
    assert call.path == f"/repos/{REPOSITORY}/git/blobs/{SHA}"
    assert call.headers["authorization"] == f"Bearer {TOKEN}"
    assert call.headers["accept"] == "application/vnd.github.raw+json"


def test_fetch__inline(github: ScriptedGitHub, request_of: RequestOf, fake_time: Time) -> None:
    """A request that travels in the event needs no call."""
    request = request_of()
    assert _fetch(github, Dispatch.of(request, RECEIVED_AT), fake_time) == request
    assert github.calls == []


@pytest.mark.parametrize(
    ("script", "slept"),
    [
        ([Reply(500)], [1.0]),
        ([Reset(), Reply(503)], [1.0, 2.0]),
        ([Reply(429, {"Retry-After": "5"})], [5.0]),
        ([Reply(403, {"Retry-After": "0"})], [0.0]),
    ],
)
def test_fetch__tried_again(
    github: ScriptedGitHub,
    request_of: RequestOf,
    fake_time: Time,
    script: list[Step],
    slept: list[float],
) -> None:
    """What may pass is tried again."""
    task, content = _stored(request_of())
    github.script = [*script, Reply(200, body=content)]
    assert _fetch(github, task, fake_time) == request_of()
    assert fake_time.slept == slept


@pytest.mark.parametrize(
    ("script", "error", "said"),
    [
        ([Reply(404)], BlobUnusable, "finds no such object"),
        ([Reply(401, body=b'{"message": "Bad credentials"}')], GitHubRefused, "Bad credentials"),
        ([Reply(403)], GitHubRefused, "answered 403"),
        ([Reply(429, {"Retry-After": "900"})], GitHubUnreachable, "has to wait 900 s"),
        ([Reply(500)] * 6, GitHubUnreachable, "answered 500"),
        ([Reset()] * 6, GitHubUnreachable, "did not send"),
        ([Reply(302, {"Location": "http://127.0.0.1:9/"})], GitHubRefused, "answered 302"),
    ],
)
def test_fetch__fails(
    github: ScriptedGitHub,
    request_of: RequestOf,
    fake_time: Time,
    script: list[Step],
    error: type[BriefshipError],
    said: str,
) -> None:
    """Each failure says what is wrong and what to do."""
    github.script = list(script)
    task, _ = _stored(request_of())
    with pytest.raises(error, match=said) as caught:
        _fetch(github, task, fake_time)
    assert len(github.calls) == len(script)
    assert caught.value.fix


@pytest.mark.parametrize(
    ("fields", "alter", "said"),
    [
        ({}, lambda content: content[:-1], "bytes long"),
        ({}, lambda content: content + b" ", "bytes long"),
        ({}, lambda content: content + b" " * 10_000_000, "bytes long"),
        ({}, lambda content: content.replace(b"Rain", b"Snow"), "SHA-256"),
        ({"sha256": "0" * 64}, lambda content: content, "SHA-256"),
    ],
)
def test_fetch__not_what_was_stored(
    github: ScriptedGitHub,
    request_of: RequestOf,
    fake_time: Time,
    fields: dict[str, Any],
    alter: Callable[[bytes], bytes],
    said: str,
) -> None:
    """Other bytes than those stored are refused."""
    task, content = _stored(request_of(), **fields)
    github.script = [Reply(200, body=alter(content))]
    with pytest.raises(BlobUnusable, match=said):
        _fetch(github, task, fake_time)


def test_fetch__of_another_build(
    github: ScriptedGitHub, request_of: RequestOf, fake_time: Time
) -> None:
    """A blob that holds somebody else's request is refused."""
    task, content = _stored(request_of(nonce="theirs"))
    github.script = [Reply(200, body=content)]
    with pytest.raises(BlobUnusable, match="not that of build"):
        _fetch(github, task.model_copy(update={"id": request_of().build_id}), fake_time)
