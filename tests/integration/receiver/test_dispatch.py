"""receiver.dispatch and receiver.github over HTTP"""

import asyncio
import gc
import hashlib
import json
import warnings
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import pytest

from builder.errors import GitHubError, GitHubRefused, GitHubUnreachable, WorkflowUnavailable
from builder.event import task_of
from builder.request import Dispatch, Request
from receiver.dispatch import GitHubDispatcher
from receiver.github import GitHub
from tests.conftest import FakeTime, RequestOf
from tests.integration.receiver.scripted import BUILD, SHA, WELL, ScriptedGitHub
from tests.receiver_parts import RECEIVED_AT, REPOSITORY, TOKEN, settings_for
from tests.scripted_server import HANG, RESET, Scripted

LONG = "☔" * 50_000
DISABLED = json.dumps({"workflows": [BUILD | {"state": "disabled_manually"}]}).encode()
T = TypeVar("T")


@dataclass
class Dispatching:
    """A dispatcher in front of a scripted GitHub, for which only a sleep takes time."""

    github: ScriptedGitHub
    request_of: RequestOf
    time: FakeTime

    def use(self, use: Callable[[GitHubDispatcher], Awaitable[T]], **options: Any) -> T:
        """Use a dispatcher once."""

        async def sleep(seconds: float) -> None:
            self.time.sleep(seconds)

        async def run() -> T:
            clock: dict[str, Any] = {"monotonic": lambda: self.time.now.timestamp(), "sleep": sleep}
            github = GitHub(settings_for(self.github.url), **clock, **options)
            dispatcher = GitHubDispatcher(github)
            try:
                return await use(dispatcher)
            finally:
                await dispatcher.aclose()

        return asyncio.run(run())

    def dispatch(
        self, *script: Scripted, brief: str = "Überschrift “☔”", **options: Any
    ) -> Request:
        """Dispatch a request while GitHub answers with `script`."""
        self.github.script = list(script)
        request = self.request_of(brief=brief)
        task = Dispatch.of(request, RECEIVED_AT)
        self.use(lambda dispatcher: dispatcher.dispatch(task), **options)
        return request

    def check(self, *script: Scripted) -> list[str]:
        """Check while GitHub answers with `script`."""
        self.github.script = list(script)
        return self.use(GitHubDispatcher.check)


@pytest.fixture
def ours(github: ScriptedGitHub, request_of: RequestOf, fake_time: FakeTime) -> Dispatching:
    return Dispatching(github, request_of, fake_time)


def test_dispatch__event(ours: Dispatching) -> None:
    """The event has type, keys and request; the token goes in the header only."""
    request = ours.dispatch()
    [call] = ours.github.received
    assert (call.method, call.path) == ("POST", f"/repos/{REPOSITORY}/dispatches")
    assert call.headers["authorization"] == f"Bearer {TOKEN}"
    assert call.headers["x-github-api-version"] == "2022-11-28"
    assert call.json["event_type"] == "build-task"
    payload = call.json["client_payload"]
    assert payload == {
        "id": request.build_id,
        "task": "sum-of-rain",
        "round": 1,
        "received_at": "2026-11-23T12:00:00Z",
        "request": request.to_wire(),
    }
    assert TOKEN not in call.body.decode()
    assert task_of({"client_payload": payload}, RECEIVED_AT).request == request


def test_dispatch__stored(ours: Dispatching) -> None:
    """A large request is stored first; the event names it by SHA, SHA-256 and size."""
    request = ours.dispatch(brief=LONG)
    upload, event = ours.github.received
    assert upload.path == f"/repos/{REPOSITORY}/git/blobs"
    assert upload.json["encoding"] == "utf-8"
    content = upload.json["content"].encode()
    assert Request.from_wire(json.loads(content)) == request
    payload = event.json["client_payload"]
    digest = hashlib.sha256(content).hexdigest()
    assert payload["blob"] == {"sha": SHA, "sha256": digest, "size": len(content)}
    assert payload["answer_to"].items() <= request.to_wire().items()
    assert "request" not in payload
    assert task_of({"client_payload": payload}, RECEIVED_AT).id == request.build_id


@pytest.mark.parametrize(
    ("script", "slept"),
    [
        ([Scripted(502), Scripted(503)], [0.25, 0.5]),
        ([RESET, Scripted(500), RESET, Scripted(504)], [0.25, 0.5, 1.0, 2.0]),
        ([Scripted(429, headers={"Retry-After": "2"})], [2.0]),
        ([Scripted(403, headers={"Retry-After": "1"}), RESET], [1.0, 0.5]),
    ],
)
def test_dispatch__tried_again(
    ours: Dispatching, script: list[Scripted], slept: list[float]
) -> None:
    """What may pass is tried again, after the wait that GitHub asks for or a doubling one."""
    ours.dispatch(*script)
    assert ours.time.slept == slept
    assert len(ours.github.received) == len(script) + 1


@pytest.mark.parametrize(
    ("script", "calls", "wait"),
    [
        ([Scripted(500)] * 9, 6, None),
        ([RESET] * 9, 6, None),
        ([Scripted(500), Scripted(429, headers={"Retry-After": "7.9"})], 2, 60),
        ([Scripted(500), Scripted(429, headers={"Retry-After": "8"})], 2, 8),
    ],
)
def test_dispatch__given_up(
    ours: Dispatching, script: list[Scripted], calls: int, wait: float | None
) -> None:
    """A wait that does not fit into the budget ends it at once."""
    with pytest.raises(GitHubUnreachable) as caught:
        ours.dispatch(*script)
    assert len(ours.github.received) == calls
    assert caught.value.retry_after == wait


@pytest.mark.parametrize("status", [401, 422, 301, 200])
def test_dispatch__refused(ours: Dispatching, status: int) -> None:
    """A refusal is not tried again, and no other success than a 204 counts."""
    with pytest.raises(GitHubRefused):
        ours.dispatch(Scripted(status, body=b"\x00<html>"))
    assert len(ours.github.received) == 1


def test_dispatch__hang(ours: Dispatching) -> None:
    """A server that does not answer is left after a step and asked again, within the budget."""
    ours.dispatch(HANG, step=0.5)
    assert len(ours.github.received) == 2
    with pytest.raises(GitHubUnreachable):
        ours.dispatch(HANG, budget=0.2)
    assert len(ours.github.received) == 3


def test_dispatch__nobody_listens(ours: Dispatching) -> None:
    """A refused connection is a failure that may pass."""
    ours.github.url = "http://127.0.0.1:9"
    with pytest.raises(GitHubUnreachable, match="ConnectError"):
        ours.dispatch()


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Scripted(409), GitHubRefused),
        (Scripted(201, body=b"[]"), GitHubUnreachable),
        (Scripted(201, body=b'{"sha": "no"}'), GitHubUnreachable),
        (Scripted(201, body=b"[" * 100_000), GitHubUnreachable),
    ],
    ids=["conflict", "list", "no SHA", "depth"],
)
def test_dispatch__not_stored(ours: Dispatching, reply: Scripted, error: type[GitHubError]) -> None:
    """No event is fired for a request that was not stored."""
    with pytest.raises(error):
        ours.dispatch(reply, brief=LONG)
    assert ours.github.events == []


def test_check__harmless_calls(ours: Dispatching) -> None:
    """The check reads repository and workflows, and writes a blob that is always the same."""
    for _ in range(2):
        assert ours.check() == ["whether Actions minutes are left"]
    calls = ours.github.received
    assert [(call.method, call.path) for call in calls[:3]] == [
        ("GET", f"/repos/{REPOSITORY}"),
        ("POST", f"/repos/{REPOSITORY}/git/blobs"),
        ("GET", f"/repos/{REPOSITORY}/actions/workflows?per_page=100"),
    ]
    assert calls[1].body == calls[4].body
    assert ours.github.events == []


@pytest.mark.parametrize(
    ("script", "error", "said"),
    [
        ([Scripted(404)], GitHubRefused, "404"),
        ([WELL, Scripted(403)], GitHubRefused, "403"),
        ([WELL, WELL, Scripted(401)], GitHubRefused, "401"),
        ([WELL, WELL, Scripted(200, body=b'{"workflows": []}')], WorkflowUnavailable, "missing"),
        ([WELL, WELL, Scripted(200, body=DISABLED)], WorkflowUnavailable, "disabled_manually"),
        ([WELL, WELL, Scripted(200, body=b"<html>")], GitHubUnreachable, "not what it documents"),
        ([WELL, WELL, Scripted(200, body=b'{"workflows": [1]}')], GitHubUnreachable, "documents"),
    ],
)
def test_check__obstacles(
    ours: Dispatching, script: list[Scripted], error: type[GitHubError], said: str
) -> None:
    """A hidden repository, a token that may not write, a missing or disabled workflow are found."""
    with pytest.raises(error, match=said):
        ours.check(*script)


@pytest.mark.parametrize("status", [403, 404])
def test_check__says_what_it_could_not_see(ours: Dispatching, status: int) -> None:
    """A token that may not read Actions is ready, and told what was not checked."""
    [told] = ours.check(WELL, WELL, Scripted(status))
    assert "state of the workflow" in told


def test_connections__are_limited_and_reused(ours: Dispatching) -> None:
    """No more calls are under way at once than there may be, and connections are kept."""

    async def many(dispatcher: GitHubDispatcher) -> None:
        task = Dispatch.of(ours.request_of(), RECEIVED_AT)
        await asyncio.gather(*(dispatcher.dispatch(task) for _ in range(20)))

    ours.use(many, connections=3)
    assert len(ours.github.received) == 20
    assert len(ours.github.connections) <= 3


def test_connections__of_another_event_loop(ours: Dispatching) -> None:
    """A host that runs each request in an event loop of its own is served all the same."""
    dispatcher = GitHubDispatcher(GitHub(settings_for(ours.github.url)))
    with warnings.catch_warnings():
        # Nobody is left who could close the connections of a loop that has ended.
        warnings.simplefilter("ignore", ResourceWarning)
        for _ in range(3):
            asyncio.run(dispatcher.dispatch(Dispatch.of(ours.request_of(), RECEIVED_AT)))
            gc.collect()
        del dispatcher
        gc.collect()
    assert len(ours.github.events) == 3
