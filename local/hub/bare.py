"""The bare git repositories of the hub, by the git command."""

import os
import re
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

AUTHOR = {
    f"GIT_{role}_{field}": value
    for role in ("AUTHOR", "COMMITTER")
    for field, value in (("NAME", "hub"), ("EMAIL", "hub@localhost"))
}
SETTINGS = """
[uploadpack]
    allowAnySHA1InWant = true
    allowFilter = true
[gc]
    auto = 0
[receive]
    autogc = false
"""
"""As on github.com: any object can be asked for, and an unreferenced blob stays."""


@dataclass(frozen=True)
class TreeEntry:
    """A file of a commit: its git mode and the id of its blob."""

    mode: str
    blob: str


@dataclass(frozen=True)
class Commit:
    """A commit as git tells it; `date` as ISO 8601."""

    sha: str
    tree: str
    author: str
    email: str
    date: str
    message: str


def environment(**more: str) -> dict[str, str]:
    """Return an environment in which only the hub's own settings steer git."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": os.devnull,
        "LC_ALL": "C.UTF-8",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
        **more,
    }


Env = Mapping[str, str]
NO_ENV: Env = {}


def git(*arguments: str, content: bytes = b"", cwd: Path | None = None, env: Env = NO_ENV) -> bytes:
    """Run git and return what it printed. Raises CalledProcessError."""
    command = ["git", *arguments]
    return subprocess.run(  # noqa: S603 - fixed commands of ours, no shell
        command, input=content, capture_output=True, check=True, cwd=cwd, env=environment(**env)
    ).stdout


class BareRepository:
    """One bare repository on the disk."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def _git(self, *arguments: str, content: bytes = b"", **where: Any) -> bytes:
        return git(f"--git-dir={self.path}", *arguments, content=content, **where)

    def create(self, branch: str) -> None:
        """Make it, empty, with `branch` as the one that HEAD names."""
        git("init", "--quiet", "--bare", f"--initial-branch={branch}", str(self.path))
        with (self.path / "config").open("a") as config:
            config.write(SETTINGS)

    def set_head(self, branch: str) -> None:
        self._git("symbolic-ref", "HEAD", f"refs/heads/{branch}")

    def branches(self) -> dict[str, str]:
        """Return each branch with the commit at its tip."""
        listed = self._git(
            "for-each-ref", "--format=%(refname:lstrip=2) %(objectname)", "refs/heads"
        )
        pairs = (line.rpartition(" ") for line in listed.decode().splitlines())
        return {name: commit for name, _, commit in pairs}

    def write_blob(self, content: bytes) -> str:
        return self._git("hash-object", "-w", "--stdin", content=content).decode().strip()

    def read_blob(self, blob: str) -> bytes | None:
        """Return the bytes of a blob, None where there is none of that id."""
        if not re.fullmatch(r"[0-9a-f]{40}", blob):
            return None
        try:
            return self._git("cat-file", "blob", blob)
        except subprocess.CalledProcessError:
            return None

    def files(self, commit: str, folder: str = "") -> dict[str, TreeEntry]:
        """Return path and entry of every file below `folder` of a commit."""
        listed = self._git("ls-tree", "-r", "-z", f"{commit}:{folder}").decode("utf-8", "replace")
        files = {}
        for line in filter(None, listed.split("\0")):
            about, _, path = line.partition("\t")
            mode, _, blob = about.split(" ")
            files[path] = TreeEntry(mode, blob)
        return files

    def commit(self, sha: str) -> Commit | None:
        """Return a commit by its id or the name of a branch; None where there is none."""
        shown = "%H%x00%T%x00%an%x00%ae%x00%aI%x00%B"
        try:
            told = self._git(
                "show", "-s", f"--format={shown}", "--end-of-options", f"{sha}^{{commit}}"
            )
        except subprocess.CalledProcessError:
            return None
        return Commit(*told.decode("utf-8", "replace").rstrip("\n").split("\0"))

    def commit_folder(self, source: Path, branch: str) -> str:
        """Put the tracked files of the checkout `source`, as they lie there, into one commit.

        Where `source` is no checkout all its files are taken. Returns the commit.
        """
        tree = self.write_folder(source)
        return self._commit_tree(tree, f"Import of {source.name}", branch)

    def write_folder(self, source: Path) -> str:
        """Put the tracked files of a checkout, or all files of another folder, into one tree."""
        names = "\0".join(tracked_files(source)).encode()
        with tempfile.TemporaryDirectory() as folder:
            index = {"GIT_INDEX_FILE": f"{folder}/index"}
            add = ("update-index", "--add", "-z", "--stdin")
            self._git(f"--work-tree={source}", *add, content=names, cwd=source, env=index)
            return self._git("write-tree", env=index).decode().strip()

    def commit_readme(self, title: str, branch: str) -> str:
        """Make the first commit as GitHub does for `auto_init`. Returns the commit."""
        blob = self.write_blob(f"# {title}\n".encode())
        listed = f"100644 blob {blob}\tREADME.md\n".encode()
        tree = self._git("mktree", content=listed).decode().strip()
        return self._commit_tree(tree, "Initial commit", branch)

    def _commit_tree(self, tree: str, message: str, branch: str) -> str:
        """Commit `tree` on top of a branch, unless its tip has that tree. Returns the tip."""
        tip = self.commit(branch)
        if tip is not None and tip.tree == tree:
            return tip.sha
        parent = ("-p", tip.sha) if tip else ()
        made = self._git("commit-tree", "-m", message, *parent, tree, env=AUTHOR).decode().strip()
        self._git("update-ref", f"refs/heads/{branch}", made)
        return made

    def check_out(self, commit: str, branch: str, origin: str, folder: Path) -> None:
        """Make a checkout of `commit` as actions/checkout does: one commit deep, clean."""
        folder.mkdir(parents=True)
        git("init", "--quiet", f"--initial-branch={branch}", cwd=folder)
        git("fetch", "--quiet", "--depth=1", self.path.as_uri(), commit, cwd=folder)
        git("reset", "--quiet", "--hard", "FETCH_HEAD", cwd=folder)
        git("remote", "add", "origin", origin, cwd=folder)


def tracked_files(source: Path) -> list[str]:
    """Return the paths, relative to `source`, of the files that git tracks and that are there."""
    if (source / ".git").exists():
        listed = git("ls-files", "-z", "--cached", cwd=source).decode()
        names: Iterable[str] = filter(None, listed.split("\0"))
    else:
        names = (path.relative_to(source).as_posix() for path in sorted(source.rglob("*")))
    return [name for name in names if (source / name).is_file()]
