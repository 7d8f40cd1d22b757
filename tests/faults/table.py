"""Plays the whole matrix and prints it as Markdown: `python -m tests.faults.table`."""

import tempfile
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tests.faults.arena import opened
from tests.faults.matrix import COLUMNS, ROWS, Came, cells

WORKERS = 4
"""More than cores: much of the time is spent on calls that hang."""
SIGNS = {Came.DELIVERED: "✓", Came.BEHIND: "P", Came.ANSWERED: "E", Came.TOLD: "S"}
FAILED = "**✗**"
Played = dict[tuple[str, bool], str]
"""Column and whether for good, to the sign of how it ended."""


def play(row: int) -> Played:
    """Play one row, by its number, in an arena of its own."""
    signs: Played = {}
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder)) as arena:
        for cell in cells():
            if cell.row is not ROWS[row]:
                continue
            try:
                sign = SIGNS[cell.play(arena)]
            except AssertionError:
                sign = FAILED
            arena.all_goes_well()
            signs[cell.column.name, cell.for_good] = sign
    return signs


def markdown(rows: list[Played]) -> str:
    """Return the table, its legend, and the counts."""
    lines = [
        "| call | " + " | ".join(column.name for column in COLUMNS) + " |",
        "| --- |" + " :-: |" * len(COLUMNS),
    ]
    for row, played in zip(ROWS, rows, strict=True):
        pairs = (
            f"{played.get((column.name, False), '')} {played.get((column.name, True), '')}".strip()
            for column in COLUMNS
        )
        lines.append(f"| {row.name} | " + " | ".join(pairs) + " |")
    counts = Counter(sign for played in rows for sign in played.values())
    legend = ", ".join(f"{sign} {came}: {counts[sign]}" for came, sign in SIGNS.items())
    total = sum(counts.values())
    return "\n".join(
        [
            *lines,
            "",
            f"Each cell: the fault once, then for good. {legend}, broken promises: "
            f"{counts[FAILED]}; {total} runs.",
        ]
    )


if __name__ == "__main__":
    with ProcessPoolExecutor(WORKERS) as pool:
        print(markdown(list(pool.map(play, range(len(ROWS))))))
