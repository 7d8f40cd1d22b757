"""What a round took: seconds for each stage, calls to GitHub, pushes."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from local.hub import LoggedRequest

READING = {"GET", "HEAD"}


@dataclass(frozen=True)
class Figures:
    """Of one round; `seconds` by the name of a stage, as the run's report has them."""

    calls: int
    writes: int
    pushes: int
    seconds: dict[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, requests: Sequence[LoggedRequest], artifacts: Path | None) -> "Figures":
        """Count the requests of a round and read the report among its run's artifacts."""
        rest = [request for request in requests if request.path.startswith("/api/")]
        pushes = [
            request
            for request in requests
            if request.method == "POST"
            and request.path.endswith("/git-receive-pack")
            and request.status == 200
        ]
        writes = [request for request in rest if request.method not in READING]
        return cls(len(rest), len(writes), len(pushes), _seconds(artifacts))


def _seconds(artifacts: Path | None) -> dict[str, float]:
    found = sorted(artifacts.rglob("report.json")) if artifacts and artifacts.is_dir() else []
    if not found:
        return {}
    report: dict[str, Any] = json.loads(found[0].read_bytes())
    return {str(step["name"]): float(step["seconds"]) for step in report.get("steps", [])}


def table(rounds: Sequence[Figures]) -> Table:
    """Return the rounds side by side."""
    shown = Table(title="What it took", title_justify="left", title_style="bold")
    shown.add_column("")
    for number in range(1, len(rounds) + 1):
        shown.add_column(f"round {number}", justify="right")
    for name in dict.fromkeys(name for figures in rounds for name in figures.seconds):
        cells = [
            f"{figures.seconds[name]:.2f} s" if name in figures.seconds else ""
            for figures in rounds
        ]
        shown.add_row(Text(name), *cells)
    shown.add_row("REST calls, of them writes", *(f"{f.calls}, {f.writes}" for f in rounds))
    shown.add_row("pushes", *(str(figures.pushes) for figures in rounds))
    return shown
