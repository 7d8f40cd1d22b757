"""Ends all that a workflow run started, as GitHub's runner does: by a mark in the environment.

Process groups do not do: act gives each step a session of its own, and so does a browser.
"""

import os
import signal
from contextlib import suppress
from pathlib import Path

MARK = "LOCAL_RUN"
"""The variable whose value tells the processes of one run from all others."""

PASSES = 20
"""How often to look for processes that were started while others were being ended."""


def marked(value: str) -> list[int]:
    """Return the ids of the processes that carry the mark (Linux)."""
    entry = f"{MARK}={value}".encode()
    found = []
    for file in Path("/proc").glob("[0-9]*/environ"):
        # Gone meanwhile, or somebody else's.
        with suppress(OSError):
            if entry in file.read_bytes().split(b"\0"):
                found.append(int(file.parent.name))
    return found


def kill_marked(value: str) -> None:
    """End every process that carries the mark."""
    for _ in range(PASSES):
        processes = marked(value)
        for process in processes:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        if not processes:
            return
