"""The results as a table and as a plot."""

from collections.abc import Iterator
from pathlib import Path
from statistics import median

from tests.bench.receiver.figures import Results, targets


def write(results: Results, folder: Path) -> int:
    """Write receiver.md and receiver.png; return 0 if every target is met, else 1."""
    text = "\n".join(_lines(results)) + "\n"
    (folder / "receiver.md").write_text(text)
    print(text)
    _plot(results, folder / "receiver.png")
    return 0 if all(target.is_met for target in targets(results)) else 1


def _lines(results: Results) -> Iterator[str]:
    yield from ("# The receiver under load", "")
    yield "| setting | server | /s | p50 ms | p99 ms | CPU ms | failed |"
    yield "| --- | --- | --: | --: | --: | --: | --: |"
    for setting, rounds in results.grid.items():
        for name, of_name in rounds.items():
            rate, p50, p99, cpu = (
                median(getattr(one, key) for one in of_name)
                for key in ("rate", "p50", "p99", "cpu")
            )
            failures = sum(one.failures for one in of_name)
            times = f"{p50:.1f} | {p99:.1f} | {cpu:.2f}"
            yield f"| {setting} | {name} | {rate:.0f} | {times} | {failures} |"
    if results.flood:
        yield from ("", "## A flood of 5,000 slow connections", "")
        yield "| idle MB | peak MB | MB afterwards | honest p50 ms | honest p95 ms | refused |"
        yield "| --: | --: | --: | --: | --: | --: |"
        flood = results.flood
        memory = f"{flood.idle_mb:.0f} | {flood.peak_mb:.0f} | {flood.after_mb:.0f}"
        yield f"| {memory} | {flood.p50:.0f} | {flood.p95:.0f} | {flood.failures} |"
    yield from ("", "## Targets", "", "| target | measured | met |", "| --- | --: | --- |")
    for target in targets(results):
        yield f"| {target.text} | {target.value:.2f} | {'yes' if target.is_met else 'NO'} |"


def _plot(results: Results, path: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, 2, figsize=(12, 4), constrained_layout=True)
    for axis, x, key in ((axes[0], "connections", "p99"), (axes[1], "size", "rate")):
        for name in ("ours", "floor"):
            points = [
                (getattr(setting, x), median(getattr(one, key) for one in rounds[name]))
                for setting, rounds in results.grid.items()
                if not setting.delay and (x == "size") == (setting.connections == 4)
            ]
            axis.loglog(*zip(*points, strict=True), "o-", label=name)
        axis.set(title=f"{key} by {x}", xlabel=x, ylabel="ms" if key == "p99" else "requests/s")
        axis.legend()
    figure.savefig(path, dpi=120)
