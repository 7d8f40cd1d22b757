"""python -m receiver as a process"""

import json
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.integration.receiver.conftest import Start
from tests.integration.receiver.scripted import ScriptedGitHub
from tests.receiver_parts import PRIVATE, base_environ, submission
from tests.scripted_server import Scripted


def _refused(**environ: str) -> str:
    """Start it with unusable settings, and return the one line that it prints."""
    told = subprocess.run(
        [sys.executable, "-m", "receiver"],
        env=base_environ() | environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (told.returncode, told.stdout) == (2, "")
    [line] = told.stderr.splitlines()
    return line


def test_start__settings_missing() -> None:
    """Without settings it ends with 2 and one line that names them all."""
    line = _refused(TASK_SECRET="", DISPATCH_TOKEN="", DISPATCH_REPOSITORY="nonsense")
    for name in ("TASK_SECRET", "DISPATCH_TOKEN", "DISPATCH_REPOSITORY"):
        assert name in line


def test_start__port_taken(github: ScriptedGitHub) -> None:
    """A port that is taken is a setting to change."""
    assert "cannot listen on 127.0.0.1" in _refused(PORT=github.url.rpartition(":")[2])


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_process__log(start: Start, github: ScriptedGitHub, log_format: str) -> None:
    """The log tells of accepted, refused and failed requests without a secret, in both formats."""
    receiver = start(GITHUB_API_URL=github.url, LOG_FORMAT=log_format)
    github.script = [Scripted(404, body=b'{"message": "Not Found"}')]
    with httpx.Client(base_url=receiver.url) as client:
        client.post("/handle_task", json=submission())
        accepted = client.post("/handle_task", json=submission())
        client.post("/handle_task", json=submission(secret="guess"))
        client.post("/handle_task", json=submission(email=5))
        client.post("/handle_task", content=b'{"email": "ada@example.com"')
        client.get("/n-4711")
    assert "server" not in accepted.headers
    assert github.received[1].json["client_payload"]["id"] == accepted.json()["id"]
    log = receiver.stop()
    _, misconfigured, *requests = log.splitlines()
    assert "DISPATCH_TOKEN" in misconfigured
    if log_format == "json":
        statuses = [json.loads(line)["status"] for line in requests]
    else:
        statuses = [int(line.partition(" status=")[2][:3]) for line in requests]
    assert statuses == [502, 200, 403, 422, 400, 404]
    assert not [secret for secret in (*PRIVATE, "guess") if secret in log]


def test_process__in_flight_requests_finish(start: Start, github: ScriptedGitHub) -> None:
    """A request that is under way when the signal to stop comes gets its answer."""
    receiver = start(GITHUB_API_URL=github.url)
    github.script = [Scripted(500), Scripted(500)]
    with ThreadPoolExecutor() as pool:
        answer = pool.submit(httpx.post, f"{receiver.url}/handle_task", json=submission())
        while not github.received:
            assert not answer.done()
        receiver.process.send_signal(signal.SIGTERM)
        assert answer.result().status_code == 200
    receiver.process.wait()
    assert len(github.received) == 3
