"""From the request to the event and back to the request, through the local GitHub and its limits"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from builder.event import fetch, task_of
from builder.publish.github_api import GitHubApi
from builder.request import Dispatch, Request
from local.hub import Hub, HubOptions
from receiver.dispatch import INLINE_BYTES, GitHubDispatcher, encode_event
from receiver.github import GitHub
from receiver.submission import Submission
from tests.conftest import FakeTime
from tests.receiver_parts import RECEIVED_AT, REPOSITORY, TOKEN, serving, settings_for, submission

RUN_TOKEN = "ghs_of_the_run"
WORKFLOW = """\
on:
  repository_dispatch:
    types: [build-task]
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - run: "true"
"""


@dataclass
class Chain:
    """A receiver in front of the local GitHub."""

    hub: Hub
    api_url: str
    receiver: httpx.Client

    def event(self) -> Any:
        """Return the event file of the newest run."""
        run = self.hub.runs(REPOSITORY)[-1]
        return json.loads((run.log.parent / "event.json").read_text())

    def calls(self) -> list[str]:
        """Return the last part of the path of each call so far."""
        return [call.path.rpartition("/")[2] for call in self.hub.requests]


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[Chain]:
    source = tmp_path / "source"
    (source / ".github/workflows").mkdir(parents=True)
    (source / ".github/workflows/build.yml").write_text(WORKFLOW)
    hub = Hub(tmp_path / "hub", HubOptions(max_runs=1))
    hub.add_user("ada")
    hub.add_token(TOKEN, "ada", {"contents": "write"}, [REPOSITORY])
    hub.add_token(RUN_TOKEN, "ada", {"contents": "read"}, [REPOSITORY])
    hub.add_repository(REPOSITORY, source)
    with (
        hub.serve() as at,
        serving(GitHubDispatcher(GitHub(settings_for(at.api_url)))) as client,
    ):
        yield Chain(hub, at.api_url, client)


def _of_size(wire: dict[str, Any], size: int, filler: str) -> dict[str, Any]:
    """Lengthen the brief until the event has `size` bytes."""

    def event_bytes(brief: str) -> int:
        request = Submission.from_wire(wire | {"brief": brief}).request()
        return len(encode_event(Dispatch.of(request, RECEIVED_AT)))

    width = len(json.dumps(filler)) - 2
    count, rest = divmod(size - event_bytes("."), width)
    return wire | {"brief": "." + filler * count + "x" * rest}


def _fetched(chain: Chain, token: str, time: FakeTime) -> Request:
    task = task_of(chain.event(), RECEIVED_AT)
    rest = GitHubApi(token, chain.api_url, clock=time.clock, remaining=lambda: 60.0)
    return fetch(task, REPOSITORY, rest)


@pytest.mark.parametrize("filler", ["x", "🌧"])
@pytest.mark.parametrize("over", [-1, 0])
def test_chain__at_the_inline_limit(
    chain: Chain, fake_time: FakeTime, filler: str, over: int
) -> None:
    """Just under, at and over the limit the builder gets what was sent, inline or stored."""
    wire = _of_size(submission(), INLINE_BYTES + over, filler)
    assert chain.receiver.post("/handle_task", json=wire).status_code == 200
    assert chain.calls() == (["dispatches"] if over < 0 else ["blobs", "dispatches"])
    assert _fetched(chain, RUN_TOKEN, fake_time) == Submission.from_wire(wire).request()


@pytest.mark.parametrize("filler", ["x", "☔"])
def test_chain__as_large_as_may_be(chain: Chain, fake_time: FakeTime, filler: str) -> None:
    """A body of the greatest size goes through; one byte more is a 413 and reaches nobody."""
    limit = settings_for().max_request_bytes
    empty = len(json.dumps(submission(brief=""), ensure_ascii=False).encode())
    count, rest = divmod(limit - empty, len(filler.encode()))
    wire = submission(brief=filler * count + "x" * rest)
    body = json.dumps(wire, ensure_ascii=False).encode()
    assert len(body) == limit
    assert chain.receiver.post("/handle_task", content=body).status_code == 200
    assert _fetched(chain, RUN_TOKEN, fake_time).brief == wire["brief"]
    calls = chain.calls()
    answer = chain.receiver.post("/handle_task", content=body + b" ")
    assert (answer.status_code, answer.json()["error"]) == (413, "too_large")
    assert f"{limit} bytes" in answer.json()["detail"]
    assert chain.calls() == calls


@pytest.mark.parametrize("filler", ["x", "🌧", '"\\'])
def test_chain__the_longest_names_fit_beside_a_stored_request(chain: Chain, filler: str) -> None:
    """Whom to answer stays as short as the receiver takes it: the event is within the limit."""
    longest = filler * (256 // len(filler))
    wire = submission(
        email=longest,
        task=longest,
        nonce=longest,
        evaluation_url="http://127.0.0.1/" + "🌧" * (2048 - len("http://127.0.0.1/")),
        brief="x" * INLINE_BYTES,
    )
    assert chain.receiver.post("/handle_task", json=wire).status_code == 200
    task = task_of(chain.event(), RECEIVED_AT)
    assert task.blob is not None
    assert task.addressee().model_dump().items() <= wire.items()
    assert len(encode_event(task)) < INLINE_BYTES


def test_chain__a_token_that_may_not_write(chain: Chain, caplog: pytest.LogCaptureFixture) -> None:
    """A token without the permission is our misconfiguration: not ready, and named in the log."""
    reading = settings_for(chain.api_url, dispatch_token=SecretStr(RUN_TOKEN))
    with serving(GitHubDispatcher(GitHub(reading))) as client:
        answer = client.post("/handle_task", json=submission())
        assert client.get("/ready").status_code == 502
    assert (answer.status_code, answer.json()["error"]) == (502, "misconfigured")
    assert "contents=write" in caplog.text
    assert RUN_TOKEN not in caplog.text + answer.text


def test_chain__ready(chain: Chain) -> None:
    """Ready is a receiver whose token may dispatch an enabled workflow; it asks once."""
    told = {"status": "ready", "not_checked": ["whether Actions minutes are left"]}
    for _ in range(3):
        assert chain.receiver.get("/ready").json() == told
    assert chain.calls() == ["briefship", "blobs", "workflows"]
    assert chain.hub.runs(REPOSITORY) == []
