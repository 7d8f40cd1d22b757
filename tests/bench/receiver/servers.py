"""The servers that are compared, each a process of its own on loopback."""

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench.receiver.load import generate, post

SECRET = "bench-secret"
PACKAGE = __package__
START_SECONDS = 30.0
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Contender:
    """A design that is measured."""

    name: str
    module: str


OURS = Contender("ours", "receiver")
FLOOR = Contender("floor", f"{PACKAGE}.floor")
CONTENDERS = (OURS, FLOOR)


@dataclass(frozen=True)
class Server:
    """A contender that runs."""

    contender: Contender
    process: subprocess.Popen[bytes]
    port: int
    cold_start: float
    """Seconds from the start of the process to the first 200."""

    @property
    def resident(self) -> float:
        """Resident memory in MB."""
        pages = Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE") / 1e6

    @property
    def cpu(self) -> float:
        """Seconds of processor time so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS


def request_of(size: int) -> bytes:
    """Return a valid HTTP request whose body has about `size` bytes, an attachment the most."""
    body = {
        "email": "ada@example.com",
        "secret": SECRET,
        "task": "bench",
        "round": 1,
        "nonce": "n-1",
        "brief": "Publish a page that shows the sum of the column sales of data.csv in #total.",
        "checks": ["Repo has MIT license", {"js": "document.title === 'Bench'"}],
        "evaluation_url": "http://127.0.0.1/evaluation",
        "attachments": [{"name": "data.csv", "url": "data:text/csv;base64,"}],
    }
    missing = (size - len(json.dumps(body))) // 4 * 4
    attachment = {"name": "data.csv", "url": "data:text/csv;base64," + "QUJD" * (missing // 4)}
    return post("/handle_task", json.dumps(body | {"attachments": [attachment]}).encode())


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
def running(
    contender: Contender, github: str, environ: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """Run a contender from its start to its first 200, and on until the block ends."""
    port = _free_port()
    settings = {
        "PATH": os.environ["PATH"],
        "TASK_SECRET": SECRET,
        "DISPATCH_TOKEN": "bench-token",
        "DISPATCH_REPOSITORY": "ada/briefship",
        "GITHUB_API_URL": github,
        "PORT": str(port),
        **(environ or {}),
    }
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", contender.module], env=settings, stderr=subprocess.DEVNULL
    )
    try:
        yield Server(contender, process, port, _first_answer(process, port) - began)
    finally:
        process.kill()
        process.wait()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def _first_answer(process: subprocess.Popen[bytes], port: int) -> float:
    """Return the moment of the first 200."""
    ends_at = time.perf_counter() + START_SECONDS
    while time.perf_counter() < ends_at and process.poll() is None:
        try:
            load = asyncio.run(generate(port, request_of(1000), connections=1, count=1))
        except OSError:
            time.sleep(0.005)
            continue
        if load.latencies:
            return time.perf_counter()
    raise RuntimeError(f"no answer from {process.args!r}")
