"""The parts of the demo: the receiver's process, and what is watched."""

from pathlib import Path

import pytest

from builder.errors import SettingsError
from local.demo.machine import PROJECT, machine
from local.demo.watch import steps
from local.receiver_process import ProcessNotStarted, receiver

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
