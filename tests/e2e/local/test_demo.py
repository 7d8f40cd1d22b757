"""The demo as a user starts it: the whole chain, and what it says when a part fails."""

import io
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from rich.console import Console

from local.demo.machine import PROJECT
from local.demo.story import DemoOptions, demo
from local.hub.act import marked
from local.model import ScriptedModel
from local.server import serve

REQUEST = PROJECT / "tests/requests/rainfall-2026.round1.json"
BROKEN = """
on: {repository_dispatch: {types: [build-task]}}
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - {name: Fall over, run: "exit 1"}
"""
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start Python as in the background, with little of the environment; end what still runs."""
    started = []

    def run(*arguments: str, **environ: str) -> "subprocess.Popen[str]":
        few = {"PATH": os.environ["PATH"], "PYTHONPATH": str(PROJECT), "COLUMNS": "200"}
        process = subprocess.Popen(
            [sys.executable, "-u", *arguments],
            cwd=PROJECT,
            env=few | environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
        )
        started.append(process)
        return process

    yield run
    for process in started:
        # Killed at once it would leave behind what it has started.
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=30)
        process.kill()
        process.wait()


def told(process: "subprocess.Popen[str]", last: str) -> str:
    """Return what the command prints until a line with `last`."""
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if last in line:
            break
    return "".join(lines)


def scores(output: Path) -> list[dict[str, str | list[dict[str, str]]]]:
    found: list[dict[str, str | list[dict[str, str]]]] = json.loads(
        (output / "scores.json").read_bytes()
    )
    return found


def source(folder: Path, workflow: str) -> Path:
    """Make a checkout with this workflow alone."""
    path = folder / "source/.github/workflows/build.yml"
    path.parent.mkdir(parents=True)
    path.write_text(workflow)
    subprocess.run(["git", "init", "-q"], cwd=folder / "source", check=True)
    subprocess.run(["git", "add", "-A"], cwd=folder / "source", check=True)
    return folder / "source"


def test_demo__two_rounds_and_everything_kept_running(start: Start, tmp_path: Path) -> None:
    """Both rounds are delivered, two browsers opened each page, requirements are listed; with
    --keep every printed address answers, the curl line works, Ctrl-C ends all."""
    kept = start("-m", "local", "demo", "--keep", "--output", str(tmp_path / "out"))
    text = told(kept, "briefship status")
    names = {f"round-{number}.{kind}" for number in (1, 2) for kind in ("log", "png")}
    found = {path.name for path in (tmp_path / "out").iterdir()}
    assert found == names | {"receiver.log", "scores.json", "demo.env"}, text
    verdicts = re.findall(r"verdict of sum-of-sales-001, round \d: (.+)", text)
    assert verdicts == ["verified", "verified"], text
    for score in scores(tmp_path / "out"):
        rows = [(row["check"], row["outcome"]) for row in score["rows"]]  # type: ignore[index]
        assert [came for check, came in rows if "opened in a browser" in check] == ["passed"] * 2
        assert "failed" not in dict(rows).values()
        assert any("#total-sales" in check for check, came in rows if came == "passed")
    addresses = re.findall(r"(?:overview|site|repository|run “[^”]+”):? +(http\S+)", text)
    assert [httpx.get(address).status_code for address in addresses] == [200] * 5
    run_page = httpx.get(addresses[-1]).text
    assert "<h1>sum-of-sales-001 round 2 " in run_page
    assert "<h2>" in run_page
    told_lines = text.splitlines()
    call = next(line for line in told_lines if line.endswith("/briefship status"))
    call = call.replace(".venv/bin/briefship", f"{sys.executable} -m briefship")
    status = subprocess.run(["bash", "-c", call], cwd=PROJECT, capture_output=True, text=True)
    assert status.stdout.count("sum-of-sales-001") == 2, status.stderr
    line = next(line for line in told_lines if line.startswith("curl "))
    sent = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=True)
    assert json.loads(sent.stdout)["status"] == "accepted"
    told_later = told(kept, "callback at")
    while "hello-by-hand" not in told_later:
        told_later += told(kept, "callback at")
    site = re.findall(r"hello-by-hand 1 success fallback (http\S+/pages/\S+)", told_later)[0]
    assert "Hello" in httpx.get(site).text
    kept.send_signal(signal.SIGINT)
    assert kept.wait(timeout=30) == 0
    with pytest.raises(httpx.ConnectError):
        httpx.get(site)


def test_demo__fails_where_no_model_answered_and_no_browser_opened(
    start: Start, tmp_path: Path
) -> None:
    """A model that was set and gave no answer is no success, nor is a page that nobody opened,
    although a site was published."""
    with serve(ScriptedModel(key="another-key")) as url:
        own = {"MODELS": "mine", "OPENAI_BASE_URL": f"{url}/v1", "OPENAI_API_KEY": "expired"}
        brief = ("--brief", "Publish a page titled Moss.", "--browsers", "none")
        done = start("-m", "local", "demo", "--output", str(tmp_path), *brief, **own)
        text, _ = done.communicate(timeout=300)
    assert done.returncode == 1, text
    assert "made by    the model mine" in text
    (score,) = scores(tmp_path)
    assert score["verdict"] == "fallback"
    assert score["pages_url"]
    assert [row["check"] for row in score["rows"] if row["outcome"] == "failed"] == [  # type: ignore[index]
        "The run's own verdict",
        "The page was opened in a browser, by the builder",
        "The site was made by the model that is set",
    ]
    log = (tmp_path / "round-1.log").read_text()
    assert "NOT OPENED, 0 of 0 checks were run" in log
    for name in ("google-chrome", "google-chrome-stable", "chromium", "chromium-browser"):
        assert f"{name}: " in log
    assert "the page was not opened in a browser" in text


def test_demo__says_why_a_run_failed(tmp_path: Path) -> None:
    """A run that ends without a callback ends the demo at once, with the end of its log."""
    out, output = io.StringIO(), tmp_path / "out"
    options = DemoOptions([REQUEST] * 2, output=output, source=source(tmp_path, BROKEN), timeout=60)
    assert not demo(options, Console(file=out, width=100))
    assert "the run ended as failure" in out.getvalue()
    # Not what the step printed: of a step as short as this act loses the output now and then.
    assert "Failure - Main Fall over" in out.getvalue()
    assert "Failure - Main Fall over" in (output / "round-1.log").read_text()
    assert not (output / "round-2.log").exists()


def test_demo__stops_everything_on_ctrl_c(start: Start, tmp_path: Path) -> None:
    """In the middle of a run Ctrl-C ends the demo, its receiver and the run in a few seconds."""
    script = (
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "from pathlib import Path; from local.demo.story import DemoOptions, demo; "
        "from rich.console import Console; request, output, source = map(Path, sys.argv[1:]); "
        "demo(DemoOptions([request], output=output, source=source), Console())"
    )
    endless = source(tmp_path, BROKEN.replace("exit 1", "env | grep ^LOCAL_RUN=; sleep 3600"))
    running = start("-c", script, str(REQUEST), str(tmp_path / "out"), str(endless))
    text = told(running, "Fall over")
    receiver = re.findall(r"receiver   (http\S+)/handle_task", text)[0]
    run = re.findall(r"(http\S+/actions/runs/\d+)", text)[0]
    shown = ""
    while "LOCAL_RUN=" not in shown:
        shown = httpx.get(run).text
    mark = re.findall(r"LOCAL_RUN=(\S+)", shown)[0]
    assert marked(mark)
    running.send_signal(signal.SIGINT)
    running.wait(timeout=30)
    assert marked(mark) == []
    with pytest.raises(httpx.ConnectError):
        httpx.get(receiver)
