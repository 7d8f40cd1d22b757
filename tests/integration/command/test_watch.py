"""`status --watch`: a table that is drawn again in its place, on a real terminal device."""

import fcntl
import json
import os
import pty
import re
import struct
import termios
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import TextIO

import pytest

from briefship.context import Context
from briefship.look import status
from briefship.screen import Screen
from tests.integration.command.conftest import Desk, DeskOn
from tests.receiver_parts import submission

COLUMNS = 60
WAITING = """
on: repository_dispatch
jobs:
  j:
    runs-on: ubuntu-24.04
    steps:
      - name: Generate
        run: echo begun >BEGUN; read -r _ <GATE
"""


@dataclass
class Terminal:
    """A terminal of 60 columns and 10 lines, and what one reads on it."""

    out: TextIO
    device: int
    lines: list[str] = field(default_factory=lambda: [""])

    def seen(self) -> list[str]:
        """Carry out what was written since the last call; return the lines."""
        os.set_blocking(self.device, False)
        try:
            written = os.read(self.device, 1 << 20).decode()
        except BlockingIOError:
            written = ""
        for part in re.split(r"(\033\[\d*[AJ]|\r\n)", written):
            if up := re.fullmatch(r"\033\[(\d+)A", part):
                self.lines = [*self.lines[: -1 - int(up[1])], ""]
            elif part == "\r\n":
                self.lines.append("")
            elif part != "\033[J":
                self.lines[-1] += part
        return self.lines[:-1]


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 10, COLUMNS, 0, 0))
    with os.fdopen(slave, "w", encoding="utf-8") as out:
        yield Terminal(out, master)
    os.close(master)


def test_screen__draws_over_what_it_drew(terminal: Terminal) -> None:
    """The new lines take the place of the old ones, fewer ones too; long ones are cut where they
    would wrap, and so is what a terminal has no lines for."""
    screen = Screen(terminal.out, {"TERM": "xterm"})
    screen.draw(["one", "two", "three"])
    assert terminal.seen() == ["one", "two", "three"]
    screen.draw(["1", "x" * 200])
    assert terminal.seen() == ["1", "x" * (COLUMNS - 1)]
    screen.draw([str(number) for number in range(30)])
    assert terminal.seen() == [str(number) for number in range(9)]


@pytest.mark.parametrize("term", ["dumb", ""])
def test_screen__a_terminal_that_cannot(terminal: Terminal, term: str) -> None:
    """Where the cursor cannot go up, each new line is printed once."""
    screen = Screen(terminal.out, {"TERM": term} if term else {})
    for lines in (["a", "b"], ["a", "c"]):
        screen.draw(lines)
    assert terminal.seen() == ["a", "b", "c"]


@dataclass
class Held:
    """A run that goes on until it is let go; a sleep that lets it go, and notes what was seen."""

    desk: Desk
    gate: Path
    look: Callable[[], list[str]]
    seen: list[list[str]] = field(default_factory=list)

    def sleep(self, _: float) -> None:
        self.seen.append(list(self.look()))
        if len(self.seen) == 2:
            self.gate.write_text("go\n")
            self.desk.wait()


HeldOn = Callable[[Callable[[], list[str]]], Held]


@pytest.fixture
def held_on(desk_on: DeskOn, tmp_path: Path) -> HeldOn:
    """Send a request whose run waits, and whose task would clear a terminal."""
    gate, begun = tmp_path / "gate", tmp_path / "begun"
    os.mkfifo(gate)
    os.mkfifo(begun)

    def make(look: Callable[[], list[str]]) -> Held:
        desk = desk_on(WAITING.replace("GATE", str(gate)).replace("BEGUN", str(begun)))
        file = desk.folder / "request.json"
        file.write_text(json.dumps(submission(task="rain \033[2J")))
        assert desk("send", str(file)).code == 0
        begun.read_text()
        return Held(desk, gate, look)

    return make


def watch(held: Held, out: TextIO, **options: object) -> int:
    """Watch the newest runs."""
    asked = Namespace(**{"id": None, "watch": True, "count": 10, "json": False, **options})
    with ExitStack() as stack:
        environ = held.desk.environ | {"TERM": "xterm"}
        return status(asked, Context(environ, held.desk.folder, out, stack), held.sleep)


def test_watch__the_table_goes_on_until_the_run_is_over(
    held_on: HeldOn, terminal: Terminal
) -> None:
    """A row changes in its place, its step and seconds too; nothing in it moves the cursor."""
    held = held_on(terminal.seen)
    assert watch(held, terminal.out) == 0
    assert [len(lines) for lines in held.seen] == [2] * len(held.seen)
    assert all(lines[1].split()[4] == "Generate" for lines in held.seen[:2])
    header, row = terminal.seen()
    assert header.split()[:4] == ["run", "task", "round", "state"]
    assert "rain ?[2J" in row
    assert "success" in row


def test_watch__in_a_file_and_for_scripts(held_on: HeldOn) -> None:
    """Without a terminal each state is a line, and none is drawn over; JSON is the end alone."""
    out = StringIO()
    held = held_on(lambda: [])
    assert watch(held, out) == 0
    assert "\033" not in out.getvalue()
    states = [line.split()[-5] for line in out.getvalue().splitlines()[1:]]
    assert (states[0], states[-1]) == ("Generate", "success")
    out = StringIO()
    assert watch(held, out, json=True) == 0
    (told,) = json.loads(out.getvalue())
    assert told["state"] == "success"
