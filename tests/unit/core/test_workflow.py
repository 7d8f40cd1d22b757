"""build.yml: what stands in it, and its first steps as they stand there."""

import os
import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import yaml

from builder.report import Report
from builder.work import Work

BUILD = Path(__file__).resolve().parents[3] / ".github/workflows/build.yml"
WORKFLOW: dict[Any, Any] = yaml.safe_load(BUILD.read_text())
STEPS = {step.get("name", step.get("uses")): step for step in WORKFLOW["jobs"]["build"]["steps"]}
LIFTED = "sudo -n sysctl -q -w kernel.apparmor_restrict_unprivileged_userns=0\n"


def test_force__is_an_input_of_a_run_by_hand() -> None:
    """Who starts the workflow by hand can ask to build again in any case; it is off by default."""
    force = WORKFLOW[True]["workflow_dispatch"]["inputs"]["force"]
    assert (force["type"], force["default"]) == ("boolean", False)
    assert STEPS["Generate"]["env"]["FORCE"] == "${{ inputs.force }}"


def run_step(name: str, path: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run the script of a step, with the commands in `path` before all others."""
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", STEPS[name]["run"]],
        env={"PATH": f"{path}:{os.environ['PATH']}", "RUNNER_TEMP": str(path)} | environ,
        cwd=path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done


def command(folder: Path, name: str, script: str) -> None:
    """Put a command in `folder`."""
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


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
    command(tmp_path, "sysctl", f"exit {int(not restricted)}")
    command(tmp_path, "sudo", f'echo "sudo $*" >>{tmp_path}/called; exit {sudo}')
    command(tmp_path, "bwrap", "exit 0")
    done = run_step("Allow sandboxes", tmp_path, ACT=act)
    assert ("::warning::" in done.stdout) == warned
    log = tmp_path / "called"
    assert (log.read_text() if log.exists() else "") == called
    names = list(STEPS)
    assert names.index("Allow sandboxes") < names.index("Generate")


@pytest.mark.parametrize(("ends", "warned"), [("exit 0", False), ("echo no space; exit 100", True)])
def test_bubblewrap__installed_beside_the_packages(tmp_path: Path, ends: str, warned: bool) -> None:
    """The first step goes on while apt runs; the step after the installation waits for apt, and
    says so if bubblewrap could not be installed."""
    fifo = tmp_path / "gate"
    os.mkfifo(fifo)
    # Only this path, so that the bwrap of this machine is not found.
    for name in ("bash", "cat", "seq", "sleep", "tail"):
        (tmp_path / name).symlink_to(shutil.which(name) or name)
    command(tmp_path, "sysctl", "exit 1")
    command(tmp_path, "sudo", f'case "$*" in *install*) read -r _ <{fifo}; {ends};; esac')
    run_step("Allow sandboxes", tmp_path, PATH=str(tmp_path))
    assert not (tmp_path / "bubblewrap.code").exists()
    with ThreadPoolExecutor(1) as pool:
        waits = pool.submit(run_step, "Wait for bubblewrap", tmp_path, PATH=str(tmp_path))
        fifo.write_text("go\n")
        done = waits.result()
    assert (tmp_path / "bubblewrap.code").exists()
    assert ("::warning::bubblewrap cannot be installed" in done.stdout) == warned
    assert ("no space" in done.stdout) == warned
    names = list(STEPS)
    assert names.index("Install") < names.index("Wait for bubblewrap") < names.index("Prepare")


def test_bubblewrap__that_is_there_is_not_waited_for(tmp_path: Path) -> None:
    """Where nothing had to be installed, the step after the installation waits for nothing."""
    assert run_step("Wait for bubblewrap", tmp_path).stdout == ""


@pytest.mark.parametrize("is_cached", [True, False])
def test_install__takes_uv_from_the_cache(tmp_path: Path, is_cached: bool) -> None:
    """pip is asked for uv where the cache has none; uv installs the rest either way."""
    asked = f'case "$*" in *"import uv"*) exit {int(not is_cached)};; esac'
    command(tmp_path, "python", f'{asked}; echo "$3 $4" >>{tmp_path}/called')
    run_step("Install", tmp_path, HOME=str(tmp_path))
    called = (tmp_path / "called").read_text()
    assert ("install --quiet" in called) != is_cached
    assert "pip install" in called


@pytest.mark.parametrize(("log", "called"), [("", False), ("It failed.", True)])
def test_repair__starts_no_python_without_need(tmp_path: Path, log: str, called: bool) -> None:
    """The builder is called for a repair only where the app's own workflow has failed."""
    command(tmp_path, "python", f"touch {tmp_path}/called")
    report = Report(build_id="b", task="t", round=1, workflow_log=log)
    (tmp_path / "work").mkdir()
    Work(tmp_path / "work").save(report)
    run_step("Repair", tmp_path)
    assert (tmp_path / "called").exists() == called


def test_actions__are_pinned_by_commit() -> None:
    """Each action of each workflow is named by a commit, with its version beside it."""
    lines = [
        line
        for file in BUILD.parent.glob("*.yml")
        for line in file.read_text().splitlines()
        if "uses:" in line
    ]
    assert lines
    for line in lines:
        assert re.search(r"uses: actions/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line), line


def test_history__has_a_job_of_its_own() -> None:
    """The page of all runs is written after the answer, only where HISTORY is 1, and by the one job
    that may write to the repository."""
    jobs = WORKFLOW["jobs"]
    assert jobs["build"]["permissions"] == {"contents": "read"}
    assert (jobs["history"]["needs"], jobs["history"]["if"]) == (
        "build",
        "always() && vars.HISTORY == '1'",
    )
    assert jobs["history"]["permissions"] == {"contents": "write", "pages": "write"}
    assert "secrets." not in str(jobs["history"])
