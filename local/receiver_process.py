"""Runs the receiver as a process of its own, as a host would."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from builder.errors import BriefshipError

START_SECONDS = 20.0
STOP_SECONDS = 5.0
PAUSE = 0.05
LISTENING = re.compile(r"listening on (http://[0-9.:]+)")


class ProcessNotStarted(BriefshipError):
    """The receiver ended, or did not answer, before it was ready."""

    fix = "Read what it printed; is a port in use, or the set-up incomplete (make setup)?"


@dataclass(frozen=True)
class RunningReceiver:
    """A receiver that listens at `url`; what it prints goes to `log`."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def stop(self) -> str:
        """Stop it as a host does; return all that it printed."""
        _stop(self.process)
        return self.log.read_text("utf-8")


@contextmanager
def receiver(settings: Mapping[str, str], source: Path, log: Path) -> Iterator[RunningReceiver]:
    """Run `python -m receiver` on a free port, its output in `log`. Raises ProcessNotStarted."""
    environ = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "receiver"],
            cwd=source,
            env={**environ, **settings, "HOST": "127.0.0.1", "PORT": "0"},
            stdout=output,
            stderr=subprocess.STDOUT,
            # Ctrl-C at the terminal is for us; the receiver is stopped last.
            start_new_session=True,
        )
    try:
        yield RunningReceiver(_await_url(process, log), process, log)
    finally:
        _stop(process)


def _await_url(process: subprocess.Popen[bytes], log: Path) -> str:
    ends_at = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < ends_at:
        found = LISTENING.search(log.read_text("utf-8", "replace"))
        if found:
            return found[1]
        time.sleep(PAUSE)
    state = "did not listen in time" if process.returncode is None else "ended at once"
    raise ProcessNotStarted(f"the receiver {state}: {log.read_text('utf-8', 'replace').strip()}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
