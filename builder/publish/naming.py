"""Names in public: the app repository, its branch, its commits."""

import hashlib
import string
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # It brings libraries that the command, which needs names alone, does without.
    from builder.rounds import Round

BRANCH = "main"
TRAILER = "Build-Id"
MAX_REPOSITORY_NAME = 100
"""Longest name that GitHub takes (GitHub REST docs)."""
ALLOWED = frozenset(string.ascii_letters + string.digits + "._-")
"""GitHub replaces every other character by `-`."""
MAX_SUBJECT = 72
"""Longest first line of a commit that git's tools show in full."""


def repository_name(task: str, pattern: str) -> str:
    """Return a name that GitHub takes unchanged, always the same for a task.

    If cleaning changes the name, a hash of the task is added, so that two tasks stay apart.
    """
    wanted = pattern.replace("{task}", task)
    cleaned = "".join(letter if letter in ALLOWED else "-" for letter in wanted)
    # GitHub reserves some endings, and `.` and `..` are not names.
    is_reserved = wanted.lower().endswith((".", ".git", ".wiki"))
    if cleaned == wanted and len(wanted) <= MAX_REPOSITORY_NAME and not is_reserved:
        return wanted
    suffix = "-" + hashlib.sha256(task.encode()).hexdigest()[:8]
    return (cleaned[: MAX_REPOSITORY_NAME - len(suffix)].strip("-.") + suffix).strip("-")


def commit_message(built: "Round") -> str:
    """Return the subject `Round N: <start of the brief>` and the `Build-Id` trailer."""
    printable = "".join(letter if letter.isprintable() else " " for letter in built.brief)
    subject = f"Round {built.round}: {' '.join(printable.split())}"
    if len(subject) > MAX_SUBJECT:
        subject = subject[: MAX_SUBJECT - 1].rstrip() + "…"
    return f"{subject}\n\n{TRAILER}: {built.build_id}\n"
