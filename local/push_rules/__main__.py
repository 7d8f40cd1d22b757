"""The hook `proc-receive` (githooks(5)): reads the commands of a push, answers for each ref."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from io import BytesIO
from typing import BinaryIO

from local.push_rules.protection import Exposed, exposed_in, notice

DELETED = "0" * 40
"""The id of no object: of a ref that is not there."""
WORKFLOWS = ".github/workflows/"
"""Workflow files: who pushes one needs a permission of its own for that."""
REFUSED = (
    "refusing to allow a Personal Access Token to create or update workflow `{}` without "
    "`workflow` scope"
)


def main(environ: Mapping[str, str], given: BinaryIO, answer: BinaryIO) -> None:
    """Speak version 1 of the protocol; accepted commands are git's own to carry out."""
    list(_section(given))
    _send(answer, [b"version=1\n"])
    results: list[bytes] = []
    for line in list(_section(given)):
        _, new, ref = line.decode().split(" ", 2)
        reason = None if new == DELETED else refusal(new, ref, environ)
        if reason:
            results.append(f"ng {ref} {reason}".encode())
        else:
            results += [f"ok {ref}".encode(), b"option fall-through"]
    _send(answer, results)


def refusal(new: str, ref: str, environ: Mapping[str, str]) -> str | None:
    """Return why a ref may not move, in GitHub's words; what they refer to goes to stderr."""
    # A file that stands on a branch with the same path and content is not pushed (GitHub docs,
    # "Workflow syntax": pushing a commit with an existing workflow).
    tips = git("for-each-ref", "--format=%(objectname)", "refs/heads").decode().split()
    known = {entry for tip in tips for entry in files(tip).items()}
    if "LOCAL_MAY_WRITE_WORKFLOWS" not in environ:
        for path, blob in files(new).items():
            if path.startswith(WORKFLOWS) and (path, blob) not in known:
                return REFUSED.format(path)
    found = list(exposed(new, known))
    if found:
        print(notice(ref, found, environ["LOCAL_UNBLOCK"]), file=sys.stderr)
        return "push declined due to repository rule violations"
    return None


def exposed(new: str, known: set[tuple[str, str]]) -> Iterator[Exposed]:
    """Yield the credentials in files that are new to the repository, each with its first commit."""
    commits = git("rev-list", "--reverse", new, "--not", "--all").decode().split()
    first: dict[tuple[str, str], str] = {}
    for commit in commits:
        for entry in files(commit).items():
            first.setdefault(entry, commit)
    added = [(commit, entry) for entry, commit in first.items() if entry not in known]
    contents = texts([blob for _, (_, blob) in added])
    for (commit, (path, _)), text in zip(added, contents, strict=True):
        yield from exposed_in(text, commit, path)


@cache
def files(commit: str) -> dict[str, str]:
    """Return each path of a commit with the id of its blob."""
    listed = git("ls-tree", "-r", "-z", "--full-tree", commit).decode("utf-8", "replace")
    entries = (line.partition("\t") for line in listed.split("\0") if line)
    # A submodule has no blob.
    return {path: about.split(" ")[2] for about, _, path in entries if " blob " in about}


def texts(blobs: Sequence[str]) -> Iterator[str]:
    """Yield the content of each blob."""
    listing = BytesIO(git("cat-file", "--batch", given="\n".join(blobs)) if blobs else b"")
    while about := listing.readline():
        yield listing.read(int(about.split()[2])).decode("utf-8", "replace")
        listing.readline()


def git(*arguments: str, given: str = "") -> bytes:
    """Run git in the repository that the hook is called for; return what it printed."""
    return subprocess.run(  # noqa: S603 - no shell; ids come from git
        ["git", *arguments],  # noqa: S607 - the git that called
        check=True,
        input=given.encode(),
        stdout=subprocess.PIPE,
    ).stdout


def _section(given: BinaryIO) -> Iterator[bytes]:
    """Yield the lines of a section; each begins with its length, and 0000 ends them."""
    while length := int(given.read(4) or b"0", 16):
        yield given.read(length - 4).rstrip(b"\n")


def _send(answer: BinaryIO, lines: list[bytes]) -> None:
    for line in lines:
        answer.write(f"{len(line) + 4:04x}".encode() + line)
    answer.write(b"0000")
    answer.flush()


if __name__ == "__main__":
    main(os.environ, sys.stdin.buffer, sys.stdout.buffer)
