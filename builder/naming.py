"""Names in public: the app repository, its branch, its commits."""

import hashlib
import re

from builder.rounds import Round

BRANCH = "main"
TRAILER = "Build-Id"
DEFAULT_REPOSITORY_NAME = "tds-project1-{task}"
MAX_REPOSITORY_NAME = 100
"""Longest name that GitHub takes; it puts `-` for all but `[A-Za-z0-9._-]` (GitHub REST docs)."""
MAX_SUBJECT = 72
"""Characters of a commit's first line that git's tools show whole."""


def repository_name(task: str, pattern: str = DEFAULT_REPOSITORY_NAME) -> str:
    """Return a name that GitHub takes as it is, the same for the same task.

    Where cleaning loses something a hash of the task is added, so that two tasks stay apart.
    """
    wanted = pattern.replace("{task}", task)
    cleaned = re.sub(r"[^A-Za-z0-9._-]+", "-", wanted)
    if cleaned == wanted and len(wanted) <= MAX_REPOSITORY_NAME and not _reserved(wanted):
        return wanted
    suffix = "-" + hashlib.sha256(task.encode()).hexdigest()[:8]
    return cleaned[: MAX_REPOSITORY_NAME - len(suffix)].strip("-.") + suffix


def _reserved(name: str) -> bool:
    return name in {".", ".."} or name.lower().endswith((".git", ".wiki"))


def commit_message(built: Round) -> str:
    """Return subject `Round N: <the brief's beginning>` and the `Build-Id` trailer."""
    printable = "".join(letter if letter.isprintable() else " " for letter in built.brief)
    subject = f"Round {built.round}: {' '.join(printable.split())}"
    if len(subject) > MAX_SUBJECT:
        subject = subject[: MAX_SUBJECT - 1].rstrip() + "…"
    return f"{subject}\n\n{TRAILER}: {built.build_id}\n"
