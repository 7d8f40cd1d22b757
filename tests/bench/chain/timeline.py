"""What the seconds from POST to callback were spent on, and what they would be on GitHub."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

PUBLISH = "Publish"
"""The stage that waits for Pages."""


class Kind(StrEnum):
    """Whose time it is."""

    OURS = "ours"
    MODEL = "model"
    PAGES = "Pages"


@dataclass(frozen=True)
class Span:
    """Something with a beginning and an end, in seconds of one clock."""

    name: str
    start: float
    end: float

    @property
    def seconds(self) -> float:
        return self.end - self.start

    def holds(self, moment: float) -> bool:
        return self.start <= moment < self.end


@dataclass(frozen=True)
class Slice:
    """A piece of a timeline in which nothing begins and nothing ends."""

    stage: str
    kind: Kind
    start: float
    end: float


@dataclass(frozen=True)
class Timeline:
    """One round: its stages one after the other, the model's calls, the builds of Pages.

    A stage's time is the model's while a call is under way, and Pages' while the stage that waits
    for it has a build under way; all else is ours, waiting too late included. `scale` is what the
    waits for model and Pages were multiplied by.
    """

    stages: Sequence[Span]
    calls: Sequence[Span]
    builds: Sequence[Span]
    scale: float

    @property
    def seconds(self) -> float:
        return self.stages[-1].end - self.stages[0].start

    def slices(self) -> Iterator[Slice]:
        """Cut the stages wherever anything begins or ends."""
        for stage in self.stages:
            moments = {stage.start, stage.end}
            for span in (*self.calls, *self.builds):
                moments |= {at for at in (span.start, span.end) if stage.holds(at)}
            for start, end in pairwise(sorted(moments)):
                yield Slice(stage.name, self._kind(stage, start), start, end)

    def _kind(self, stage: Span, moment: float) -> Kind:
        if any(call.holds(moment) for call in self.calls):
            return Kind.MODEL
        is_built = any(build.holds(moment) for build in self.builds)
        return Kind.PAGES if stage.name == PUBLISH and is_built else Kind.OURS

    def by_stage(self) -> Mapping[tuple[str, Kind], float]:
        """Return the seconds of each stage, by whose they are."""
        found: dict[tuple[str, Kind], float] = defaultdict(float)
        for piece in self.slices():
            found[piece.stage, piece.kind] += piece.end - piece.start
        return found

    def of(self, kind: Kind) -> float:
        """Return the seconds that are somebody's."""
        return sum(seconds for (_, whose), seconds in self.by_stage().items() if whose is kind)

    @property
    def on_github(self) -> float:
        """The seconds with the waits at their full length; what is ours takes as long as here.

        A build that was over in time here may not be there, where it takes longer: publishing
        waits for each that has begun.
        """
        now = 0.0
        begun: dict[float, float] = {}

        def waited(piece: Slice, moment: float) -> float:
            over = [each for each in self.builds if each.end <= moment]
            ready = [begun[each.start] + each.seconds / self.scale for each in over]
            return max([now, *ready]) if piece.stage == PUBLISH else now

        for piece in self.slices():
            now = waited(piece, piece.start)
            begun[piece.start] = now
            if piece.kind is not Kind.PAGES:
                scale = 1 if piece.kind is Kind.OURS else self.scale
                now += (piece.end - piece.start) / scale
            now = waited(piece, piece.end)
        return now
