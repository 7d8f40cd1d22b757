"""The servers that are compared, each a process of its own on loopback."""

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench.receiver.load import SECRET, generate, request_of

PACKAGE = __package__
MODULES = {"ours": "receiver", "floor": f"{PACKAGE}.floor"}
START_SECONDS = 30.0


@dataclass(frozen=True)
class Server:
    """A contender that runs."""

    name: str
    process: subprocess.Popen[bytes]
    port: int
    cold_start: float
    """Seconds from the start of the process to the first 200."""

    @property
    def resident(self) -> float:
        """Resident memory in MB."""
        return self._memory("VmRSS")

    @property
    def peak(self) -> float:
        """The most that it was so far, in MB."""
        return self._memory("VmHWM")

    @property
    def cpu(self) -> float:
        """Seconds of processor time so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def _memory(self, name: str) -> float:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.partition(f"{name}:")[2].split()[0]) * 1024 / 1e6


@contextmanager
def standin(delay: float) -> Iterator[str]:
    """Run the stand-in for GitHub; yield its URL."""
    command = [sys.executable, "-m", f"{PACKAGE}.standin", "--delay", str(delay)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.kill()


@contextmanager
def running(name: str, github: str) -> Iterator[Server]:
    """Run a contender from its start to its first 200, and on until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = int(listening.getsockname()[1])
    environ = {
        "PATH": os.environ["PATH"],
        "TASK_SECRET": SECRET,
        "DISPATCH_TOKEN": "bench-token",
        "DISPATCH_REPOSITORY": "ada/briefship",
        "GITHUB_API_URL": github,
        "PORT": str(port),
    }
    began, command = time.perf_counter(), [sys.executable, "-m", MODULES[name]]
    with subprocess.Popen(command, env=environ, stderr=subprocess.DEVNULL) as process:
        try:
            _await_answer(process, port)
            yield Server(name, process, port, time.perf_counter() - began)
        finally:
            process.kill()


def _await_answer(process: subprocess.Popen[bytes], port: int) -> None:
    ends_at = time.perf_counter() + START_SECONDS
    while time.perf_counter() < ends_at and process.poll() is None:
        try:
            if asyncio.run(generate(port, request_of(1000), connections=1, count=1)).latencies:
                return
        except OSError:
            time.sleep(0.005)
    raise RuntimeError(f"no answer from {process.args!r}")
