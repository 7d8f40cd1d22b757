"""Names in public: the app repository, its branch, its commits."""

import hashlib
import string

from builder.rounds import Round

BRANCH = "main"
TRAILER = "Build-Id"
MAX_REPOSITORY_NAME = 100
"""Longest name that GitHub takes (GitHub REST docs)."""
ALLOWED = frozenset(string.ascii_letters + string.digits + "._-")
"""GitHub puts `-` for every other character."""
MAX_SUBJECT = 72
"""Characters of a commit's first line that git's tools show whole."""


def repository_name(task: str, pattern: str) -> str:
    """Return a name that GitHub takes as it is, the same for the same task.

    Where cleaning loses something a hash of the task is added, so that two tasks stay apart.
    """
    wanted = pattern.replace("{task}", task)
    cleaned = "".join(letter if letter in ALLOWED else "-" for letter in wanted)
    # GitHub keeps some endings for itself, and `.` and `..` are no names.
    is_reserved = wanted.lower().endswith((".", ".git", ".wiki"))
    if cleaned == wanted and len(wanted) <= MAX_REPOSITORY_NAME and not is_reserved:
        return wanted
    suffix = "-" + hashlib.sha256(task.encode()).hexdigest()[:8]
    return (cleaned[: MAX_REPOSITORY_NAME - len(suffix)].strip("-.") + suffix).strip("-")


def commit_message(built: Round) -> str:
    """Return subject `Round N: <the brief's beginning>` and the `Build-Id` trailer."""
    printable = "".join(letter if letter.isprintable() else " " for letter in built.brief)
    subject = f"Round {built.round}: {' '.join(printable.split())}"
    if len(subject) > MAX_SUBJECT:
        subject = subject[: MAX_SUBJECT - 1].rstrip() + "…"
    return f"{subject}\n\n{TRAILER}: {built.build_id}\n"
