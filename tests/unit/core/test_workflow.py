"""build.yml: what stands in it, and its first steps as they stand there."""

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

BUILD = Path(__file__).resolve().parents[3] / ".github/workflows/build.yml"
WORKFLOW: dict[Any, Any] = yaml.safe_load(BUILD.read_text())
STEPS = {step.get("name", step.get("uses")): step for step in WORKFLOW["jobs"]["build"]["steps"]}
LIFTED = "sudo -n sysctl -q -w kernel.apparmor_restrict_unprivileged_userns=0\n"


def test_force__is_an_input_of_a_run_by_hand() -> None:
    """Who starts the workflow by hand can ask to build again in any case; it is off by default."""
    force = WORKFLOW[True]["workflow_dispatch"]["inputs"]["force"]
    assert (force["type"], force["default"]) == ("boolean", False)
    assert STEPS["Generate"]["env"]["FORCE"] == "${{ inputs.force }}"


@pytest.mark.parametrize(
    ("act", "restricted", "sudo", "called", "warned"),
    [
        ("", True, 0, LIFTED, False),
        ("", True, 1, LIFTED, True),
        ("", False, 0, "", False),
        ("true", True, 0, "", False),
    ],
)
def test_allow_sandboxes__where_apparmor_denies_them(
    tmp_path: Path, act: str, restricted: bool, sudo: int, called: str, warned: bool
) -> None:
    """Ubuntu's restriction is lifted, before the page is opened; where there is none, where sudo is
    refused, and on a person's own machine nothing fails."""
    commands = {
        "sysctl": f"exit {int(not restricted)}",
        "sudo": f'echo "sudo $*" >>{tmp_path}/called; exit {sudo}',
        "bwrap": "exit 0",
    }
    for name, script in commands.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", STEPS["Allow sandboxes"]["run"]],
        env={"PATH": f"{tmp_path}:{os.environ['PATH']}", "ACT": act},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert ("::warning::" in done.stdout) == warned
    log = tmp_path / "called"
    assert (log.read_text() if log.exists() else "") == called
    names = list(STEPS)
    assert names.index("Allow sandboxes") < names.index("Generate")
