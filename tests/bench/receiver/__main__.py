"""Measures the receiver against a floor, and in a flood: make bench."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from tests.bench.receiver import flood
from tests.bench.receiver.figures import Results, Round, Rounds, Setting
from tests.bench.receiver.load import Load, generate, request_of
from tests.bench.receiver.report import write
from tests.bench.receiver.servers import MODULES, Server, running, standin

SMALL = 1_000
BY_CONNECTIONS = [Setting(delay, count, SMALL) for delay in (0.0, 0.2) for count in (1, 50, 500)]
LARGE = 4_000_000
BY_SIZE = [Setting(0.0, 4, size) for size in (SMALL, 40_000, 1_000_000, LARGE)]
MEMORY_STEPS = 4
MEMORY_STEP = 2_500


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, write the table and the plot; return 0 if every target is met."""
    parser = argparse.ArgumentParser(prog=f"python -m {__package__}", description=__doc__)
    parser.add_argument("--output", type=Path, default=Path("bench-output"), metavar="FOLDER")
    parser.add_argument("--seconds", type=float, default=2.0, help="for each measurement")
    parser.add_argument("--rounds", type=int, default=3, help="of each measurement")
    options = parser.parse_args(arguments)
    options.output.mkdir(parents=True, exist_ok=True)
    results = Results(cold_starts={name: [] for name in MODULES})
    for setting in BY_CONNECTIONS + BY_SIZE:
        print(setting, file=sys.stderr, flush=True)
        results.grid[setting] = _in_turns(results, setting, options.seconds, options.rounds)
    results.memory = _memory()
    results.beside_large = _beside_large(options.seconds)
    print("a flood of slow connections", file=sys.stderr, flush=True)
    results.flood = flood.measure()
    return write(results, options.output)


def _in_turns(results: Results, setting: Setting, seconds: float, rounds: int) -> Rounds:
    """Measure one after the other, several times over, so that all share the machine's moods."""
    with ExitStack() as stack:
        github = stack.enter_context(standin(setting.delay))
        servers = [stack.enter_context(running(name, github)) for name in MODULES]
        for server in servers:
            results.cold_starts[server.name].append(server.cold_start)
            _round(server, setting, min(seconds, 1.0))  # warms up
        turns = [[_round(server, setting, seconds) for server in servers] for _ in range(rounds)]
    return dict(zip(MODULES, map(list, zip(*turns, strict=True)), strict=True))


def _round(server: Server, setting: Setting, seconds: float) -> Round:
    before, request = server.cpu, request_of(setting.size)
    load = asyncio.run(
        generate(server.port, request, connections=setting.connections, seconds=seconds)
    )
    cpu = (server.cpu - before) * 1000 / max(1, len(load.latencies))
    return Round(load.rate, load.percentile(0.5), load.percentile(0.99), cpu, load.failures)


def _memory() -> list[tuple[int, float]]:
    with standin(0.0) as github, running("ours", github) as server:
        found = [(0, server.resident)]
        for step in range(1, MEMORY_STEPS + 1):
            request = request_of(SMALL)
            asyncio.run(generate(server.port, request, connections=50, count=MEMORY_STEP))
            found.append((step * MEMORY_STEP, server.resident))
    return found


def _beside_large(seconds: float) -> float:
    """Send small requests while large ones come in; return their p50 in ms."""

    async def both(port: int) -> Load:
        large = generate(port, request_of(LARGE), connections=4, seconds=seconds)
        small = generate(port, request_of(SMALL), connections=1, seconds=seconds)
        return (await asyncio.gather(small, large))[0]

    with standin(0.0) as github, running("ours", github) as server:
        return asyncio.run(both(server.port)).percentile(0.5)


if __name__ == "__main__":
    sys.exit(main())
