"""A run of the builder: the clock it goes by, how it ended, what stands published after it."""

import re
import subprocess
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from builder.ports import Clock
from builder.request import Request
from builder.settings import CALL_SECONDS
from local.faults import Rule

PROCESS_SECONDS = 120.0


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
    """A builder that runs as a process."""

    process: "subprocess.Popen[str]"
    folder: Path

    def kill(self) -> None:
        """End it at once (SIGKILL), whatever it is at."""
        self.process.kill()
        self.process.communicate()

    def ended(self) -> str:
        """Wait for its end, which has to be a good one; return what it printed."""
        printed, _ = self.process.communicate(timeout=PROCESS_SECONDS)
        assert self.process.returncode == 0, printed
        return printed


@dataclass
class Published:
    """What stands in an app repository: its history as text, the files of its newest commit."""

    history: str
    head: str
    files: dict[str, bytes]

    @property
    def commits(self) -> list[tuple[str, str]]:
        """Commit and build id, newest first."""
        return re.findall(r"^commit (\w{40})\n(?:.*\n)*?Build-Id: (\w{16})$", self.history, re.M)

    @property
    def build_ids(self) -> list[str]:
        return [build_id for _, build_id in self.commits]

    def commits_of(self, request: Request) -> int:
        return self.build_ids.count(request.build_id)

    def commit_of(self, request: Request) -> str | None:
        return next((sha for sha, build_id in self.commits if build_id == request.build_id), None)
