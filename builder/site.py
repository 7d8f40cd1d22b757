"""The files of an app: which paths may stand in a site, and a site as a value."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Self

from builder.errors import UnsafePath

WORKFLOWS = ".github/workflows/"
MARK = ".builder"
"""The folder that marks a repository as ours; only the builder writes to it."""
MAX_NAME_BYTES = 255
"""Longest name of a file on the file systems that a clone lands on."""

Files = Mapping[str, bytes]


def safe_path(path: str) -> str:
    """Return `path` when it may name a file of a site: relative, with `/`, below the root.

    Raises UnsafePath.
    """
    reason = _objection(path)
    if reason:
        raise UnsafePath(path, reason)
    return path


def may_name_a_file(path: str) -> bool:
    """Return whether `path` may name a file of a site."""
    return _objection(path) is None


def _objection(path: str) -> str | None:
    if not path or len(path.encode("utf-8", "replace")) > 1024:
        return "expected 1 to 1024 bytes"
    if path.startswith("/") or (path[0].isalpha() and path[1:2] == ":"):
        return "expected a relative path"
    if "\\" in path or not path.isprintable():
        return "a backslash or a control character is not allowed"
    return next(filter(None, map(_objection_to_name, path.split("/"))), None)


def _objection_to_name(name: str) -> str | None:
    if name in {"", ".", ".."}:
        return "an empty, `.` or `..` part is not allowed"
    if len(name.encode("utf-8")) > MAX_NAME_BYTES:
        return f"a part longer than {MAX_NAME_BYTES} bytes is not allowed"
    # NTFS takes `.git:x` and `.git.` for `.git`.
    if name.partition(":")[0].rstrip(" .").lower() in {".git", "git~1", MARK}:
        return f"{name} is reserved"
    return None


class Site(Mapping[str, bytes]):
    """Paths and bytes, in order of path; every path is safe and none is a folder of another."""

    def __init__(self, files: Files) -> None:
        """Raises UnsafePath."""
        self._files = {safe_path(path): bytes(files[path]) for path in sorted(files)}
        self._folded = {path.casefold(): path for path in reversed(self._files)}
        for path in self._files:
            for parent in map(str, PurePosixPath(path).parents):
                if parent in self._files:
                    raise UnsafePath(path, f"{parent} is a file")

    def __getitem__(self, path: str) -> bytes:
        return self._files[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)

    def __or__(self, changes: Files) -> "Site":
        """Return this site with `changes` put over it."""
        return Site({**self._files, **changes})

    def case_twin(self, path: str) -> str | None:
        """Return the file that a case-insensitive disk would confuse with `path`, if any."""
        twin = self._folded.get(path.casefold(), path)
        return None if twin == path else twin

    def without(self, *paths: str) -> "Site":
        return Site({path: self[path] for path in self if path not in paths})

    def moved(self, start: Files, onto: Files) -> "Site":
        """Return `onto` with the changes that lead from `start` to this site."""
        changed = {path: self[path] for path in self if start.get(path) != self[path]}
        deleted = {path for path in start if path not in self}
        return Site({path: onto[path] for path in onto if path not in deleted} | changed)

    @property
    def served(self) -> tuple[str, ...]:
        """The paths that Pages serves: none with a part that begins with a dot."""
        return tuple(path for path in self if not re.search(r"(^|/)\.(?!well-known/)", path))

    @classmethod
    def among(cls, files: Files) -> Self:
        """Take all files but git's and ours."""
        ours = {".git", MARK}
        return cls({path: files[path] for path in files if path.partition("/")[0] not in ours})

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read every file below `folder` but git's and ours. Links are not followed."""
        return cls.among(files_below(folder))

    def write(self, folder: Path) -> None:
        """Write every file below `folder`, which is made when missing."""
        for path, content in self.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)


def files_below(folder: Path) -> dict[str, bytes]:
    """Read every file below `folder` but git's. Links are not followed."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink() and path.relative_to(folder).parts[0] != ".git"
    }
