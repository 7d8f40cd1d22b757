"""The results as a table and as a plot."""

from collections.abc import Iterator
from pathlib import Path

from tests.bench.receiver.figures import Figure, Flood, Results, targets


def write(results: Results, folder: Path) -> int:
    """Write receiver.md and receiver.png; return 0 if every target is met, else 1."""
    text = "\n".join(_lines(results)) + "\n"
    (folder / "receiver.md").write_text(text)
    print(text)
    _plot(results, folder / "receiver.png")
    print(f"Written to {folder}/receiver.md and receiver.png")
    return 0 if all(target.is_met for target in targets(results)) else 1


def _lines(results: Results) -> Iterator[str]:
    yield "# The receiver under load"
    yield ""
    yield f"Load average before {results.load_before:.1f}, after {results.load_after:.1f}."
    yield from _table("GitHub's delay and connections, bodies of 1 KB", results.grid)
    yield from _table("Size of the body", results.sizes)
    yield from ("", "## Start", "", "| server | cold start s |", "| --- | --: |")
    for start in results.starts:
        yield f"| {start.name} | {start.cold:.2f} |"
    yield from ("", "## Memory of ours", "", "| requests | resident MB |", "| --: | --: |")
    for count, resident in results.memory:
        yield f"| {count:,} | {resident:.1f} |"
    if results.flood:
        yield from _flood_lines(results.flood)
    yield from ("", "## Targets", "", "| target | measured | met |", "| --- | --: | --- |")
    for target in targets(results):
        yield f"| {target.text} | {target.value:.2f} | {'yes' if target.is_met else 'NO'} |"


def _flood_lines(flood: Flood) -> Iterator[str]:
    yield from ("", "## A flood of 5,000 slow connections", "")
    yield "| idle MB | peak MB | MB afterwards | honest p50 ms | honest p95 ms | refused |"
    yield "| --: | --: | --: | --: | --: | --: |"
    yield (
        f"| {flood.idle_mb:.0f} | {flood.peak_mb:.0f} | {flood.after_mb:.0f} "
        f"| {flood.p50:.0f} | {flood.p95:.0f} | {flood.failures} |"
    )


def _table(title: str, figures: list[Figure]) -> Iterator[str]:
    yield from ("", f"## {title}", "")
    yield "| GitHub ms | connections | bytes | server | /s | p50 ms | p99 ms | CPU ms | failed |"
    yield "| --: | --: | --: | --- | --: | --: | --: | --: | --: |"
    for one in figures:
        at = one.setting
        yield (
            f"| {at.delay * 1000:.0f} | {at.connections} | {at.size:,} | {one.name} "
            f"| {one.rate:.0f} | {one.p50:.1f} | {one.p99:.1f} | {one.cpu:.2f} | {one.failures} |"
        )


def _plot(results: Results, path: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(2, 2, figsize=(12, 8), constrained_layout=True)
    for axis, delay in zip(axes[0], (0.0, 0.2), strict=True):
        of_delay = [one for one in results.grid if one.setting.delay == delay]
        _curves(axis, of_delay, "connections", "p99")
        axis.set(
            title=f"p99, GitHub after {delay * 1000:.0f} ms", ylabel="ms", xlabel="connections"
        )
    _curves(axes[1][0], results.sizes, "size", "rate")
    axes[1][0].set(title="Rate by size of the body", ylabel="requests/s", xlabel="bytes")
    axes[1][1].plot(*zip(*results.memory, strict=True), marker="o")
    axes[1][1].set(title="Resident memory of ours", ylabel="MB", xlabel="requests", ylim=(0, 100))
    figure.savefig(path, dpi=120)


def _curves(axis: object, figures: list[Figure], x: str, y: str) -> None:
    for name in dict.fromkeys(one.name for one in figures):
        own = [one for one in figures if one.name == name]
        axis.loglog(  # type: ignore[attr-defined]
            [getattr(one.setting, x) for one in own],
            [getattr(one, y) for one in own],
            "o-",
            label=name,
        )
    axis.legend()  # type: ignore[attr-defined]
