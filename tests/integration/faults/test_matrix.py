"""The whole builder through the matrix of faults."""

import pytest

from tests.integration.faults.arena import Arena
from tests.integration.faults.matrix import COLUMNS, ROWS, Came, Cell, chosen


@pytest.mark.parametrize("cell", chosen(), ids=str)
def test_matrix__delivered_once_or_answered_with_the_cause(arena: Arena, cell: Cell) -> None:
    """One commit and its bytes are reported, or the error names its cause; nothing else."""
    came = cell.play(arena)
    assert came is not Came.TOLD or cell.for_good


def test_chosen__each_call_and_each_fault() -> None:
    """The sample leaves no call and no fault out, each of them once and for good."""
    hangs = {column for column in COLUMNS if column.hangs}
    for for_good in (False, True):
        cells = [cell for cell in chosen() if cell.for_good == for_good]
        assert {cell.row for cell in cells} == set(ROWS)
        assert {cell.column for cell in cells} >= set(COLUMNS) - hangs
    assert {cell.column for cell in chosen()} == set(COLUMNS)
