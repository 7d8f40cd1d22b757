"""A table that is redrawn in place while runs go on."""

import os
from collections.abc import Mapping, Sequence
from typing import TextIO

UP_AND_CLEAR = "\033[{}A\033[J"
WIDTH, HEIGHT = 80, 24
"""Of a terminal that does not report its size."""


class Screen:
    """Draws over what it drew before on a terminal; elsewhere prints each new line once."""

    def __init__(self, out: TextIO, environ: Mapping[str, str]) -> None:
        self._out = out
        self.is_live = out.isatty() and environ.get("TERM", "dumb") != "dumb"
        self._drawn: list[str] = []

    def draw(self, lines: Sequence[str]) -> None:
        """Show these lines, and these alone."""
        if not self.is_live:
            new = [line for line in lines if line not in self._drawn]
            self._drawn += new
            self._print(new)
            return
        width, height = self._size()
        # A line that wraps would count twice, and what has scrolled away is out of reach.
        shown = [line[: width - 1] for line in lines[: height - 1]]
        if self._drawn:
            self._out.write(UP_AND_CLEAR.format(len(self._drawn)))
        self._drawn = shown
        self._print(shown)

    def _size(self) -> tuple[int, int]:
        try:
            columns, rows = os.get_terminal_size(self._out.fileno())
        except OSError:
            columns, rows = 0, 0
        return columns or WIDTH, rows or HEIGHT

    def _print(self, lines: Sequence[str]) -> None:
        self._out.write("".join(f"{line}\n" for line in lines))
        self._out.flush()
