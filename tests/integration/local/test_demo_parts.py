"""The parts of the demo: the receiver's process, what is provided, watched and counted."""

import io
import stat
from pathlib import Path

import httpx
import pytest
from rich.console import Console

from builder.errors import SettingsError
from builder.report import Report, Step
from local.demo.figures import Figures, table
from local.demo.machine import PROJECT, machine
from local.demo.watch import steps
from local.hub import Hub, LoggedRequest
from local.provision import REPOSITORY, provision
from local.receiver_process import ProcessNotStarted, receiver

SETTINGS = {
    "TASK_SECRET": "s3cret",
    "DISPATCH_TOKEN": "made-up",
    "DISPATCH_REPOSITORY": "ada/briefship",
    "GITHUB_API_URL": "http://127.0.0.1:1",
}
LOG = """\
[build/Build and deliver] 🚀  Start image=
[build/Build and deliver] ⭐ Run Main actions/checkout@3d3c42e
[build/Build and deliver]   ✅  Success - Main actions/checkout@3d3c42e [31.5ms]
[build/Build and deliver] ⭐ Run Main Generate
[build/Build and deliver]   | a line that says ⭐ nothing
[build/Build and deliver]   ❌  Failure - Main Generate [1.2s]
[build/Build and deliver] ⭐ Run Main Upload the report
[build/Build and deliver] ⭐ Run Main copy it
[build/Build and deliver]   ❌  Failure - Main copy it [129.655218ms]
[build/Build and deliver]   ✅  Success - Main Upload the report [133.2565ms]
[build/Build and deliver] ⭐ WorkflowRun Post actions/checkout@3d3c42e
"""


def test_receiver_process__says_why_it_did_not_start(tmp_path: Path) -> None:
    """Settings that are missing come out as the error's text."""
    with (
        pytest.raises(ProcessNotStarted, match="TASK_SECRET"),
        receiver({}, PROJECT, tmp_path / "log"),
    ):
        pass


def test_provision__gives_the_same_credentials_again(tmp_path: Path) -> None:
    """A hub that starts again has the tokens of before; only their user may read them."""
    file = tmp_path / "credentials.json"
    first = provision(Hub(tmp_path / "hub"), PROJECT, file)
    hub = Hub(tmp_path / "hub")
    assert provision(hub, PROJECT, file) == first
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with hub.serve() as at:
        headers = {"Authorization": f"Bearer {first.builder_token}"}
        found = httpx.get(f"{at.api_url}/repos/{REPOSITORY}", headers=headers)
    assert found.json()["full_name"] == REPOSITORY


def test_machine__wants_a_checkout(tmp_path: Path) -> None:
    """Outside of a checkout there is nothing to make the workflow repository from."""
    with pytest.raises(SettingsError, match="checkout"), machine(tmp_path, tmp_path):
        pass


def test_steps__are_told_as_they_begin_and_when_they_fail() -> None:
    """Of act's log the workflow's own steps are told, and a failure; not those of its actions."""
    assert steps(LOG) == [
        "  actions/checkout@3d3c42e",
        "  Generate",
        "  Generate failed",
        "  Upload the report",
    ]


def test_figures__count_calls_writes_and_pushes() -> None:
    """REST calls are those under /api/; a push counts when it was accepted."""
    report = Report(
        build_id="0" * 16, task="t", round=1, steps=[Step(name="Generate", seconds=0.5)]
    )
    requests_made = [
        LoggedRequest("GET", "/api/v3/user", 200),
        LoggedRequest("POST", "/api/v3/user/repos", 201),
        LoggedRequest("GET", "/ada/t.git/info/refs", 200),
        LoggedRequest("POST", "/ada/t.git/git-receive-pack", 401),
        LoggedRequest("POST", "/ada/t.git/git-receive-pack", 200),
        LoggedRequest("POST", "/ada/t.git/git-upload-pack", 200),
    ]
    figures = Figures.of(requests_made, report)
    assert figures == Figures(calls=2, writes=1, pushes=1, seconds={"Generate": 0.5})
    out = io.StringIO()
    Console(file=out, width=80).print(table([figures, Figures.of([], None)]))
    assert "0.50 s" in out.getvalue()
