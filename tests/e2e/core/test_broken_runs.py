"""build.yml under act where a run breaks before the builder can answer."""

import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import httpx

from builder.request import Dispatch
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


def test_build__a_failed_installation_is_answered(
    tmp_path: Path, scripted_server: ScriptedServer, request_of: RequestOf
) -> None:
    """The evaluator gets one answer, an error that names the step; nothing private is logged."""
    scripted_server.script = [Scripted(500), Scripted(200)]
    request = request_of(evaluation_url=f"{scripted_server.url}/evaluation")
    hub = Hub(tmp_path / "hub")
    credentials = provision(hub, source(tmp_path / "source"))
    with hub.serve() as at:
        payload = Dispatch.of(request, datetime.now(UTC)).to_wire()
        sent = httpx.post(
            f"{at.api_url}/repos/{REPOSITORY}/dispatches",
            json={"event_type": "build-task", "client_payload": payload},
            headers={"Authorization": f"Bearer {credentials.dispatch_token}"},
        )
        assert sent.status_code == 204, sent.text
        run = hub.wait_for_run(hub.runs(REPOSITORY)[-1].id, RUN_SECONDS)
    assert run.conclusion == "failure"
    failed, taken = scripted_server.received
    assert failed.json == taken.json
    body = taken.json
    echoed = request.to_wire()
    for name in ("email", "task", "round", "nonce"):
        assert body[name] == echoed[name]
    assert body["status"] == "error"
    assert "install failure" in body["error"]
    log = run.log.read_text()
    assert "answered error with status 200" in log
    for private in (request.email, request.nonce):
        assert private not in log
