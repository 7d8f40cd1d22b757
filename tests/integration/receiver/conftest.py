"""Fixtures of the receiver's tests: a scripted GitHub, a running receiver."""

import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest

from tests.integration.receiver.scripted import ScriptedGitHub, scripted_github
from tests.receiver_parts import DispatcherInMemory, SubmissionOf, base_environ, submission


class Running:
    """A receiver in a process of its own, from the line that names its address on."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self._lines: list[str] = []
        self._listening = threading.Event()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        self._listening.wait()
        found = re.search(r"listening on (http://[0-9.:]+)\b", "".join(self._lines))
        if found is None:
            raise RuntimeError(f"the receiver did not start: {self._lines}")
        self.url = found[1]

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self._lines.append(line)
            self._listening.set()
        self._listening.set()

    def stop(self) -> str:
        """Stop it as a host does, and return all that it logged."""
        self.process.send_signal(signal.SIGTERM)
        return self.end()

    def end(self) -> str:
        """Wait for its end and return all that it logged."""
        self.process.wait()
        self._reader.join()
        return "".join(self._lines)


Start = Callable[..., Running]


@pytest.fixture
def github() -> Iterator[ScriptedGitHub]:
    with scripted_github() as server:
        yield server


@pytest.fixture
def kept() -> DispatcherInMemory:
    return DispatcherInMemory()


@pytest.fixture
def submission_of() -> SubmissionOf:
    return submission


@pytest.fixture
def start() -> Iterator[Start]:
    """Start `python -m receiver` on a free port; keyword arguments are its environment."""
    with ExitStack() as stack:
        yield lambda **environ: stack.enter_context(running(**environ))


@contextmanager
def running(**environ: str) -> Iterator[Running]:
    with subprocess.Popen(
        [sys.executable, "-m", "receiver"],
        env=base_environ() | {"PORT": "0"} | environ,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        receiver = Running(process)
        try:
            yield receiver
        finally:
            process.kill()
            receiver.end()
