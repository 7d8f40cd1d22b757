"""receiver.dispatch"""

import asyncio
import base64
import gc
import hashlib
import json
import warnings
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from builder.errors import GitHubError, GitHubRefused, GitHubUnreachable, WorkflowUnavailable
from builder.request import Dispatch, Request
from receiver.dispatch import GitHubDispatcher
from receiver.github import GitHub
from receiver.settings import Settings
from tests.integration.receiver.scripted import (
    BUILD,
    SHA,
    Hang,
    Reply,
    Reset,
    ScriptedGitHub,
    Step,
    Well,
)
from tests.receiver_parts import REPOSITORY, TOKEN, settings_for

RECEIVED_AT = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
DISABLED = json.dumps({"workflows": [BUILD | {"state": "disabled_manually"}]}).encode()
RequestOf = Callable[..., Request]


@dataclass
class Time:
    """A monotonic clock that only a sleep moves on."""

    seconds: float = 0.0
    slept: list[float] = field(default_factory=list)

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds


async def _with(
    settings: Settings,
    use: Callable[[GitHubDispatcher], Awaitable[object]],
    time: Time,
    **options: Any,
) -> None:
    github = GitHub(settings, monotonic=time.monotonic, sleep=time.sleep, **options)
    dispatcher = GitHubDispatcher(github)
    try:
        await use(dispatcher)
    finally:
        await dispatcher.aclose()


def _dispatch(github: ScriptedGitHub, request: Request, **options: Any) -> Time:
    time = Time()
    task = Dispatch.of(request, RECEIVED_AT)
    asyncio.run(_with(settings_for(github.url), lambda ours: ours.dispatch(task), time, **options))
    return time


def test_dispatch__event(github: ScriptedGitHub, request_of: RequestOf) -> None:
    """The event has type, keys and request; the token goes in the header only."""
    request = request_of(brief="Überschrift “☔”")
    _dispatch(github, request)
    [call] = github.calls
    assert (call.method, call.path) == ("POST", f"/repos/{REPOSITORY}/dispatches")
    assert call.headers["authorization"] == f"Bearer {TOKEN}"
    assert call.headers["x-github-api-version"] == "2022-11-28"
    assert call.json()["event_type"] == "build-task"
    payload = call.json()["client_payload"]
    assert payload == {
        "id": request.build_id,
        "task": "sum-of-rain",
        "round": 1,
        "received_at": "2026-11-23T12:00:00Z",
        "request": request.to_wire(),
    }
    assert TOKEN not in call.body.decode()
    assert Dispatch.from_event({"client_payload": payload}, RECEIVED_AT).request == request


def test_dispatch__one_connection_for_many(github: ScriptedGitHub, request_of: RequestOf) -> None:
    """Tasks one after the other share a connection."""

    async def three(ours: GitHubDispatcher) -> None:
        for number in range(3):
            await ours.dispatch(Dispatch.of(request_of(round=number + 1), RECEIVED_AT))

    asyncio.run(_with(settings_for(github.url), three, Time()))
    assert len(github.calls) == 3
    assert github.connections == 1


def test_dispatch__another_event_loop(github: ScriptedGitHub, request_of: RequestOf) -> None:
    """A host that runs each request in an event loop of its own is served all the same."""
    ours = GitHubDispatcher(GitHub(settings_for(github.url)))
    with warnings.catch_warnings():
        # Nobody is left who could close the connections of a loop that has ended.
        warnings.simplefilter("ignore", ResourceWarning)
        for number in range(3):
            asyncio.run(ours.dispatch(Dispatch.of(request_of(round=number + 1), RECEIVED_AT)))
            gc.collect()
        del ours
        gc.collect()
    assert len(github.events) == 3


@pytest.mark.parametrize(
    ("script", "slept"),
    [
        ([Reply(500)], [0.25]),
        ([Reply(502), Reply(503)], [0.25, 0.5]),
        ([Reset()], [0.25]),
        ([Reset(), Reply(500), Reset(), Reply(504)], [0.25, 0.5, 1.0, 2.0]),
        ([Reply(429, {"Retry-After": "2"})], [2.0]),
        ([Reply(403, {"Retry-After": "1"}), Reset()], [1.0, 0.5]),
        ([Reply(503, {"Retry-After": "0"})], [0.0]),
    ],
)
def test_dispatch__tried_again(
    github: ScriptedGitHub, request_of: RequestOf, script: list[Step], slept: list[float]
) -> None:
    """What may pass is tried again, after the wait that GitHub asks for or a doubling one."""
    github.script = list(script)
    time = _dispatch(github, request_of())
    assert time.slept == slept
    assert len(github.calls) == len(script) + 1


@pytest.mark.parametrize(
    ("script", "calls", "wait"),
    [
        ([Reply(500)] * 9, 6, None),
        ([Reset()] * 9, 6, None),
        ([Reply(429, {"Retry-After": "30"})], 1, 30),
        ([Reply(403, body=b'{"message": "secondary rate limit"}')], 1, 60),
        ([Reply(500), Reply(429, {"Retry-After": "7.9"})], 2, 60),
        ([Reply(500), Reply(429, {"Retry-After": "8"})], 2, 8),
    ],
)
def test_dispatch__given_up(
    github: ScriptedGitHub,
    request_of: RequestOf,
    script: list[Step],
    calls: int,
    wait: float | None,
) -> None:
    """A wait that does not fit into the budget ends it at once."""
    github.script = list(script)
    with pytest.raises(GitHubUnreachable) as caught:
        _dispatch(github, request_of())
    assert len(github.calls) == calls
    assert caught.value.retry_after == wait


@pytest.mark.parametrize("status", [401, 403, 404, 422, 301, 200])
def test_dispatch__refused(github: ScriptedGitHub, request_of: RequestOf, status: int) -> None:
    """A refusal is not tried again, and no other success than a 204 counts."""
    github.script = [Reply(status)]
    with pytest.raises(GitHubRefused):
        _dispatch(github, request_of())
    assert len(github.calls) == 1


def test_dispatch__hang(github: ScriptedGitHub, request_of: RequestOf) -> None:
    """A server that does not answer is left after a step, and asked again."""
    github.script = [Hang()]
    _dispatch(github, request_of(), step=0.5)
    assert len(github.calls) == 2


def test_dispatch__budget_is_kept_against_a_hang(
    github: ScriptedGitHub, request_of: RequestOf
) -> None:
    """The budget ends a call that hangs, whatever a step may take."""
    github.script = [Hang()]
    with pytest.raises(GitHubUnreachable):
        _dispatch(github, request_of(), budget=0.2)
    assert len(github.calls) == 1


def test_dispatch__nobody_listens(request_of: RequestOf) -> None:
    """A refused connection is a failure that may pass."""
    github = ScriptedGitHub()
    github.url = "http://127.0.0.1:9"
    with pytest.raises(GitHubUnreachable, match="ConnectError"):
        _dispatch(github, request_of())


def test_dispatch__stored(github: ScriptedGitHub, request_of: RequestOf) -> None:
    """A large request is stored first; the event names it by SHA, SHA-256 and size."""
    request = request_of(brief="☔" * 50_000)
    _dispatch(github, request)
    upload, event = github.calls
    assert upload.path == f"/repos/{REPOSITORY}/git/blobs"
    assert upload.json()["encoding"] == "base64"
    content = base64.b64decode(upload.json()["content"])
    assert Request.from_wire(json.loads(content)) == request
    payload = event.json()["client_payload"]
    assert "request" not in payload
    assert payload["blob"] == {
        "sha": SHA,
        "sha256": hashlib.sha256(content).hexdigest(),
        "size": len(content),
    }
    assert payload["answer_to"] == {
        "email": "ada@example.com",
        "task": "sum-of-rain",
        "round": 1,
        "nonce": "n-4711",
        "evaluation_url": "http://127.0.0.1:9/evaluation",
    }
    assert Dispatch.from_event({"client_payload": payload}, RECEIVED_AT).id == request.build_id


@pytest.mark.parametrize(
    ("script", "error"),
    [
        ([Reply(403)], GitHubRefused),
        ([Reply(409)], GitHubRefused),
        ([Reply(201, body=b"[]")], GitHubUnreachable),
        ([Reply(201, body=b'{"sha": "no"}')], GitHubUnreachable),
    ],
)
def test_dispatch__not_stored(
    github: ScriptedGitHub, request_of: RequestOf, script: list[Step], error: type[GitHubError]
) -> None:
    """No event is fired for a request that was not stored."""
    github.script = list(script)
    with pytest.raises(error):
        _dispatch(github, request_of(brief="x" * 60_000))
    assert not [call for call in github.calls if call.path.endswith("/dispatches")]


def _check(github: ScriptedGitHub, *script: Step) -> list[str]:
    github.script = list(script)
    told: list[str] = []

    async def check(ours: GitHubDispatcher) -> None:
        told.extend(await ours.check())

    asyncio.run(_with(settings_for(github.url), check, Time()))
    return told


def test_check__harmless_calls(github: ScriptedGitHub) -> None:
    """The check reads repository and workflows, and writes a blob that is always the same."""
    for _ in range(2):
        assert _check(github) == ["whether Actions minutes are left"]
    assert [(call.method, call.path.partition("?")[0]) for call in github.calls[:3]] == [
        ("GET", f"/repos/{REPOSITORY}"),
        ("POST", f"/repos/{REPOSITORY}/git/blobs"),
        ("GET", f"/repos/{REPOSITORY}/actions/workflows"),
    ]
    assert github.calls[1].body == github.calls[4].body
    assert {call.headers["authorization"] for call in github.calls} == {f"Bearer {TOKEN}"}
    assert github.events == []


@pytest.mark.parametrize(
    ("script", "error", "said"),
    [
        ([Reply(404)], GitHubRefused, "404"),
        ([Well(), Reply(403)], GitHubRefused, "403"),
        ([Well(), Well(), Reply(200, body=b'{"workflows": []}')], WorkflowUnavailable, "missing"),
        ([Well(), Well(), Reply(401)], GitHubRefused, "401"),
        ([Well(), Well(), Reply(200, body=DISABLED)], WorkflowUnavailable, "disabled_manually"),
    ],
)
def test_check__obstacles(
    github: ScriptedGitHub, script: list[Step], error: type[GitHubError], said: str
) -> None:
    """A hidden repository, a token that may not write, a missing or disabled workflow are found."""
    with pytest.raises(error, match=said):
        _check(github, *script)


@pytest.mark.parametrize("status", [403, 404])
def test_check__says_what_it_could_not_see(github: ScriptedGitHub, status: int) -> None:
    """A token that may not read Actions is ready, and told what was not checked."""
    [told] = _check(github, Well(), Well(), Reply(status))
    assert "state of the workflow" in told


def test_connections__are_limited(github: ScriptedGitHub, request_of: RequestOf) -> None:
    """No more calls are under way at once than the setting says."""

    async def many(ours: GitHubDispatcher) -> None:
        task = Dispatch.of(request_of(), RECEIVED_AT)
        await asyncio.gather(*(ours.dispatch(task) for _ in range(20)))

    asyncio.run(_with(settings_for(github.url, github_connections=3), many, Time()))
    assert len(github.calls) == 20
    assert github.connections <= 3
