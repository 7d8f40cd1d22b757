"""The results as a table, as a picture, and against their targets."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.chain.play import Played
from tests.bench.chain.timeline import Kind

Results = Mapping[str, Sequence[Played]]
OURS = {"cold cache": 15.0, "warm cache": 8.0}
"""Most seconds that are neither the model's nor Pages', with uv's cache as said."""
AFTER_LATER = 5.0
COLOURS = {Kind.OURS: "#1f6feb", Kind.MODEL: "#bf8700", Kind.PAGES: "#8250df"}


@dataclass(frozen=True)
class Target:
    """What was asked for and what came out."""

    text: str
    value: float
    limit: float

    @property
    def is_met(self) -> bool:
        return self.value <= self.limit


def targets(results: Results) -> Iterator[Target]:
    """Compare with what the chain is to reach."""
    for name, limit in OURS.items():
        for number, played in enumerate(results.get(name, ()), start=1):
            text = f"neither model nor Pages, {name}, round {number}"
            yield Target(text, played.timeline.of(Kind.OURS), limit)
    for name in OURS:
        if results.get(name):
            text = f"callback after the later of push and first publication, {name}, round 1"
            yield Target(text, results[name][0].after_later, AFTER_LATER)


def write(results: Results, folder: Path, about: str) -> int:
    """Write chain.md and chain.png; return 0 if every target is met, else 1.

    `about` says how it was measured.
    """
    text = "\n".join(_lines(results, about)) + "\n"
    (folder / "chain.md").write_text(text)
    print(text)
    _plot(results, folder / "chain.png")
    return 0 if all(target.is_met for target in targets(results)) else 1


def _rounds(results: Results) -> list[tuple[str, Played]]:
    return [
        (f"{name}, round {number}", played)
        for name, of_name in results.items()
        for number, played in enumerate(of_name, start=1)
    ]


def _lines(results: Results, about: str) -> Iterator[str]:
    rounds = _rounds(results)
    stages: dict[tuple[str, Kind], None] = {}
    for _, played in rounds:
        stages |= dict.fromkeys(played.timeline.by_stage())
    yield from ("# From POST to callback", "", about, "")
    yield f"| seconds | {' | '.join(name for name, _ in rounds)} |"
    yield f"| --- |{' --: |' * len(rounds)}"
    for key in stages:
        cells = (played.timeline.by_stage().get(key) for _, played in rounds)
        yield _row(f"{key[0]}: {key[1]}", (f"{cell:.1f}" if cell else "" for cell in cells))
    yield _row("**ours**", (f"{played.timeline.of(Kind.OURS):.1f}" for _, played in rounds))
    yield _row("**measured**", (f"{played.timeline.seconds:.1f}" for _, played in rounds))
    yield _row("**as on GitHub**", (f"{played.timeline.on_github:.0f}" for _, played in rounds))
    yield _row("verdict", (played.verdict or "none" for _, played in rounds))
    yield _row("live at callback", (_told(played.at_callback.is_live) for _, played in rounds))
    yield _row("commit is head", (_told(played.at_callback.is_head) for _, played in rounds))
    for title, when in (
        ("checks that hold at callback", "at_callback"),
        ("… once Pages is through", "later"),
    ):
        found = [getattr(played, when) for _, played in rounds]
        yield _row(title, (f"{one.passed} of {one.checks}" for one in found))
    yield from ("", "## Targets", "", "| target | measured | met |", "| --- | --: | --- |")
    for target in targets(results):
        text = f"{target.text} ≤ {target.limit:g} s"
        yield f"| {text} | {target.value:.1f} | {_told(target.is_met)} |"


def _row(title: str, cells: Iterator[str]) -> str:
    return f"| {title} | {' | '.join(cells)} |"


def _told(holds: bool) -> str:
    return "yes" if holds else "NO"


def _plot(results: Results, path: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot
    from matplotlib.patches import Patch

    rounds = [(name, played.timeline) for name, played in _rounds(results)]
    figure, axis = pyplot.subplots(figsize=(10, 0.42 * len(rounds) + 1.1), constrained_layout=True)
    for row, (_, timeline) in enumerate(rounds):
        zero = timeline.stages[0].start
        for piece in timeline.slices():
            at, width = piece.start - zero, piece.end - piece.start
            axis.barh(row, width, left=at, height=0.72, color=COLOURS[piece.kind])
        for stage in timeline.stages:
            axis.plot([stage.start - zero] * 2, [row - 0.36, row + 0.36], color="white", lw=1)
            if stage.seconds > timeline.seconds / 12:
                at = stage.start - zero + 0.15
                axis.text(at, row, stage.name, va="center", color="white", fontsize=8)
        told = f" {timeline.seconds:.1f} s; on GitHub {timeline.on_github:.0f} s"
        axis.text(timeline.seconds, row, told, va="center", fontsize=8)
    axis.set_xlim(0, 1.22 * max(timeline.seconds for _, timeline in rounds))
    axis.set_yticks(range(len(rounds)), [name for name, _ in rounds])
    axis.invert_yaxis()
    axis.set_xlabel("seconds from POST to callback")
    named = [Patch(color=colour, label=kind) for kind, colour in COLOURS.items()]
    axis.legend(handles=named, loc="lower right")
    figure.savefig(path, dpi=90)
