"""The hook `proc-receive` (githooks(5)): reads the commands of a push, answers for each ref."""

import os
import sys
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from local.push_rules import protection
from local.push_rules.commits import DELETED, RefUpdate, branches, files

Lines = list[bytes]
FOLDER = ".github/workflows"
"""Workflow files: who pushes one needs a permission of its own for that."""

OF_USER = (
    "refusing to allow a Personal Access Token to create or update workflow `{}` without "
    "`workflow` scope"
)
OF_APP = (
    "refusing to allow a GitHub App to create or update workflow `{}` without "
    "`workflows` permission"
)


def main(environ: Mapping[str, str], given: BinaryIO, answer: BinaryIO) -> None:
    """Speak version 1 of the protocol; accepted commands are git's own to carry out."""
    list(_section(given))
    _send(answer, [b"version=1\n"])
    commands = [RefUpdate(*line.decode().split(" ", 2)) for line in _section(given)]
    results: Lines = []
    for command in commands:
        reason = refusal(command, environ)
        if reason:
            results.append(f"ng {command.ref} {reason}".encode())
        else:
            results += [f"ok {command.ref}".encode(), b"option fall-through"]
    _send(answer, results)


def refusal(command: RefUpdate, environ: Mapping[str, str]) -> str | None:
    """Return why a ref may not move, in GitHub's words; what they refer to goes to stderr."""
    if command.new == DELETED:
        return None
    if "LOCAL_MAY_WRITE_WORKFLOWS" not in environ:
        path = _first_workflow(command)
        if path:
            words = OF_APP if "LOCAL_TOKEN_OF_APP" in environ else OF_USER
            return words.format(path)
    exposed = protection.exposed(command)
    if exposed:
        print(protection.notice(command.ref, exposed, environ["LOCAL_UNBLOCK"]), file=sys.stderr)
        return "push declined due to repository rule violations"
    return None


def _first_workflow(command: RefUpdate) -> str | None:
    """Return the first workflow file that the push creates or changes.

    One that stands on a branch with the same path and content is none (GitHub docs, "Workflow
    syntax": pushing a commit with an existing workflow).
    """
    pushed = files(command.new, FOLDER)
    if not pushed:
        return None
    before = {command.old, *branches()} - {DELETED}
    known = {entry for tip in before for entry in files(tip, FOLDER).items()}
    return next((path for path, blob in pushed.items() if (path, blob) not in known), None)


def _section(given: BinaryIO) -> Iterator[bytes]:
    """Yield the lines of a section; each begins with its length, and 0000 ends them."""
    while length := int(given.read(4) or b"0", 16):
        yield given.read(length - 4).rstrip(b"\n")


def _send(answer: BinaryIO, lines: Lines) -> None:
    for line in lines:
        answer.write(f"{len(line) + 4:04x}".encode() + line)
    answer.write(b"0000")
    answer.flush()


if __name__ == "__main__":
    main(os.environ, sys.stdin.buffer, sys.stdout.buffer)
