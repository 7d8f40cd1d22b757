"""README's blocks of commands, run one after the other in a new checkout by somebody new.

HOME is empty and PATH is the system's. What is replaced, since it needs the internet or minutes:
apt and pip (the packages of this environment are there), GitHub (a local one), the model (a
scripted one), what `make demo` and the workflow build (tests/e2e has both), the browser.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from local.hub import Hub
from local.model import ScriptedModel
from local.server import serve
from tests.integration.command.test_init import BUILDS, SETS_UP, git
from tests.scripted_server import Scripted, ScriptedServer

ROOT = Path(__file__).resolve().parents[3]
REPOSITORY = "ada/builds"
TINY = """
on:
  repository_dispatch: {types: [build-task]}
  workflow_dispatch: {inputs: {request: {type: string}}}
jobs: {build: {runs-on: ubuntu-24.04, steps: [{run: echo built}]}}
"""
REPLACED = {
    r"sudo apt install .*": "true",
    r"make demo": "make --dry-run demo",
    r"python3 -m venv \.venv": "true",
    r"pip install .*": "true",
    r"^briefship": ".venv/bin/briefship",
    r"you/builds": REPOSITORY,
    r"BUILDER_OWNER=you": "BUILDER_OWNER=ada",
    r"TOKEN=…": "TOKEN=builder",
    r"SECRET=…": "SECRET=a-secret",
    r"-s BUILDER_TOKEN": "-s BUILDER_TOKEN=builder",
    r"HOST=0\.0\.0\.0": "HOST=127.0.0.1",
    r"request FILE": "request tests/requests/tiny-library.round1.json",
    r"\bID\b": "tiny-library",
}


def blocks(language: str = "sh") -> list[str]:
    """Return the blocks of README in a language, in their order."""
    text = (ROOT / "README.md").read_text()
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```", text, re.M | re.S)
    return [re.sub(f"^{indent}", "", block, flags=re.M) for indent, block in found]


@dataclass
class Newcomer:
    """Somebody with a new checkout; `values` stand for what README leaves to its reader."""

    checkout: Path
    environ: dict[str, str]
    values: dict[str, str]

    def typed(self, block: str) -> str:
        """Return a block as it is typed."""
        for pattern, typed in (REPLACED | self.values).items():
            block = re.sub(pattern, typed, block, flags=re.M)
        return block

    def run(self, block: str) -> str:
        """Run a block, which has to succeed; return what it printed."""
        done = subprocess.run(
            ["bash", "-e", "-o", "pipefail", "-c", self.typed(block)],
            **self._at_home(),
            timeout=120,
        )
        assert done.returncode == 0, f"{block}\n{done.stdout}"
        return str(done.stdout)

    @contextmanager
    def serving(self, block: str) -> Iterator[str]:
        """Run a block whose last command is a server; yield its address."""
        command = ["bash", "-e", "-c", self.typed(block)]
        with subprocess.Popen(command, **self._at_home(), start_new_session=True) as process:
            try:
                said = (re.search(r"listening on (\S+)", line) for line in process.stdout or ())
                listening = next(filter(None, said), None)
                assert listening, f"{block} ended with {process.wait()}"
                yield listening[1]
            finally:
                os.killpg(process.pid, signal.SIGTERM)

    def _at_home(self) -> dict[str, Any]:
        piped = {
            "stdin": subprocess.DEVNULL,
            "stdout": subprocess.PIPE,
            "stderr": subprocess.STDOUT,
        }
        return {"cwd": self.checkout, "env": self.environ, "text": True, **piped}


def checked_out(folder: Path) -> Path:
    """Make a checkout of what is tracked here, with a workflow that builds nothing."""
    for name in git(ROOT, "ls-files").splitlines():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, folder / name)
    (folder / ".github/workflows/build.yml").write_text(TINY)
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "A checkout")
    # As `make setup` leaves it.
    (folder / ".venv").mkdir()
    for entry in Path(sys.prefix).iterdir():
        if entry.name != "ready":
            (folder / ".venv" / entry.name).symlink_to(entry)
    (folder / ".venv/ready").touch()
    return folder


@pytest.fixture
def newcomer(tmp_path: Path, scripted_server: ScriptedServer) -> Iterator[Newcomer]:
    """A newcomer with an account at a local GitHub, tokens made by hand, and a model."""
    checkout, home = checked_out(tmp_path / "checkout"), tmp_path / "home"
    home.mkdir()
    scripted_server.script = [Scripted(200)]
    request = checkout / "tests/requests/sum-of-sales-001.round1.json"
    wire = json.loads(request.read_text()) | {"evaluation_url": f"{scripted_server.url}/notify"}
    request.write_text(json.dumps(wire))
    (asked,) = blocks("json")
    (checkout / "request.json").write_text(asked.replace("SECRET", "a-secret"))
    shutil.copy(ROOT / "tests/replies/tiny-library.round1.md", checkout / "reply.md")
    hub = Hub(tmp_path / "hub")
    hub.add_user("ada")
    hub.add_token("operator", "ada", SETS_UP)
    hub.add_token("builder", "ada", BUILDS)
    hub.add_token("dispatcher", "ada", {"contents": "write"}, [REPOSITORY])
    with ExitStack() as stack:
        at = stack.enter_context(hub.serve())
        model = stack.enter_context(serve(ScriptedModel("Red. One, two, three.", key="a-key")))
        (checkout / ".env").write_text(
            "GH_TOKEN=operator\nBUILDER_TOKEN=builder\nDISPATCH_TOKEN=dispatcher\n"
            "OPENAI_API_KEY=a-key\nTASK_SECRET=a-secret\n"
        )
        environ = {
            **{"HOME": str(home), "PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"},
            **{"PYTHONPATH": str(checkout), "PYTHONDONTWRITEBYTECODE": "1", "CHROMIUM": "none"},
            **{"GITHUB_API_URL": at.api_url, "GITHUB_SERVER_URL": at.server_url},
            **{"ALLOW_PRIVATE_CALLBACKS": "1", "PORT": "0"},
        }
        values = {
            r"--models MODEL --base-url URL": f"--models tiny --base-url {model}/v1",
        }
        yield Newcomer(checkout, environ, values)


def test_readme__its_commands_from_first_to_last(
    newcomer: Newcomer, scripted_server: ScriptedServer
) -> None:
    """Each block of commands does what README says, in the order of README."""
    demo, set_up, by_hand, sent, daily, builder, act = blocks()
    assert "-m local demo" in newcomer.run(demo)
    *before, serving = set_up.splitlines(keepends=True)
    told = newcomer.run("".join(before))
    assert "created " in told
    assert "✗" not in told
    with newcomer.serving(by_hand) as url:
        assert httpx.get(f"{url}/health").json() == {"status": "ok"}
    with newcomer.serving(serving) as url:
        newcomer.values[r"http://127\.0\.0\.1:8000"] = newcomer.environ["RECEIVER_URL"] = url
        assert json.loads(newcomer.run(sent))["status"] == "accepted"
        told = newcomer.run(daily)
    for words in ("✓ receiver", "accepted  tiny-library round 1", "rain-7", "runs again"):
        assert words in told
    told = newcomer.run(builder)
    assert "Verdict: fallback" in told
    assert [received.json["status"] for received in scripted_server.received] == ["success"]
    assert (newcomer.checkout / "work/site/haiku.txt").is_file()
    assert "Success - Main echo built" in newcomer.run(act)
