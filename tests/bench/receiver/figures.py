"""What was measured, and what it is compared with."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import median

SHARE_OF_FLOOR = 0.85
CPU_OF_LARGE = 1.5
"""Processor time for a large body, as a multiple of the floor's."""
P99_OVER_FLOOR_MS = 3.0
ACK_SECONDS = 5.0
"""500 senders take turns on 32 connections, 200 ms each: 3.1 s at the least."""
RESIDENT_MB = 80.0
FLAT_MB = 2.0
COLD_START_SECONDS = 1.2
FLOOD_MB = 120.0
HONEST_P50_MS = 200.0


@dataclass(frozen=True)
class Setting:
    """GitHub's delay in seconds, the senders at once, the size of a body in bytes."""

    delay: float
    connections: int
    size: int

    def __str__(self) -> str:
        delay = f"{self.delay * 1000:.0f} ms"
        return f"{self.connections} connections, {self.size:,} bytes, GitHub after {delay}"


@dataclass(frozen=True)
class Round:
    """One measurement; times in milliseconds, processor time for each answer."""

    rate: float
    p50: float
    p99: float
    cpu: float
    failures: int


Rounds = dict[str, list[Round]]
"""Of each contender, taken in turns: those of one number shared the machine's mood."""


@dataclass(frozen=True)
class Flood:
    """Memory of the receiver in MB, and latencies of honest requests in ms, on new connections."""

    idle_mb: float
    peak_mb: float
    after_mb: float
    p50: float
    p95: float
    failures: int


@dataclass
class Results:
    """Everything of one run."""

    grid: dict[Setting, Rounds] = field(default_factory=dict)
    cold_starts: dict[str, list[float]] = field(default_factory=dict)
    memory: list[tuple[int, float]] = field(default_factory=list)
    """Requests so far, and resident MB."""
    beside_large: float = 0.0
    """The p50 of small requests in ms while large ones are handled."""
    flood: Flood | None = None


@dataclass(frozen=True)
class Target:
    """What was asked for and what came out."""

    text: str
    value: float
    is_met: bool


def targets(results: Results) -> Iterator[Target]:
    """Compare with what the receiver is to reach."""
    for setting, rounds in results.grid.items():
        if setting.size == 1_000:
            yield from _beside_floor(setting, rounds)
        elif setting.size >= 1_000_000:
            pairs = zip(rounds["ours"], rounds["floor"], strict=True)
            times = median(ours.cpu / floor.cpu for ours, floor in pairs)
            yield _below(f"CPU / floor's, {setting}", times, CPU_OF_LARGE)
    yield _below("cold start in s", median(results.cold_starts["ours"]), COLD_START_SECONDS)
    sent, last = results.memory[-1]
    yield _below(f"MB after {sent:,} requests", last, RESIDENT_MB)
    grown = last - results.memory[len(results.memory) // 2][1]
    yield _below("MB grown in the second half", grown, FLAT_MB)
    yield _below("p50 in ms beside large bodies", results.beside_large, HONEST_P50_MS)
    if results.flood:
        yield _below("peak MB in the flood", results.flood.peak_mb, FLOOD_MB)
        yield _below("p50 in ms in the flood", results.flood.p50, HONEST_P50_MS)
        yield _below("honest requests refused in the flood", results.flood.failures, 1)


def _beside_floor(setting: Setting, rounds: Rounds) -> Iterator[Target]:
    pairs = list(zip(rounds["ours"], rounds["floor"], strict=True))
    share = median(ours.rate / floor.rate for ours, floor in pairs)
    text = f"rate / floor's, {setting} >= {SHARE_OF_FLOOR}"
    yield Target(text, share, share >= SHARE_OF_FLOOR)
    if setting.connections == 50:
        over = median(ours.p99 - floor.p99 for ours, floor in pairs)
        yield _below(f"p99 over floor's in ms, {setting}", over, P99_OVER_FLOOR_MS)
    if setting.connections == 500 and setting.delay:
        ack = median(ours.p99 for ours, _ in pairs) / 1000
        yield _below(f"p99 in s, {setting}", ack, ACK_SECONDS)


def _below(text: str, value: float, limit: float) -> Target:
    return Target(f"{text} < {limit:g}", value, value < limit)
