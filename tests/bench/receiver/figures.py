"""What was measured, and what it is compared with."""

from dataclasses import dataclass, field
from statistics import median

SHARE_OF_FLOOR = 0.85
P99_OVER_FLOOR_MS = 3.0
ACK_SECONDS = 5.0
"""500 senders take turns on 32 connections, 200 ms each: 3.1 s at the least."""
RESIDENT_MB = 80.0
FLAT_MB = 2.0
COLD_START_SECONDS = 1.2
FLOOD_MB = 120.0
FLOOD_P50_MS = 200.0


@dataclass(frozen=True)
class Setting:
    """GitHub's delay in seconds, the senders at once, the size of a body in bytes."""

    delay: float
    connections: int
    size: int


@dataclass(frozen=True)
class Round:
    """One measurement; times in milliseconds, processor time for each answer."""

    rate: float
    p50: float
    p99: float
    cpu: float
    failures: int


@dataclass(frozen=True)
class Figure:
    """One contender in one setting; its properties are medians of the rounds."""

    name: str
    setting: Setting
    rounds: list[Round] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Answers a second."""
        return median(one.rate for one in self.rounds)

    @property
    def p50(self) -> float:
        """Milliseconds."""
        return median(one.p50 for one in self.rounds)

    @property
    def p99(self) -> float:
        """Milliseconds."""
        return median(one.p99 for one in self.rounds)

    @property
    def cpu(self) -> float:
        """Milliseconds of processor time for each answer."""
        return median(one.cpu for one in self.rounds)

    @property
    def failures(self) -> int:
        """Answers other than 200, in all rounds."""
        return sum(one.failures for one in self.rounds)

    def share_of(self, other: "Figure") -> float:
        """Compare rates round by round, since neighbours shared the machine's mood."""
        pairs = zip(self.rounds, other.rounds, strict=True)
        return median(mine.rate / theirs.rate for mine, theirs in pairs)

    def p99_over(self, other: "Figure") -> float:
        """Return the milliseconds between the p99, round by round."""
        pairs = zip(self.rounds, other.rounds, strict=True)
        return median(mine.p99 - theirs.p99 for mine, theirs in pairs)


@dataclass(frozen=True)
class Start:
    """Seconds to the first 200."""

    name: str
    cold: float


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

    load_before: float
    load_after: float = 0.0
    grid: list[Figure] = field(default_factory=list)
    sizes: list[Figure] = field(default_factory=list)
    starts: list[Start] = field(default_factory=list)
    memory: list[tuple[int, float]] = field(default_factory=list)
    """Requests so far, and resident MB."""
    flood: Flood | None = None

    def at(self, name: str, delay: float, connections: int) -> Figure:
        """Return the figure of one setting."""
        return next(
            one
            for one in self.grid
            if one.name == name
            and (one.setting.delay, one.setting.connections) == (delay, connections)
        )


@dataclass(frozen=True)
class Target:
    """What was asked for and what came out."""

    text: str
    value: float
    is_met: bool


def targets(results: Results) -> list[Target]:
    """Compare with what the receiver is to reach."""
    settings = dict.fromkeys((one.setting.delay, one.setting.connections) for one in results.grid)
    found = [_share_of_floor(results, delay, count) for delay, count in settings]
    found += [_p99_over_floor(results, delay) for delay in (0.0, 0.2)]
    slow = results.at("ours", 0.2, 500).p99 / 1000
    text = f"p99 in s, 500 connections, 200 ms < {ACK_SECONDS:g}"
    found.append(Target(text, slow, slow < ACK_SECONDS))
    cold = next(one.cold for one in results.starts if one.name == "ours")
    text = f"cold start in s < {COLD_START_SECONDS:g}"
    found.append(Target(text, cold, cold < COLD_START_SECONDS))
    found += _of_memory(results.memory)
    return found + (_of_flood(results.flood) if results.flood else [])


def _share_of_floor(results: Results, delay: float, connections: int) -> Target:
    share = results.at("ours", delay, connections).share_of(results.at("floor", delay, connections))
    text = f"rate / floor's, {connections} connections, {delay * 1000:.0f} ms >= {SHARE_OF_FLOOR}"
    return Target(text, share, share >= SHARE_OF_FLOOR)


def _p99_over_floor(results: Results, delay: float) -> Target:
    over = results.at("ours", delay, 50).p99_over(results.at("floor", delay, 50))
    text = f"p99 over floor's in ms, 50 connections, {delay * 1000:.0f} ms <= {P99_OVER_FLOOR_MS:g}"
    return Target(text, over, over <= P99_OVER_FLOOR_MS)


def _of_flood(flood: Flood) -> list[Target]:
    return [
        Target(f"peak MB in the flood < {FLOOD_MB:g}", flood.peak_mb, flood.peak_mb < FLOOD_MB),
        Target(f"p50 in ms in the flood < {FLOOD_P50_MS:g}", flood.p50, flood.p50 < FLOOD_P50_MS),
        Target("honest requests refused in the flood = 0", flood.failures, flood.failures == 0),
    ]


def _of_memory(memory: list[tuple[int, float]]) -> list[Target]:
    sent, last = memory[-1]
    grown = last - memory[len(memory) // 2][1]
    return [
        Target(f"MB after {sent:,} requests < {RESIDENT_MB:g}", last, last < RESIDENT_MB),
        Target(f"MB grown in the second half < {FLAT_MB:g}", grown, grown < FLAT_MB),
    ]
