"""Measures `generate` as a process, and the verification within it.

`python -m tests.bench.generate [rounds]`: with a model that answers at once, with a recorded reply,
and without a model, without a browser; then with one.
"""

import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from builder.verify.browser import programs
from local.model import ScriptedModel
from local.server import serve
from tests.bench.installed import ROOT, installed_builder
from tests.bench.timing import timed

REQUEST = ROOT / "tests/requests/sum-of-sales-001.round1.json"
REPLY = ROOT / "tests/replies/sum-of-sales-001.round1.md"
ROUNDS = 15
PROCESS_TARGET = 0.7
"""Seconds of `generate` with an instant model and no browser."""
FILES_TARGET = 0.1
"""Seconds of the verification without a browser."""
BROWSER_TARGET = 4.0
"""Seconds of the verification with Chromium."""


@dataclass
class Case:
    """A way to generate, and what its runs took."""

    name: str
    environ: Mapping[str, str]
    arguments: tuple[str, ...] = ()
    process_target: float | None = None
    verification_target: float = FILES_TARGET
    seconds: list[float] = field(default_factory=list)
    verifications: list[float] = field(default_factory=list)

    @property
    def row(self) -> str:
        """The row of the table."""
        return (
            f"| {self.name} | {_told(median(self.seconds), self.process_target)} "
            f"| {_told(median(self.verifications), self.verification_target)} |"
        )

    @property
    def is_within_targets(self) -> bool:
        """Whether the medians are what they should be."""
        process = self.process_target is None or median(self.seconds) < self.process_target
        return process and median(self.verifications) < self.verification_target


@dataclass(frozen=True)
class Bench:
    """A Python with the builder, and a folder to work in."""

    python: Path
    folder: Path

    def run(self, case: Case) -> None:
        """Generate once."""
        work = self.folder / "work"
        command: list[str | Path] = [self.python, "-m", "builder", "generate"]
        command += ["--request", REQUEST, "--work", work, *case.arguments]
        environ = {"PATH": os.environ["PATH"], "HOME": str(self.folder), **case.environ}
        case.seconds.append(timed(command, environ, self.folder))
        steps = json.loads((work / "report.json").read_text())["steps"]
        # A fallback is verified beside the app of the model.
        each = [step["seconds"] for step in steps if step["name"] == "verification"]
        case.verifications.append(max(each))


@contextmanager
def cases() -> Iterator[list[Case]]:
    """Serve a model, and yield the ways to generate."""
    reply = REPLY.read_text(encoding="utf-8")
    no_browser = {"CHROMIUM": "none", "REPAIRS": "0"}
    recorded = ("--reply", str(REPLY))
    with serve(ScriptedModel(*[reply] * 1000)) as url:
        model = {"MODELS": "instant", "OPENAI_BASE_URL": f"{url}/v1", "OPENAI_API_KEY": "key"}
        found = [
            Case("instant model, no browser", no_browser | model, process_target=PROCESS_TARGET),
            Case("recorded reply, no browser", no_browser, recorded),
            Case("fallback, no browser", no_browser),
        ]
        chromium = next(filter(None, programs(os.environ).values()), None)
        if chromium:
            browser = {"CHROMIUM": chromium, "REPAIRS": "0"}
            found.append(
                Case(
                    "recorded reply, Chromium",
                    browser,
                    recorded,
                    verification_target=BROWSER_TARGET,
                )
            )
        yield found


def main(rounds: int = ROUNDS) -> int:
    """Print the medians; return 0 when all are within their targets."""
    with (
        installed_builder() as python,
        tempfile.TemporaryDirectory() as folder,
        cases() as measured,
    ):
        bench = Bench(python, Path(folder))
        for number in range(rounds + 1):
            for case in measured:
                bench.run(case)
                if number == 0:  # It warms the caches of the disk.
                    case.seconds.clear()
                    case.verifications.clear()
    print(f"| generate, median of {rounds} | process, s | verification in it, s |")
    print("| --- | ---: | ---: |")
    for case in measured:
        print(case.row)
    return 0 if all(case.is_within_targets for case in measured) else 1


def _told(seconds: float, target: float | None) -> str:
    return f"{seconds:.2f}" + (f" (target {target:g})" if target else "")


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
