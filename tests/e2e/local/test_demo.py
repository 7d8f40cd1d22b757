"""The demo as a user starts it: the whole chain, and what it says when a part fails."""

import io
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from rich.console import Console

from local.demo.machine import PROJECT
from local.demo.story import DemoOptions, demo

REQUESTS = sorted((PROJECT / "tests/requests").glob("rainfall-2026.*.json"))
BROKEN = """
on:
  repository_dispatch:
    types: [build-task]
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - name: Fall over
        run: exit 1
"""
LONG = f"3{os.getpid()}"
"""Seconds, and a mark by which the process can be told from others."""


def commands() -> list[str]:
    """Return the command lines of all processes, with NUL after each argument."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            found.append(file.read_text("utf-8", "replace"))
    return found


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A checkout whose workflow fails before it can call back."""
    folder = tmp_path / "source"
    workflow = folder / ".github/workflows/build.yml"
    workflow.parent.mkdir(parents=True)
    workflow.write_text(BROKEN)
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    subprocess.run(["git", "add", "-A"], cwd=folder, check=True)
    return folder


def test_demo__says_why_a_run_failed(broken: Path, tmp_path: Path) -> None:
    """A run that ends without a callback ends the demo at once, with the end of its log."""
    out = io.StringIO()
    options = DemoOptions(REQUESTS, tmp_path / "out", timeout=60, source=broken)
    assert not demo(options, Console(file=out, width=100))
    assert "the run ended as failure" in out.getvalue()
    # Not what the step printed: of a step as short as this act loses the output now and then.
    assert "Failure - Main Fall over" in out.getvalue()
    assert "Failure - Main Fall over" in (tmp_path / "out/round-1.log").read_text()
    assert not (tmp_path / "out/round-2.log").exists()


def test_demo__takes_two_rounds_through(tmp_path: Path) -> None:
    """Both rounds are delivered, nothing checkable fails, pictures and scores are kept."""
    done = subprocess.run(
        [sys.executable, "-m", "local", "demo", "--output", str(tmp_path / "out")],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "receiver.log",
        "round-1.log",
        "round-1.png",
        "round-2.log",
        "round-2.png",
        "scores.json",
    }
    assert "0 failed" in done.stdout


@pytest.fixture
def kept(tmp_path: Path, broken: Path) -> Iterator["subprocess.Popen[str]"]:
    """A demo that waits for Ctrl-C: its one round never ends, and it is told to stop."""
    shutil.copyfile(REQUESTS[0], tmp_path / "request.json")
    workflow = broken / ".github/workflows/build.yml"
    workflow.write_text(BROKEN.replace("exit 1", f"sleep {LONG}"))
    script = (
        "import sys; from pathlib import Path; import local.demo.machine as machine; "
        "from local.demo.story import DemoOptions, demo; from rich.console import Console; "
        "demo(DemoOptions([Path(sys.argv[1])], Path(sys.argv[2]), source=Path(sys.argv[3])), "
        "Console())"
    )
    arguments = [tmp_path / "request.json", tmp_path / "out", broken]
    process = subprocess.Popen(
        [sys.executable, "-u", "-c", script, *map(str, arguments)],
        cwd=PROJECT,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    yield process
    if process.poll() is None:
        process.kill()
    process.communicate()


def test_demo__stops_everything_on_ctrl_c(kept: "subprocess.Popen[str]") -> None:
    """In the middle of a run Ctrl-C ends the demo, its receiver and the run in a few seconds."""
    assert kept.stdout is not None
    receiver = ""
    for line in kept.stdout:
        if "receiver   http" in line:
            receiver = line.split()[-1]
        if "Fall over" in line:
            break
    assert httpx.get(receiver.replace("/handle_task", "/health")).status_code == 200
    assert f"sleep\0{LONG}\0" in commands()
    kept.send_signal(signal.SIGINT)
    kept.wait(timeout=15)
    with pytest.raises(httpx.ConnectError):
        httpx.get(receiver)
    assert f"sleep\0{LONG}\0" not in commands()
