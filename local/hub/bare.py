"""The bare git repositories of the hub, by the git command."""

import io
import os
import re
import subprocess
import tarfile
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

AUTHOR = {
    **{"GIT_AUTHOR_NAME": "hub", "GIT_AUTHOR_EMAIL": "hub@localhost"},
    **{"GIT_COMMITTER_NAME": "hub", "GIT_COMMITTER_EMAIL": "hub@localhost"},
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
UNTOUCHED = "* -text -filter -ident -working-tree-encoding -export-ignore -export-subst\n"
"""Attributes that leave all bytes unchanged, whatever .gitattributes a commit has."""


class TreeEntry(NamedTuple):
    """A file of a commit: its git mode and the id of its blob."""

    mode: str
    blob: str


@dataclass(frozen=True)
class Commit:
    """A commit as git shows it; `date` as ISO 8601."""

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


def git(
    *arguments: str,
    content: bytes = b"",
    cwd: Path | None = None,
    env: Mapping[str, str] = MappingProxyType({}),
    timeout: float | None = None,
) -> bytes:
    """Run git and return what it printed. Raises CalledProcessError, TimeoutExpired."""
    return subprocess.run(  # noqa: S603 - fixed commands of ours, no shell
        ["git", *arguments],  # noqa: S607 - the git on PATH
        input=content,
        capture_output=True,
        check=True,
        cwd=cwd,
        env=environment(**env),
        timeout=timeout,
    ).stdout


class BareRepository:
    """One bare repository on the disk."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def _git(self, *arguments: str, **options: Any) -> bytes:
        return git(f"--git-dir={self.path}", *arguments, **options)

    def create(self, branch: str) -> None:
        """Make it, empty, with `branch` as the one that HEAD names."""
        git("init", "--quiet", "--bare", f"--initial-branch={branch}", str(self.path))
        with (self.path / "config").open("a") as config:
            config.write(SETTINGS)
        (self.path / "info" / "attributes").write_text(UNTOUCHED)

    def set_head(self, branch: str) -> None:
        self._git("symbolic-ref", "HEAD", f"refs/heads/{branch}")

    def branches(self) -> dict[str, str]:
        shown = "--format=%(refname:lstrip=2) %(objectname)"
        listed = self._git("for-each-ref", shown, "refs/heads").decode().splitlines()
        return {name: commit for name, _, commit in (line.rpartition(" ") for line in listed)}

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

    def files(self, commit: str) -> dict[str, TreeEntry]:
        """Return path and entry of every file of a commit."""
        listed = self._git("ls-tree", "-r", "-z", commit).decode("utf-8", "replace")
        files = {}
        for line in filter(None, listed.split("\0")):
            about, _, path = line.partition("\t")
            mode, _, blob = about.split(" ")
            files[path] = TreeEntry(mode, blob)
        return files

    def contents(self, tree: str) -> Mapping[str, bytes]:
        """Return the regular files of a tree: of a commit, or of a folder as `commit:folder`."""
        return _contents(self.path, tree)

    def commit(self, name: str) -> Commit | None:
        """Return a commit by its id or the name of a branch; None where there is none."""
        shown = "%H%x00%T%x00%an%x00%ae%x00%aI%x00%B"
        try:
            output = self._git("show", "-s", f"--format={shown}", f"{name}^{{commit}}")
        except subprocess.CalledProcessError:
            return None
        return Commit(*output.decode("utf-8", "replace").rstrip("\n").split("\0"))

    def commit_folder(self, source: Path, branch: str) -> None:
        """Make the tracked files of the checkout `source`, as they lie there, its one commit."""
        tree = self.write_folder(source)
        made = self._git("commit-tree", "-m", f"Import of {source.name}", tree, env=AUTHOR)
        self._git("update-ref", f"refs/heads/{branch}", made.decode().strip())

    def commit_file(self, branch: str, path: str, blob: str, message: str) -> Commit:
        """Put a blob at `path` on top of a branch, which may not be there yet."""
        parent = self.branches().get(branch)
        with tempfile.TemporaryDirectory() as folder:
            index = {"GIT_INDEX_FILE": f"{folder}/index"}
            self._git("read-tree", parent or "--empty", env=index)
            self._git("update-index", "--add", "--cacheinfo", f"100644,{blob},{path}", env=index)
            tree = self._git("write-tree", env=index).decode().strip()
        on_top = ("-p", parent) if parent else ()
        made = self._git("commit-tree", *on_top, "-m", message, tree, env=AUTHOR)
        self._git("update-ref", f"refs/heads/{branch}", made.decode().strip())
        commit = self.commit(branch)
        assert commit is not None  # noqa: S101 - it was made just now
        return commit

    def write_folder(self, source: Path) -> str:
        """Put the tracked files of a checkout, or all files of another folder, into one tree."""
        names = "\0".join(_tracked_files(source)).encode()
        with tempfile.TemporaryDirectory() as folder:
            index = {"GIT_INDEX_FILE": f"{folder}/index"}
            add = ("update-index", "--add", "-z", "--stdin")
            self._git(f"--work-tree={source}", *add, content=names, cwd=source, env=index)
            return self._git("write-tree", env=index).decode().strip()

    def check_out(self, commit: str, branch: str, origin: str, folder: Path) -> None:
        """Make a checkout of `commit` as actions/checkout does: one commit deep, clean."""
        folder.mkdir(parents=True)
        git("init", "--quiet", f"--initial-branch={branch}", cwd=folder)
        git("fetch", "--quiet", "--depth=1", self.path.as_uri(), commit, cwd=folder)
        git("reset", "--quiet", "--hard", "FETCH_HEAD", cwd=folder)
        git("remote", "add", "origin", origin, cwd=folder)


@lru_cache(maxsize=32)
def _contents(path: Path, tree: str) -> Mapping[str, bytes]:
    archived = git(f"--git-dir={path}", "archive", "--format=tar", tree)
    with tarfile.open(fileobj=io.BytesIO(archived)) as archive:
        found = ((member, archive.extractfile(member)) for member in archive if member.isreg())
        return MappingProxyType({member.name: file.read() for member, file in found if file})


def _tracked_files(source: Path) -> list[str]:
    """Return the paths, relative to `source`, of the files that git tracks and that are there."""
    if (source / ".git").exists():
        names = git("ls-files", "-z", "--cached", cwd=source).decode().split("\0")
    else:
        names = [path.relative_to(source).as_posix() for path in source.rglob("*")]
    return [name for name in names if name and (source / name).is_file()]
