"""Who is compared: the chain with a cold and a warm cache, or without savings; another design."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from local.demo.machine import PROJECT, machine
from local.hub import HubOptions
from local.provision import OWNER
from local.server import serve
from tests.bench.chain.common_design import AppSettings, create_app
from tests.bench.chain.model import author
from tests.bench.chain.play import Clock, Played, Player

FIRST_PUBLICATION = 45.0
LATER_BUILD = 20.0
OWN_PYTHON = {"LOCAL_PYTHON_OWN": "1"}
REPLIES = PROJECT / "tests/replies"
REQUIREMENTS = ("-c", "constraints.txt", "-r", "pyproject.toml")
EXTRAS = ("--extra", "builder", "--extra", "build")
PIP = "          python -m pip install --quiet --constraint constraints.txt '.[builder,build]'\n"
"""What the step Install was before it took uv."""


@dataclass(frozen=True)
class Contender:
    """A way from POST to callback; `is_common` is the common design, without a workflow."""

    name: str
    source: Path = PROJECT
    environ: Mapping[str, str] = field(default_factory=dict)
    is_common: bool = False

    def play(self, files: Sequence[Path], folder: Path, scale: float) -> list[Played]:
        """Play the rounds of a task on a machine of its own."""
        clock = Clock()
        options = HubOptions(
            time_scale=scale,
            first_publication=FIRST_PUBLICATION,
            later_build=LATER_BUILD,
            run_environ={**OWN_PYTHON, **self.environ},
            clock=clock,
        )
        with (
            author(files, REPLIES, scale, clock) as (site_author, model),
            machine(folder, self.source, options, site_author) as parts,
        ):
            if not self.is_common:
                return list(Player(parts, model, clock, scale, parts.receiver_url).play(files))
            settings = AppSettings(
                secret=parts.credentials.task_secret,
                token=parts.credentials.builder_token,
                github_api=parts.github.api_url,
                github_url=parts.github.server_url,
                pages=parts.github.pages_url,
                owner=OWNER,
                model_url=site_author.variables["OPENAI_BASE_URL"],
            )
            with serve(create_app(settings)) as url:
                return list(Player(parts, model, clock, scale, f"{url}/handle_task").play(files))


@contextmanager
def contenders(folder: Path) -> Iterator[list[Contender]]:
    """Make what they need in `folder`: a filled cache, and a checkout without the savings."""
    home, plain = folder / "home", folder / "plain"
    _fill(home / ".cache/uv", folder / "filling")
    _without_savings(plain)
    restored = {"HOME": str(home), "XDG_CACHE_HOME": str(home / ".cache")}
    yield [
        Contender("cold cache"),
        Contender("warm cache", environ=restored),
        # The local GitHub has pip build without isolation, for which hatchling has to be there.
        Contender("no prepare, pip", plain, {"PIP_NO_BUILD_ISOLATION": "1"}),
        Contender("common design", is_common=True),
    ]


def _fill(cache: Path, environment: Path) -> None:
    """Fill the cache of the workflow as a run before would have done: uv, and what it installs."""
    pip = [sys.executable, "-m", "pip", "install", "-qq", "-c", "constraints.txt"]
    uv = [sys.executable, "-m", "uv", "--quiet", "--cache-dir", str(cache)]
    for command in (
        [*pip, "--target", str(cache / "program"), "uv"],
        [*uv, "venv", "--python", sys.executable, str(environment)],
        [*uv, "pip", "install", "--python", str(environment), *REQUIREMENTS, *EXTRAS],
    ):
        subprocess.run(command, cwd=PROJECT, check=True)


def _without_savings(folder: Path) -> None:
    """Make a checkout whose workflow has no step Prepare, and installs with pip."""
    listed = subprocess.run(["git", "ls-files"], cwd=PROJECT, check=True, capture_output=True)
    for name in listed.stdout.decode().splitlines():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(PROJECT / name, folder / name)
    workflow = folder / ".github/workflows/build.yml"
    text = workflow.read_text()
    text, prepared = re.subn(r"      - name: Prepare\n(?: {8}.*\n|\n)+", "", text)
    text, installed = re.subn(
        r"(id: install\n(?:.*\n)*?        run: \|\n)(?: {10}.*\n)+", rf"\g<1>{PIP}", text
    )
    assert (prepared, installed) == (1, 1), "build.yml is not as expected"
    workflow.write_text(text)
    for command in (["init", "-q"], ["add", "-A"]):
        subprocess.run(["git", *command], cwd=folder, check=True)
