"""The demo as a user starts it: the whole chain, and what it says when a part fails."""

import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from rich.console import Console

from local.demo.machine import PROJECT
from local.demo.story import DemoOptions, demo
from local.model import ScriptedModel
from local.server import serve

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
    options = DemoOptions(REQUESTS, output=tmp_path / "out", timeout=60, source=broken)
    assert not demo(options, Console(file=out, width=100))
    assert "the run ended as failure" in out.getvalue()
    # Not what the step printed: of a step as short as this act loses the output now and then.
    assert "Failure - Main Fall over" in out.getvalue()
    assert "Failure - Main Fall over" in (tmp_path / "out/round-1.log").read_text()
    assert not (tmp_path / "out/round-2.log").exists()


def play(
    tmp_path: Path, *arguments: str, environ: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the demo's command with no more of the environment than it needs."""
    output = tmp_path / "out"
    return subprocess.run(
        [sys.executable, "-m", "local", "demo", "--output", str(output), *arguments],
        cwd=PROJECT,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(PROJECT), "COLUMNS": "200"}
        | dict(environ or {}),
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )


def test_demo__takes_two_rounds_through(tmp_path: Path) -> None:
    """Both rounds are delivered, two browsers opened each page; pictures and scores are kept."""
    done = play(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "receiver.log",
        "round-1.log",
        "round-1.png",
        "round-2.log",
        "round-2.png",
        "scores.json",
    }
    # A check in plain words keeps a run from more than "partly verified".
    verdicts = re.findall(r"verdict of sum-of-sales-001, round \d: (.+)", done.stdout)
    assert len(verdicts) == 2
    assert set(verdicts) <= {"verified", "partly verified"}
    scores = json.loads((tmp_path / "out/scores.json").read_bytes())
    for score in scores:
        opened = [row for row in score["rows"] if "opened in a browser" in row["check"]]
        assert [row["outcome"] for row in opened] == ["passed", "passed"]
        assert score["totals"]["failed"] == 0
    assert any(row["check"].startswith("round 1: ") for row in scores[1]["rows"])


def test_demo__fails_where_the_builder_has_no_browser(tmp_path: Path) -> None:
    """A run whose browser did not start is told of as such, and is no success."""
    request = PROJECT / "tests/requests/sum-of-sales-001.round1.json"
    done = play(tmp_path, "--browsers", "none", "--request", str(request))
    assert done.returncode == 1, done.stdout
    (score,) = json.loads((tmp_path / "out/scores.json").read_bytes())
    failed = [row["check"] for row in score["rows"] if row["outcome"] == "failed"]
    assert "The page was opened in a browser, by the builder" in failed
    assert score["verdict"] != "verified"
    assert "round 1: verified" not in done.stdout


def test_demo__fails_where_the_model_did_not_make_the_site(tmp_path: Path) -> None:
    """A model that was set and gave no answer is no success, although a site was published."""
    with serve(ScriptedModel(key="another-key")) as url:
        own = {"MODELS": "mine", "OPENAI_BASE_URL": f"{url}/v1", "OPENAI_API_KEY": "expired"}
        done = play(tmp_path, "--brief", "Publish a page titled Moss.", environ=own)
    assert done.returncode == 1, done.stdout
    assert "made by    the model mine" in done.stdout
    (score,) = json.loads((tmp_path / "out/scores.json").read_bytes())
    assert score["verdict"] == "fallback"
    assert score["pages_url"]
    failed = [row["check"] for row in score["rows"] if row["outcome"] == "failed"]
    assert failed == ["The run's own verdict", "The site was made by the model that is set"]


@pytest.fixture
def kept(tmp_path: Path, broken: Path) -> Iterator["subprocess.Popen[str]"]:
    """A demo that waits for Ctrl-C: its one round never ends, and it is told to stop."""
    shutil.copyfile(REQUESTS[0], tmp_path / "request.json")
    workflow = broken / ".github/workflows/build.yml"
    workflow.write_text(BROKEN.replace("exit 1", f"sleep {LONG}"))
    script = (
        "import sys; from pathlib import Path; import local.demo.machine as machine; "
        "from local.demo.story import DemoOptions, demo; from rich.console import Console; "
        "request, output, source = map(Path, sys.argv[1:]); "
        "demo(DemoOptions([request], output=output, source=source), Console())"
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
