"""A flood of slow senders from one address, and honest requests from another meanwhile.

Run as a module it is the flood alone; `measure` runs it as a process of its own.
"""

import argparse
import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from statistics import median

from tests.bench.receiver.figures import Flood
from tests.bench.receiver.load import percentile, post
from tests.bench.receiver.servers import OURS, Server, request_of, running, standin

CONNECTIONS = 5_000
OPENED_PER_SECOND = 500
PER_TICK = 10
SENT_BYTES = 60_000
DECLARED_BYTES = 120_000
SECONDS = 15.0
PAUSE_SECONDS = 0.05
"""Between two honest requests."""
FLOOD_ADDRESS = "127.0.0.2"


def measure(seconds: float = SECONDS) -> Flood:
    """Flood a receiver for `seconds`, and send honest requests until the flood ends."""
    with standin(0.0) as github, running(OURS, github) as server:
        idle = server.resident
        with _flooding(server.port, seconds) as flood:
            latencies, failures = asyncio.run(_honest(server, flood))
        p50, p95 = median(latencies), percentile(latencies, 0.95)
        return Flood(idle, _peak_mb(server), server.resident, p50, p95, failures)


@contextmanager
def _flooding(port: int, seconds: float) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", __name__, str(port), str(seconds)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.kill()


async def _honest(server: Server, flood: subprocess.Popen[bytes]) -> tuple[list[float], int]:
    request, latencies, failures = request_of(1_000), [], 0
    while flood.poll() is None:
        began = time.perf_counter()
        if await _status(server.port, request) == b"200":
            latencies.append((time.perf_counter() - began) * 1000)
        else:
            failures += 1
        await asyncio.sleep(PAUSE_SECONDS)
    return latencies, failures


async def _status(port: int, request: bytes) -> bytes:
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request)
        head = await reader.readuntil(b"\r\n")
        writer.close()
    except (OSError, asyncio.IncompleteReadError):
        return b""
    return head.split(b" ")[1]


def _peak_mb(server: Server) -> float:
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024 / 1e6


async def _flood(port: int) -> None:
    """Open the connections at an even rate, then hold them."""
    async with asyncio.TaskGroup() as held:
        for number in range(CONNECTIONS):
            held.create_task(_hold(port))
            if number % PER_TICK == 0:
                await asyncio.sleep(PER_TICK / OPENED_PER_SECOND)
        await asyncio.Event().wait()


async def _hold(port: int) -> None:
    """Send half a body and keep the connection until the server ends it."""
    head, body = post("/handle_task", b" " * DECLARED_BYTES).split(b"\r\n\r\n")
    with suppress(OSError):
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", port, local_addr=(FLOOD_ADDRESS, 0)
        )
        writer.write(head + b"\r\n\r\n" + body[:SENT_BYTES])
        while await reader.read(1024):
            pass
        writer.transport.abort()


def main() -> None:
    """Flood the port given for the seconds given."""
    parser = argparse.ArgumentParser(prog=__spec__.name, description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("seconds", type=float)
    options = parser.parse_args()
    with suppress(TimeoutError):
        asyncio.run(asyncio.wait_for(_flood(options.port), options.seconds))


if __name__ == "__main__":
    main()
