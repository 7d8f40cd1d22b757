"""build.yml under act where a run breaks before the builder can answer."""

import json
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from builder.request import Dispatch, Request
from local.hub import Hub
from local.provision import REPOSITORY, provision
from tests.conftest import RequestOf
from tests.scripted_server import Scripted, ScriptedServer

ROOT = Path(__file__).resolve().parents[3]
RUN_SECONDS = 120.0


def source(folder: Path) -> Path:
    """Return a checkout of the workflow alone, whose installation fails."""
    workflows = folder / ".github/workflows"
    workflows.mkdir(parents=True)
    shutil.copy(ROOT / ".github/workflows/build.yml", workflows)
    (folder / "constraints.txt").write_text("")
    (folder / "pyproject.toml").write_text("[project]\nthis is no TOML\n")
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    subprocess.run(["git", "add", "-A"], cwd=folder, check=True)
    return folder


@pytest.mark.parametrize("by_hand", [False, True])
def test_build__a_failed_installation_is_answered(
    tmp_path: Path, scripted_server: ScriptedServer, request_of: RequestOf, by_hand: bool
) -> None:
    """The evaluator gets one answer, an error that names the step; nothing private is logged."""
    scripted_server.script = [Scripted(500), Scripted(200)]
    request = request_of(evaluation_url=f"{scripted_server.url}/evaluation")
    hub = Hub(tmp_path / "hub")
    credentials = provision(hub, source(tmp_path / "source"))
    with hub.serve() as at:
        repository = f"{at.api_url}/repos/{REPOSITORY}"
        sent = dispatch(repository, request, by_hand, credentials.builder_token)
        assert sent.status_code in {200, 204}, sent.text
        run = hub.wait_for_run(hub.runs(REPOSITORY)[-1].id, RUN_SECONDS)
    assert run.conclusion == "failure"
    failed, taken = scripted_server.received
    assert failed.json == taken.json
    body = taken.json
    assert {name: body[name] for name in ("email", "task", "round", "nonce")} == {
        "email": request.email,
        "task": request.task,
        "round": 1,
        "nonce": request.nonce,
    }
    assert body["status"] == "error"
    assert "install failure" in body["error"]
    log = run.log.read_text()
    assert "answered error with status 200" in log
    for private in (request.email, request.nonce):
        assert private not in log


def dispatch(repository: str, request: Request, by_hand: bool, token: str) -> httpx.Response:
    """Start build.yml by an event, or by hand."""
    path, body = (
        (
            "actions/workflows/build.yml/dispatches",
            {"ref": "main", "inputs": {"request": json.dumps(request.to_wire())}},
        )
        if by_hand
        else (
            "dispatches",
            {
                "event_type": "build-task",
                "client_payload": Dispatch.of(request, datetime.now(UTC)).to_wire(),
            },
        )
    )
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.post(f"{repository}/{path}", json=body, headers=headers)
