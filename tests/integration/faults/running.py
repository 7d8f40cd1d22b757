"""A run of the builder: its clock, its process, how it ended, and what it left published."""

import contextlib
import multiprocessing
import re
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path

from builder.cli import CLOCK, main
from builder.ports import Clock
from builder.request import Request
from builder.settings import CALL_SECONDS
from local.faults import Rule

PROCESS_SECONDS = 120.0
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(
    ["tests.integration.faults.running", "builder.wiring.maker", "httpx"]
)
"""A process is forked from one that has imported the builder already: that takes half a second."""


@dataclass
class HurryingTime:
    """A clock on which a sleep takes no time, and a call that `hangs` all that it may take."""

    hangs: Rule | None = None
    _begun: float = field(default_factory=time.monotonic)
    _start: datetime = field(default_factory=lambda: datetime.now(UTC))
    _skipped: float = 0.0

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self.seconds)

    @property
    def seconds(self) -> float:
        """How much time has passed."""
        hung = self.hangs.seen * CALL_SECONDS if self.hangs else 0.0
        return time.monotonic() - self._begun + self._skipped + hung

    def sleep(self, seconds: float) -> None:
        self._skipped += seconds

    @property
    def clock(self) -> Clock:
        return Clock(now=self.now, sleep=self.sleep)


@dataclass
class Run:
    """How a run of the builder ended; `seconds` on its own clock."""

    code: int
    printed: str
    summary: str
    report: str
    seconds: float

    @property
    def told(self) -> str:
        """All that it left to be read."""
        return self.printed + self.summary + self.report


@dataclass
class Started:
    """A builder that runs as a process of its own."""

    process: BaseProcess
    out: Path

    @classmethod
    def of(
        cls, arguments: Sequence[str], environ: Mapping[str, str], out: Path, *, hurries: bool
    ) -> "Started":
        process = PROCESSES.Process(target=_main, args=(arguments, environ, out, hurries))
        process.start()
        return cls(process, out)

    def kill(self) -> None:
        """End it at once (SIGKILL), whatever it is at."""
        self.process.kill()
        self.process.join()

    def ended(self) -> str:
        """Wait for its end, which has to be a good one; return what it printed."""
        self.process.join(PROCESS_SECONDS)
        printed = self.out.read_text()
        assert self.process.exitcode == 0, printed
        return printed


def _main(arguments: Sequence[str], environ: Mapping[str, str], out: Path, hurries: bool) -> None:
    with out.open("w") as file, contextlib.redirect_stdout(file):
        sys.exit(main(arguments, environ, HurryingTime().clock if hurries else CLOCK))


@dataclass
class Published:
    """What stands in an app repository: its history as text, the files of its newest commit."""

    history: str
    files: dict[str, bytes]

    @property
    def commits(self) -> list[tuple[str, str]]:
        """Commit and build id, newest first."""
        return re.findall(r"^commit (\w{40})\n(?:.*\n)*?Build-Id: (\w{16})$", self.history, re.M)

    @property
    def head(self) -> str:
        return self.history.split()[1]

    @property
    def build_ids(self) -> list[str]:
        return [build_id for _, build_id in self.commits]

    def commit_of(self, request: Request) -> str:
        """Return the one commit that was made for a request."""
        (sha,) = (sha for sha, build_id in self.commits if build_id == request.build_id)
        return sha
