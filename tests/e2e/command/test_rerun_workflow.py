"""The workflow `rerun` under act: a build starts again with the event of its own run."""

import json
import shutil
import subprocess
from pathlib import Path

import httpx

from local.hub import Addresses, Hub

ROOT = Path(__file__).resolve().parents[3]
REPOSITORY = "ada/briefship"
BUILD = "0123456789abcdef"
TINY = """
on: {repository_dispatch: {types: [build-task]}}
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - run: echo "attempt $GITHUB_RUN_ATTEMPT, debug ${RUNNER_DEBUG:-off}"
"""


def source(folder: Path) -> Path:
    """Copy this checkout, less its tests, with a build that only tells its attempt."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.split("\0")
    for name in listed:
        if name and not name.startswith("tests/"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
    (folder / ".github/workflows/build.yml").write_text(TINY)
    return folder


def post(at: Addresses, path: str, body: object) -> None:
    headers = {"Authorization": "Bearer an-operators-token"}
    url = f"{at.api_url}/repos/{REPOSITORY}/{path}"
    httpx.post(url, json=body, headers=headers).raise_for_status()


def test_rerun_workflow__by_build_id(tmp_path: Path) -> None:
    """Started by hand with a build id, it runs that build again, forced where that is asked."""
    hub = Hub(tmp_path / "hub")
    hub.add_user("ada")
    hub.add_repository(REPOSITORY, source(tmp_path / "source"))
    hub.add_token("an-operators-token", "ada", {"actions": "write", "contents": "write"})
    with hub.serve() as at:
        payload = {"id": BUILD, "task": "rain", "round": 2}
        post(at, "dispatches", {"event_type": "build-task", "client_payload": payload})
        (build,) = hub.runs(REPOSITORY)
        hub.wait_for_run(build.id, 60)
        inputs = {"build": BUILD, "force": "true"}
        post(at, "actions/workflows/rerun.yml/dispatches", {"ref": "main", "inputs": inputs})
        rerun = hub.wait_for_run(hub.runs(REPOSITORY)[-1].id, 120)
        assert rerun.conclusion == "success", rerun.log.read_text()[-3000:]
        hub.wait_for_run(build.id, 60)
        assert "attempt 2, debug 1" in build.log.read_text()
        event = json.loads((build.folder.path / "event.json").read_text())
        assert event["client_payload"] == payload
