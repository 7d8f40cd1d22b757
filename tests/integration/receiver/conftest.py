"""Fixtures of the receiver's tests: a scripted GitHub, a receiver in a thread or in a process."""

import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

import httpx
import pytest

from tests import scripted_server
from tests.integration.receiver.scripted import ScriptedGitHub
from tests.receiver_parts import DispatcherInMemory, base_environ, serving


class Running:
    """A receiver in a process of its own, from the line that names its address on."""

    def __init__(self, process: subprocess.Popen[str], pool: ThreadPoolExecutor) -> None:
        assert process.stderr is not None
        self.process = process
        self._first = process.stderr.readline()
        self._rest = pool.submit(process.stderr.read)
        found = re.search(r"listening on (http://[0-9.:]+)", self._first)
        assert found, self._first
        self.url = found[1]

    def stop(self) -> str:
        """Stop it as a host does, and return all that it logged."""
        self.process.send_signal(signal.SIGTERM)
        return self.end()

    def end(self) -> str:
        """Wait for its end and return all that it logged."""
        self.process.wait()
        return self._first + self._rest.result()


Start = Callable[..., Running]


@contextmanager
def running(**environ: str) -> Iterator[Running]:
    command = [sys.executable, "-m", "receiver"]
    environ = base_environ() | {"PORT": "0"} | environ
    with (
        ThreadPoolExecutor(1) as pool,
        subprocess.Popen(command, env=environ, stderr=subprocess.PIPE, text=True) as process,
    ):
        try:
            yield Running(process, pool)
        finally:
            process.kill()


@pytest.fixture
def start() -> Iterator[Start]:
    """Start `python -m receiver` on a free port; keyword arguments are its environment."""
    with ExitStack() as stack:
        yield lambda **environ: stack.enter_context(running(**environ))


@pytest.fixture
def github() -> Iterator[ScriptedGitHub]:
    with scripted_server.serving(ScriptedGitHub()) as server:
        yield server


@pytest.fixture
def kept() -> DispatcherInMemory:
    return DispatcherInMemory()


@pytest.fixture
def client(kept: DispatcherInMemory) -> Iterator[httpx.Client]:
    """A client of a receiver that hands its tasks to `kept`."""
    with serving(kept) as client:
        yield client
