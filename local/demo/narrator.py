"""Tells a person at a terminal what happens, with the seconds since the start."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.rule import Rule
from rich.text import Text


class Narrator:
    """Lines for what has happened, a spinner for what is happening (on a terminal only)."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._started = time.monotonic()
        self._status = console.status("")

    @contextmanager
    def chapter(self, title: str) -> Iterator[None]:
        """Show what happens inside the block under `title`."""
        self.console.print(Rule(Text(title), align="left"))
        self._status.update(Text(title))
        with self._status:
            yield

    def say(self, text: str, style: str = "") -> None:
        """Tell one thing; the text may come from outside."""
        seconds = time.monotonic() - self._started
        line = Text.assemble((f"{seconds:6.1f} s  ", "dim"), (text, style))
        self.console.print(line, soft_wrap=True)
        self._status.update(Text(text))

    def quote(self, text: str) -> None:
        """Show lines of a log as they are."""
        for line in text.splitlines():
            self.console.print(Text(f"    {line}", style="dim"), soft_wrap=True)

    def verbatim(self, text: str) -> None:
        """Show a line that can be copied: nothing before it, no break inside."""
        self.console.print(Text(text), soft_wrap=True)
