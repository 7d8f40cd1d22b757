"""The whole builder through the matrix of faults."""

import pytest

from tests.faults.arena import Arena
from tests.faults.matrix import Came, Cell, chosen


@pytest.mark.parametrize("cell", chosen(), ids=str)
def test_matrix__delivered_once_or_answered_with_the_cause(arena: Arena, cell: Cell) -> None:
    """One commit and its bytes are reported, or the error names its cause; nothing else."""
    came = cell.play(arena)
    assert came is not Came.TOLD or cell.for_good
