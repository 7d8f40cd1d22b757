"""The last step of build.yml, as it stands there: it answers where the builder could not."""

import json
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from builder.report import Failure, Report
from builder.request import Blob, Dispatch
from builder.verdict import Verdict
from tests.conftest import RequestOf
from tests.scripted_server import RESET, Scripted, ScriptedServer

BUILD = Path(__file__).resolve().parents[3] / ".github/workflows/build.yml"
STEP: Mapping[str, Any] = yaml.safe_load(BUILD.read_text())["jobs"]["build"]["steps"][-1]
HURRIED = """
import sys, time
skipped, real = [0.0], time.time
time.time = lambda: real() + skipped[0]
def sleep(seconds):
    skipped[0] += seconds
    print(f"sleeps {seconds}")
time.sleep = sleep
exec(compile(open(sys.argv[1]).read(), "step", "exec"))
"""
"""Runs a script on a clock on which a sleep takes no time."""


class Step:
    """Runs the step's script in a folder, as the runner does."""

    def __init__(self, folder: Path, server: ScriptedServer, request_of: RequestOf) -> None:
        self.folder = folder
        self.server = server
        self.request = request_of(evaluation_url=f"{server.url}/evaluation?x=1")
        self.task = Dispatch.of(self.request, datetime.now(UTC))
        self.environ = {
            "ALLOW_PRIVATE_CALLBACKS": "1",
            "DEADLINE_SECONDS": "",
            "GITHUB_RUN_ATTEMPT": "1",
            "GITHUB_SERVER_URL": "https://github.example",
            "GITHUB_REPOSITORY": "ada/briefship",
            "GITHUB_RUN_ID": "7",
            "GITHUB_EVENT_PATH": str(folder / "event.json"),
            "STEPS": "checkout success, install failure",
        }
        self.event: object = {"client_payload": self.task.to_wire()}

    def run(self) -> "subprocess.CompletedProcess[str]":
        (self.folder / "event.json").write_text(json.dumps(self.event))
        (self.folder / "step").write_text(STEP["run"])
        return subprocess.run(
            [sys.executable, "-I", "-c", HURRIED, str(self.folder / "step")],
            cwd=self.folder,
            env=self.environ,
            capture_output=True,
            text=True,
            timeout=60,
        )

    def left(self, **fields: Any) -> None:
        """Leave the report of a builder that ended early."""
        report = Report.of(self.task).model_copy(update=fields)
        (self.folder / "work").mkdir()
        (self.folder / "work/report.json").write_text(report.model_dump_json())

    @property
    def echo(self) -> dict[str, Any]:
        wire = self.request.to_wire()
        return {name: wire[name] for name in ("email", "task", "round", "nonce")}


@pytest.fixture
def step(tmp_path: Path, scripted_server: ScriptedServer, request_of: RequestOf) -> Step:
    scripted_server.script = [Scripted(200)]
    return Step(tmp_path, scripted_server, request_of)


def test_last_step__answers_with_the_error(step: Step) -> None:
    """Who sent the task hears which step failed; the log holds neither email nor nonce."""
    done = step.run()
    assert done.returncode == 0, done.stderr
    (call,) = step.server.received
    assert call.path == "/evaluation?x=1"
    assert call.headers["idempotency-key"] == step.task.id
    assert call.json == step.echo | {
        "status": "error",
        "error": "the run broke off before the builder could answer (checkout success, install "
        "failure)",
        "verdict": "failing",
        "run_url": "https://github.example/ada/briefship/actions/runs/7",
    }
    for private in (step.request.email, step.request.nonce, step.request.evaluation_url):
        assert private not in done.stdout + done.stderr


def test_last_step__of_a_run_by_hand_and_of_a_stored_request(step: Step) -> None:
    """The request is the input of workflow_dispatch, or the event says whom to answer."""
    step.event = {"inputs": {"request": json.dumps(step.request.to_wire())}}
    assert step.run().returncode == 0
    blob = Blob(sha="a" * 40, sha256="b" * 64, size=70_000)
    step.event = {"client_payload": step.task.stored(blob).to_wire()}
    assert step.run().returncode == 0
    assert [call.json["nonce"] for call in step.server.received] == [step.request.nonce] * 2


def test_last_step__tells_what_the_builder_left(step: Step) -> None:
    """The builder's own reason is told, with the commit that it pushed."""
    failure = Failure(stage="publish", message="Pages is off", fix="Turn it on.")
    step.left(repo_url="r", commit_sha="c", failure=failure)
    assert step.run().returncode == 0
    body = step.server.received[0].json
    assert (body["status"], body["error"]) == ("error", "publish: Pages is off")
    assert (body["repo_url"], body["commit_sha"]) == ("r", "c")


def test_last_step__a_published_site_is_no_error(step: Step) -> None:
    """Where only notify broke, the site is told."""
    step.left(repo_url="r", commit_sha="c", pages_url="p", verdict=Verdict.PARTLY_VERIFIED)
    assert step.run().returncode == 0
    body = step.server.received[0].json
    assert (body["status"], body["pages_url"]) == ("success", "p")
    assert body["verdict"] == "partly verified"


def test_last_step__does_not_answer_twice(step: Step) -> None:
    """Where notify has answered, or tried as long as it may, nothing is sent."""
    step.left(callback="success, accepted with 200")
    assert step.run().returncode == 0
    assert step.server.received == []


@pytest.mark.parametrize(
    ("script", "sleeps", "code"),
    [
        ([RESET, Scripted(500), Scripted(200)], [1, 2], 0),
        ([Scripted(400)], [1, 2, 4, 8, 16], 1),
        ([Scripted(503)] * 6 + [Scripted(200)], [1, 2, 4, 8, 16, 20], 0),
        ([Scripted(503)], [1, 2, 4, 8, 16, 20, 20], 1),
    ],
)
def test_last_step__tries_again(
    step: Step, script: list[Scripted], sleeps: list[int], code: int
) -> None:
    """Five tries whatever comes; what may pass is tried on until the deadline."""
    step.server.script = list(script)
    step.environ["DEADLINE_SECONDS"] = "75"
    done = step.run()
    assert done.returncode == code, done.stderr
    assert [int(line.split()[1]) for line in done.stdout.splitlines() if "sleeps" in line] == sleeps


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "168.63.129.16"])
def test_last_step__private_addresses_are_refused(step: Step, host: str) -> None:
    """Without leave no address inside the runner's network is called."""
    step.environ["ALLOW_PRIVATE_CALLBACKS"] = ""
    port = step.server.url.rpartition(":")[2]
    wire = step.request.to_wire() | {"evaluation_url": f"http://{host}:{port}/"}
    step.event = {"inputs": {"request": json.dumps(wire)}}
    done = step.run()
    assert done.returncode == 1
    assert "not public" in done.stderr
    assert step.server.received == []


@pytest.mark.parametrize("event", [{}, [], {"inputs": {"request": "no JSON"}}, {"inputs": {}}])
def test_last_step__nobody_to_answer(step: Step, event: object) -> None:
    """An event that holds no task is told as such."""
    step.event = event
    done = step.run()
    assert done.returncode == 1
    assert "does not say whom to answer" in done.stderr
