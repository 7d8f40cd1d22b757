"""Measures the receiver against a floor, and in a flood: make bench."""

import argparse
import asyncio
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

from tests.bench.receiver import flood
from tests.bench.receiver.figures import Figure, Results, Round, Setting, Start
from tests.bench.receiver.load import generate
from tests.bench.receiver.report import write
from tests.bench.receiver.servers import (
    CONTENDERS,
    OURS,
    Server,
    request_of,
    running,
    standin,
)

DELAYS = (0.0, 0.2)
CONNECTIONS = (1, 50, 500)
SIZES = (1_000, 40_000, 1_000_000, 4_000_000)
SIZE_CONNECTIONS = 4
SMALL = 1_000
MEMORY_REQUESTS = 10_000
MEMORY_STEP = 1_000
MEMORY_CONNECTIONS = 50


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, write the table and the plot; return 0 if every target is met."""
    options = _parser().parse_args(arguments)
    options.output.mkdir(parents=True, exist_ok=True)
    # All contenders have the same: 500 senders at 200 ms wait for their turn.
    environ = {"GITHUB_CONNECTIONS": str(options.github_connections)}
    results = Results(load_before=os.getloadavg()[0])
    for delay in DELAYS:
        _say(f"GitHub answers after {delay * 1000:.0f} ms")
        with _all_running(delay, environ) as servers:
            results.grid += _grid(servers, delay, options)
    with _all_running(0.0, environ) as servers:  # fresh ones, without the connections of before
        results.sizes += _sizes(servers, options)
    results.starts = _starts(options.rounds)
    results.memory = _memory()
    _say("a flood of slow connections")
    results.flood = flood.measure()
    results.load_after = os.getloadavg()[0]
    return write(results, options.output)


@contextmanager
def _all_running(delay: float, environ: Mapping[str, str]) -> Iterator[list[Server]]:
    with ExitStack() as stack:
        github = stack.enter_context(standin(delay))
        yield [stack.enter_context(running(one, github, environ)) for one in CONTENDERS]


def _grid(servers: Sequence[Server], delay: float, options: argparse.Namespace) -> list[Figure]:
    settings = [Setting(delay, connections, SMALL) for connections in CONNECTIONS]
    return [figure for one in settings for figure in _in_turns(servers, one, options)]


def _sizes(servers: Sequence[Server], options: argparse.Namespace) -> list[Figure]:
    settings = [Setting(0.0, SIZE_CONNECTIONS, size) for size in SIZES]
    return [figure for one in settings for figure in _in_turns(servers, one, options)]


def _in_turns(
    servers: Sequence[Server], setting: Setting, options: argparse.Namespace
) -> list[Figure]:
    """Measure one after the other, several times over, so that all share the machine's moods."""
    _say(f"  {setting.connections} connections, bodies of {setting.size:,} bytes")
    figures = [Figure(server.contender.name, setting) for server in servers]
    for server in servers:
        _round(server, setting, min(options.seconds, 1.0))  # warms up
    for _ in range(options.rounds):
        for server, figure in zip(servers, figures, strict=True):
            figure.rounds.append(_round(server, setting, options.seconds))
    return figures


def _round(server: Server, setting: Setting, seconds: float) -> Round:
    before = server.cpu
    request = request_of(setting.size)
    load = asyncio.run(
        generate(server.port, request, connections=setting.connections, seconds=seconds)
    )
    return Round(
        rate=load.rate,
        p50=load.percentile(0.5),
        p99=load.percentile(0.99),
        cpu=(server.cpu - before) * 1000 / max(1, len(load.latencies)),
        failures=load.failures,
    )


def _starts(rounds: int) -> list[Start]:
    _say("cold starts")
    found = []
    with standin(0.0) as github:
        for contender in CONTENDERS:
            colds = []
            for _ in range(rounds):
                with running(contender, github) as server:
                    colds.append(server.cold_start)
            found.append(Start(contender.name, median(colds)))
    return found


def _memory() -> list[tuple[int, float]]:
    _say(f"memory over {MEMORY_REQUESTS:,} requests")
    with standin(0.0) as github, running(OURS, github) as server:
        found = [(0, server.resident)]
        for sent in range(MEMORY_STEP, MEMORY_REQUESTS + 1, MEMORY_STEP):
            run = generate(
                server.port, request_of(SMALL), connections=MEMORY_CONNECTIONS, count=MEMORY_STEP
            )
            asyncio.run(run)
            found.append((sent, server.resident))
    return found


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"python -m {__package__}", description=__doc__)
    parser.add_argument("--output", type=Path, default=Path("bench-output"), metavar="FOLDER")
    parser.add_argument("--seconds", type=float, default=2.0, help="for each measurement")
    parser.add_argument("--rounds", type=int, default=3, help="of each measurement")
    parser.add_argument("--github-connections", type=int, default=32, metavar="N")
    return parser


if __name__ == "__main__":
    sys.exit(main())
