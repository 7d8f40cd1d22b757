"""The commands that go on until they are told to end: hub, and the demo with --keep."""

import json
import os
import re
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).resolve().parents[3]
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a command; what is still running at the end of the test is killed."""
    started = []

    def run(*arguments: str) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, "-u", "-m", "local", *arguments],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield run
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def told(process: "subprocess.Popen[str]", last: str) -> str:
    """Return what the command prints until a line with `last`."""
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if last in line:
            break
    return "".join(lines)


def test_hub_command__serves_until_it_is_told_to_end(start: Start, tmp_path: Path) -> None:
    """It prints the addresses, keeps the tokens in a file for its user only, ends on SIGTERM."""
    hub = start("hub", "--folder", str(tmp_path / "state"), "--port", "0")
    text = told(hub, "Ctrl-C")
    api = re.findall(r"GITHUB_API_URL +(\S+)", text)[0]
    file = tmp_path / "state/credentials.json"
    credentials = json.loads(file.read_text())
    headers = {"Authorization": f"Bearer {credentials['builder_token']}"}
    assert httpx.get(f"{api}/user", headers=headers).json()["login"] == "ada"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert not [secret for secret in credentials.values() if secret in text]
    hub.send_signal(signal.SIGTERM)
    assert hub.wait(timeout=15) == 130


def test_hub_command__says_that_the_port_is_taken(start: Start, tmp_path: Path) -> None:
    """A port that another one has is a settings error."""
    first = start("hub", "--folder", str(tmp_path / "one"), "--port", "0")
    port = re.findall(r"overview +http://[^:]+:(\d+)", told(first, "Ctrl-C"))[0]
    second = start("hub", "--folder", str(tmp_path / "two"), "--port", port)
    _, complaint = second.communicate(timeout=30)
    assert second.returncode == 2
    assert f"port {port}" in complaint


def test_demo_command__keeps_everything_running(start: Start, tmp_path: Path) -> None:
    """With --keep every printed address answers, the curl line works, Ctrl-C ends all."""
    output = str(tmp_path / "out")
    brief = "Publish a page titled Moss that greets."
    kept = start("demo", "--keep", "--brief", brief, "--output", output)
    text = told(kept, "curl ")
    assert "made by    the fallback, since no model is set" in text
    assert re.search(r"verdict of own-brief-\w+, round 1: fallback", text)
    addresses = re.findall(r"(?:overview|site|repository|run “[^”]+”):? +(http\S+)", text)
    assert len(addresses) == 4
    assert [httpx.get(address).status_code for address in addresses] == [200] * 4
    run_page = httpx.get(addresses[-1]).text
    assert re.search(r"<h1>own-brief-\w+ round 1 ", run_page)
    assert "<h2>" in run_page
    line = next(line for line in text.splitlines() if line.startswith("curl "))
    sent = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=True)
    assert json.loads(sent.stdout)["status"] == "accepted"
    told_later = told(kept, "callback at")
    assert re.search(r"hello-by-hand 1 success fallback", told_later)
    site = re.findall(r"(http\S+/pages/\S+)", told_later)[0]
    assert "Hello" in httpx.get(site).text
    kept.send_signal(signal.SIGINT)
    assert kept.wait(timeout=15) == 0
    with pytest.raises(httpx.ConnectError):
        httpx.get(site)
