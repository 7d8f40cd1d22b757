"""The parts of the demo: the receiver's process, who makes the site, and what is watched."""

from pathlib import Path

import pytest

from builder.errors import SettingsError
from local.demo.author import author
from local.demo.machine import PROJECT, machine
from local.demo.watch import steps
from local.provision import provision
from local.receiver_process import ProcessNotStarted, receiver
from tests.integration.local.conftest import World

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
"""


def test_parts__say_why_they_do_not_start(tmp_path: Path) -> None:
    """Settings that are missing come out as the error's text; a checkout has to be there."""
    with (
        pytest.raises(ProcessNotStarted, match="TASK_SECRET"),
        receiver({}, PROJECT, tmp_path / "log"),
    ):
        pass
    with pytest.raises(SettingsError, match="checkout"), machine(tmp_path, tmp_path):
        pass


def test_provision__the_builders_token_may_write_workflows(world: World) -> None:
    """A brief that asks for a workflow of the app gets it in the demo: the push is taken."""
    token = provision(world.hub, PROJECT).builder_token
    world.hub.add_repository("ada/app")
    folder = world.folder / "app"
    world.git("init", "-q", "-b", "main", str(folder))
    (folder / ".github/workflows").mkdir(parents=True)
    (folder / ".github/workflows/own.yml").write_text("on: push")
    world.git("add", "-A", cwd=folder)
    world.git("commit", "-qm", "Add a workflow", cwd=folder)
    url = f"{world.at.server_url}/ada/app.git"
    world.git("push", "-q", url, "HEAD:main", token=token, cwd=folder)
    assert world.git("ls-remote", url, "refs/heads/main")


def test_author__without_a_model_is_the_fallback(tmp_path: Path) -> None:
    """Where no model is set, and none was recorded for the requests, it is told so."""
    for requests in ((), (PROJECT / "tests/requests/rainfall-2026.round1.json",)):
        with author({}, requests, tmp_path) as made_by:
            assert made_by.described.startswith("the fallback, since no model is set")
            assert not made_by.is_model


def test_steps__are_told_as_they_begin_and_when_they_fail() -> None:
    """Of act's log the workflow's own steps are told, and a failure; not those of its actions."""
    assert steps(LOG) == [
        "  actions/checkout@3d3c42e",
        "  Generate",
        "  Generate failed",
        "  Upload the report",
    ]
