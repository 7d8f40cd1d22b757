"""python -m receiver as a process"""

import json
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from receiver.settings import Settings
from tests.integration.receiver.conftest import Start
from tests.integration.receiver.scripted import Reply, ScriptedGitHub
from tests.receiver_parts import SECRET, TOKEN, SubmissionOf, base_environ


def _run(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "receiver", *arguments],
        env=base_environ() | environ,
        capture_output=True,
        text=True,
        check=False,
    )


def test_help__lists_the_environment() -> None:
    """The help names every setting."""
    told = _run("--help")
    assert told.returncode == 0
    for name in Settings.model_fields:
        assert name.upper() in told.stdout


def test_start__settings_missing() -> None:
    """Without settings it ends with 2 and one line that names them all."""
    told = _run(TASK_SECRET="", DISPATCH_TOKEN="", DISPATCH_REPOSITORY="nonsense")
    assert told.returncode == 2
    assert told.stdout == ""
    [line] = told.stderr.splitlines()
    for name in ("TASK_SECRET", "DISPATCH_TOKEN", "DISPATCH_REPOSITORY"):
        assert name in line


def test_start__port_taken(github: ScriptedGitHub) -> None:
    """A port that is taken is a setting to change."""
    told = _run(PORT=github.url.rpartition(":")[2])
    assert told.returncode == 2
    [line] = told.stderr.splitlines()
    assert "cannot listen on 127.0.0.1" in line


def test_process__request_to_event(
    start: Start, github: ScriptedGitHub, submission_of: SubmissionOf
) -> None:
    """A task that comes in goes out as an event, and no banner is shown."""
    receiver = start(GITHUB_API_URL=github.url)
    answer = httpx.post(f"{receiver.url}/handle_task", json=submission_of())
    assert answer.status_code == 200
    assert "server" not in answer.headers
    [call] = github.calls
    assert call.json()["client_payload"]["task"] == "sum-of-rain"


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_process__log(
    start: Start, github: ScriptedGitHub, submission_of: SubmissionOf, log_format: str
) -> None:
    """The log tells of accepted, refused and failed requests without a secret, in both formats."""
    receiver = start(GITHUB_API_URL=github.url, LOG_FORMAT=log_format)
    github.script = [Reply(404, body=b'{"message": "Not Found"}')]
    with httpx.Client(base_url=receiver.url) as client:
        client.post("/handle_task", json=submission_of())
        client.post("/handle_task", json=submission_of())
        client.post("/handle_task", json=submission_of(secret="guess"))
        client.post("/handle_task", json=submission_of(email=5))
        client.post("/handle_task", content=b'{"email": "ada@example.com"')
        client.get("/n-4711")
    log = receiver.stop()
    lines = log.splitlines()
    assert len(lines) == 8
    if log_format == "json":
        told = [json.loads(line) for line in lines]
        assert [line.get("status") for line in told] == [None, None, 502, 200, 403, 422, 400, 404]
    for secret in (SECRET, TOKEN, "ada@example.com", "n-4711", "guess"):
        assert secret not in log
    assert "DISPATCH_TOKEN" in lines[1]


def test_process__in_flight_requests_finish(
    start: Start, github: ScriptedGitHub, submission_of: SubmissionOf
) -> None:
    """A request that is under way when the signal to stop comes gets its answer."""
    receiver = start(GITHUB_API_URL=github.url)
    github.script = [Reply(500), Reply(500)]
    with ThreadPoolExecutor() as pool:
        answer = pool.submit(httpx.post, f"{receiver.url}/handle_task", json=submission_of())
        while not github.calls:
            assert not answer.done()
        receiver.process.send_signal(signal.SIGTERM)
        assert answer.result().status_code == 200
    receiver.end()
    assert len(github.calls) == 3
