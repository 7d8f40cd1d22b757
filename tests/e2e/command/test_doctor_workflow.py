"""The workflow `doctor` under act, with the workflow's own secrets and runner."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from local.hub import Addresses, Hub, WorkflowRun
from local.hub.overview import summaries
from local.model import ScriptedModel
from local.provision import OWNER, REPOSITORY, provision
from local.server import serve

ROOT = Path(__file__).resolve().parents[3]
OPERATOR = "an-operators-token"


@dataclass
class Surgery:
    """A local GitHub with this checkout as the workflow repository, and a model."""

    hub: Hub
    at: Addresses

    def run(self) -> WorkflowRun:
        """Start the workflow by hand and wait for its end."""
        path = f"/repos/{REPOSITORY}/actions/workflows/doctor.yml/dispatches"
        headers = {"Authorization": f"Bearer {OPERATOR}"}
        httpx.post(self.at.api_url + path, json={"ref": "main"}, headers=headers).raise_for_status()
        return self.hub.wait_for_run(self.hub.runs(REPOSITORY)[-1].id, 240)


@pytest.fixture
def surgery(tmp_path: Path) -> Iterator[Surgery]:
    hub = Hub(tmp_path / "hub")
    provision(hub, ROOT)
    hub.add_token(OPERATOR, OWNER, {"actions": "write"})
    with serve(ScriptedModel("Red. One, two, three.", key="the-key")) as model, hub.serve() as at:
        hub.set_variable(REPOSITORY, "MODELS", "tiny")
        hub.set_variable(REPOSITORY, "OPENAI_BASE_URL", f"{model}/v1")
        hub.set_secret(REPOSITORY, "OPENAI_API_KEY", "the-key")
        yield Surgery(hub, at)


def test_doctor_workflow__whole_then_with_faults(surgery: Surgery) -> None:
    """The run writes the table to its summary, succeeds where nothing is wrong, and fails with a
    key and a token that do not work, neither of which is shown."""
    run = surgery.run()
    log = run.log.read_text()
    assert run.conclusion == "success", log[-3000:]
    (table,) = summaries(log)
    assert "| ✓ | builder token: new repositories | permitted |" in table
    assert "| ✓ | model tiny at " in table
    assert "| ✓ | browser |" in table
    assert "✗" not in table
    surgery.hub.set_secret(REPOSITORY, "OPENAI_API_KEY", "an-old-key")
    surgery.hub.set_secret(REPOSITORY, "BUILDER_TOKEN", "an-old-token")
    run = surgery.run()
    log = run.log.read_text()
    assert run.conclusion == "failure"
    (table,) = summaries(log)
    faults = [row for row in table.splitlines() if row.startswith("| ✗")]
    assert [row.split(" | ")[1].split(" at ")[0] for row in faults] == ["builder", "model tiny"]
    for secret in ("the-key", "an-old-key", "an-old-token"):
        assert secret not in log
