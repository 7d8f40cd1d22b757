"""Compares publish and notify with a bare shell script of git and curl.

`python -m tests.bench.publish [rounds]`: both against the local GitHub without delays, by turns.
The builder is installed as the workflow installs it. Part of what its processes take is the start
of Python and the import of a library each, which is measured beside it.
"""

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from local.hub import Addresses, Hub
from local.server import serve
from tests.bench.installed import installed_builder
from tests.bench.timing import timed

SHELL = Path(__file__).with_suffix(".sh")
TOKEN = "ghp_0123456789abcdefghijklmnopqrstuvwxyz"
ROUNDS = 15
LIBRARIES = ("github", "httpx")
"""Those that publish and notify reach GitHub and the evaluator by."""
IMPORT = "import {}"
TARGET = 1.6
"""What publish and notify may take, in times of the shell script."""


@dataclass(frozen=True)
class Ours:
    """Seconds of two processes, and of the stages in them without start and imports."""

    publish: float
    notify: float
    stages: float

    @property
    def both(self) -> float:
        return self.publish + self.notify


@dataclass(frozen=True)
class Bench:
    """A Python with the builder, a GitHub, an evaluator that takes everything, and a folder."""

    python: Path
    at: Addresses
    evaluation_url: str
    folder: Path

    def environ(self, **more: str) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "BUILDER_TOKEN": TOKEN,
            "BUILDER_OWNER": "ada",
            "GITHUB_API_URL": self.at.api_url,
            "GITHUB_SERVER_URL": self.at.server_url,
            "ALLOW_PRIVATE_CALLBACKS": "1",
            "CHROMIUM": "none",
            **{
                f"GIT_{who}_{what}": f"{who.lower()}@example.com"
                for who in ("AUTHOR", "COMMITTER")
                for what in ("NAME", "EMAIL")
            },
            **more,
        }

    def builder(self, command: str, request: Path, work: Path) -> float:
        """Run a command of the builder; return the seconds it took."""
        arguments = [command, "--request", str(request), "--work", str(work)]
        return timed([self.python, "-m", "builder", *arguments], self.environ(), self.folder)

    def ours(self, number: int) -> "Ours":
        """Publish and notify, for a site that was made before."""
        work, request = self.folder / f"ours-{number}", self.folder / f"{number}.json"
        request.write_text(request_text(f"bench-{number}", self.evaluation_url))
        self.builder("generate", request, work)
        publish = self.builder("publish", request, work)
        notify = self.builder("notify", request, work)
        steps = json.loads((work / "report.json").read_text())["steps"]
        seconds = {step["name"]: step["seconds"] for step in steps}
        return Ours(publish, notify, seconds["push"] + seconds["pages"] + seconds["notify"])

    def libraries(self) -> float:
        """Return the seconds of processes that import a library and end, as ours do."""
        return sum(
            timed([self.python, "-c", IMPORT.format(name)], self.environ(), self.folder)
            for name in LIBRARIES
        )

    def floor(self, number: int) -> float:
        """Return the seconds of the shell script, for the same site."""
        work = self.folder / f"floor-{number}"
        work.mkdir()
        more = {
            "SITE": str(self.folder / f"ours-{number}/site"),
            "REPOSITORY": f"floor-{number}",
            "EVALUATION_URL": self.evaluation_url,
            "WORK": str(work),
        }
        return timed(["bash", SHELL], self.environ(**more), self.folder)


def request_text(task: str, evaluation_url: str) -> str:
    """Return a request of everyday size."""
    return json.dumps(
        {
            "email": "ada@example.com",
            "task": task,
            "round": 1,
            "nonce": "n-1",
            "brief": 'Publish a page titled "Rain" that shows the sum of rain in data.csv in #sum.',
            "checks": [],
            "evaluation_url": evaluation_url,
            "attachments": [{"name": "data.csv", "url": "data:text/csv,city,rain%0AOslo,3%0A"}],
        }
    )


@contextmanager
def opened() -> Iterator[Bench]:
    """Serve GitHub without delays, and an evaluator."""

    async def take(_: Request) -> Response:
        return Response(status_code=200)

    with installed_builder() as python, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        hub = Hub(folder / "hub")
        hub.add_user("ada")
        hub.add_token(
            TOKEN, "ada", {"administration": "write", "contents": "write", "pages": "write"}
        )
        app = Starlette(routes=[Route("/", take, methods=["POST"])])
        with hub.serve() as at, serve(app) as url:
            yield Bench(python, at, f"{url}/", folder)


def main(rounds: int = ROUNDS) -> int:
    """Print the medians and their ratios; return 0 when the processes are within the target."""
    ours: list[Ours] = []
    floors: list[float] = []
    imports: list[float] = []
    with opened() as bench:
        for number in range(rounds + 1):
            ours.append(bench.ours(number))
            floors.append(bench.floor(number))
            imports.append(bench.libraries())
    # The first round warms the caches of the disk.
    ours, floor = ours[1:], median(floors[1:])
    both = median(one.both for one in ours)
    print(f"| | seconds (median of {rounds}) | times the script |")
    print("| --- | ---: | ---: |")
    print(f"| shell script: git and curl | {floor:.3f} | 1 |")
    print(f"| publish, a process | {median(one.publish for one in ours):.3f} | |")
    print(f"| notify, a process | {median(one.notify for one in ours):.3f} | |")
    print(f"| both | {both:.3f} | {both / floor:.2f} (target {TARGET}) |")
    for name, seconds in (
        ("both without start and imports", median(one.stages for one in ours)),
        (f"start and import of {' and '.join(LIBRARIES)} alone", median(imports[1:])),
    ):
        print(f"| {name} | {seconds:.3f} | {seconds / floor:.2f} |")
    return 0 if both <= TARGET * floor else 1


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
