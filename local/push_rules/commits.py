"""What a push brings: its commands, the files of its tips, and the lines that its commits add."""

import re
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

DELETED = "0" * 40
"""The id of no object: of a ref that is not there."""
HUNK = re.compile(r"@@ -\d+(?:,\d+)? \+(\d+)")


@dataclass(frozen=True)
class RefUpdate:
    """A ref that is to move from `old` to `new`."""

    old: str
    new: str
    ref: str


@dataclass(frozen=True)
class Added:
    """The lines that a commit adds to a file, with their numbers."""

    commit: str
    path: str
    lines: list[tuple[int, str]]


def git(*arguments: str) -> str:
    """Run git in the repository that the hook is called for; return what it printed."""
    command = ["git", "-c", "core.quotePath=false", *arguments]
    return subprocess.run(  # noqa: S603 - no shell; ids come from git
        command, check=True, stdout=subprocess.PIPE, encoding="utf-8", errors="replace"
    ).stdout


def files(commit: str, folder: str) -> dict[str, str]:
    """Return each path below `folder` of a commit with the id of its blob."""
    listed = git("ls-tree", "-r", "-z", "--full-tree", commit, "--", f"{folder}/")
    entries = (line.partition("\t") for line in listed.split("\0") if line)
    return {path: about.split(" ")[2] for about, _, path in entries}


def branches() -> list[str]:
    """Return the tips of all branches as they are before the push."""
    return git("for-each-ref", "--format=%(objectname)", "refs/heads").split()


def added(command: RefUpdate) -> Iterator[Added]:
    """Yield what the commits that are new to the repository add, file by file."""
    shown = git(
        "log", "--format=commit %H", "--patch", "--unified=0", "--no-renames", "--no-ext-diff",
        "--no-textconv", "--diff-merges=first-parent", command.new, "--not", "--all",
    )  # fmt: skip
    for (commit, path), rows in groupby(_rows(shown.split("\n")), lambda row: (row[0], row[1])):
        yield Added(commit, path, [(number, text) for _, _, number, text in rows])


def _rows(shown: Iterable[str]) -> Iterator[tuple[str, str, int, str]]:
    """Yield commit, path, number and text of each line with a plus.

    Lines of files begin with a sign, so that none passes for a heading outside of its hunk.
    """
    commit, path, number = "", "", 0
    for line in shown:
        if line.startswith("commit "):
            commit = line.removeprefix("commit ")
        elif line.startswith("diff --git "):
            number = 0
        elif begins := HUNK.match(line):
            number = int(begins[1])
        elif number == 0 and line.startswith("+++ "):
            path = line.removeprefix("+++ b/").rstrip("\t")
        elif number and line.startswith("+"):
            yield commit, path, number, line[1:]
            number += 1
