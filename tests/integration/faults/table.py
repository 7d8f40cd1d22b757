"""Plays the whole matrix and prints it as Markdown: `python -m tests.integration.faults.table`."""

import tempfile
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tests.integration.faults.arena import opened
from tests.integration.faults.matrix import COLUMNS, ROWS, Came, cells

SIGNS = {Came.DELIVERED: "✓", Came.BEHIND: "P", Came.ANSWERED: "E", Came.TOLD: "S"}
FAILED = "**✗**"


def play(row: int) -> dict[str, str]:
    """Play one row in an arena of its own; return a column's name to how it ended."""
    signs: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder)) as arena:
        for cell in (cell for cell in cells() if cell.row is ROWS[row]):
            try:
                sign = SIGNS[cell.play(arena)]
            except AssertionError:
                sign = FAILED
            arena.all_goes_well()
            signs[cell.column.name] = f"{signs.get(cell.column.name, '')} {sign}".strip()
    return signs


def main() -> None:
    """Print a line for each call, then the legend with the counts."""
    names = [column.name for column in COLUMNS]
    print(f"| call | {' | '.join(names)} |\n| --- |{' :-: |' * len(names)}")
    counts: Counter[str] = Counter()
    # More than cores: much of the time is spent on calls that hang.
    with ProcessPoolExecutor(4) as pool:
        for row, signs in zip(ROWS, pool.map(play, range(len(ROWS))), strict=True):
            counts.update(sign for both in signs.values() for sign in both.split())
            print(f"| {row.name} | {' | '.join(signs.get(name, '') for name in names)} |")
    legend = ", ".join(f"{sign} {came}: {counts[sign]}" for came, sign in SIGNS.items())
    print(f"\nEach cell: the fault once, then for good. {legend}, broken: {counts[FAILED]}.")


if __name__ == "__main__":
    main()
