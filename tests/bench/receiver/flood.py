"""A flood of slow senders from one address, and honest requests from another meanwhile.

Run as a module it is the flood alone; `measure` runs it as a process of its own.
"""

import asyncio
import subprocess
import sys
import time
from contextlib import suppress

from tests.bench.receiver.figures import Flood
from tests.bench.receiver.load import Load, exchange, request_of
from tests.bench.receiver.servers import Server, running, standin

CONNECTIONS = 5_000
OPENED_PER_SECOND = 500
PER_TICK = 10
SENT_BYTES = 60_000
DECLARED_BYTES = 120_000
SECONDS = 15.0
PAUSE_SECONDS = 0.05
"""Between two honest requests."""
FLOOD_ADDRESS = "127.0.0.2"


def measure() -> Flood:
    """Flood a receiver, and send honest requests until the flood ends."""
    with standin(0.0) as github, running("ours", github) as server:
        idle = server.resident
        command = [sys.executable, "-m", __name__, str(server.port)]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as flood:
            load = asyncio.run(_honest(server, flood))
        p50, p95 = load.percentile(0.5), load.percentile(0.95)
        return Flood(idle, server.peak, server.resident, p50, p95, load.failures)


async def _honest(server: Server, flood: subprocess.Popen[bytes]) -> Load:
    request, load = request_of(1_000), Load()
    while flood.poll() is None:
        began = time.perf_counter()
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            load.note(await exchange(reader, writer, request), began)
            writer.close()
        except (OSError, asyncio.IncompleteReadError):
            load.failures += 1
        await asyncio.sleep(PAUSE_SECONDS)
    return load


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
    head = request_of(DECLARED_BYTES)[: SENT_BYTES + 200]
    with suppress(OSError):
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", port, local_addr=(FLOOD_ADDRESS, 0)
        )
        writer.write(head)
        while await reader.read(1024):
            pass
        writer.transport.abort()


if __name__ == "__main__":
    with suppress(TimeoutError):
        asyncio.run(asyncio.wait_for(_flood(int(sys.argv[1])), SECONDS))
