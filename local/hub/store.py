"""Keeps the records in a folder, so that a hub that starts again goes on where it was."""

import hashlib
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from local.hub.bare import BareRepository
from local.hub.records import Account, Records, Repository, RunRecord, Token


class Store:
    """The records, changed under one lock and written as a whole after each change."""

    def __init__(self, folder: Path, clock: Callable[[], float]) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder = folder
        self.clock = clock
        self.changed = threading.Condition(threading.RLock())
        self._file = folder / "hub.json"
        self._records = self._read()

    def _read(self) -> Records:
        if self._file.exists():
            return Records.model_validate_json(self._file.read_bytes())
        return Records()

    @contextmanager
    def change(self) -> Iterator[Records]:
        """Hold the lock; what was changed is kept when the block ends without an exception."""
        with self.changed:
            yield self._records
            self._write()
            self.changed.notify_all()

    def _write(self) -> None:
        draft = self._file.with_suffix(".draft")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(self._records.model_dump_json().encode())
        draft.replace(self._file)

    def new_id(self) -> int:
        """Return a number that nothing else has. Call it inside of `change`."""
        self._records.last_id += 1
        return self._records.last_id

    def git(self, repository: Repository) -> BareRepository:
        """Return the git side of a repository."""
        return BareRepository(self.folder / "git" / f"{repository.full_name.lower()}.git")

    def account(self, login: str) -> Account | None:
        return self._records.accounts.get(login.lower())

    def repository(self, full_name: str) -> Repository | None:
        return self._records.repositories.get(full_name.lower())

    def run(self, run_id: int) -> RunRecord | None:
        return self._records.runs.get(run_id)

    def token(self, text: str) -> Token | None:
        return self._records.tokens.get(digest(text))

    def repositories(self) -> list[Repository]:
        with self.changed:
            return list(self._records.repositories.values())

    def runs(self, full_name: str | None = None) -> list[RunRecord]:
        """Return the runs, of one repository or of all, oldest first."""
        with self.changed:
            everything = list(self._records.runs.values())
        return [
            run
            for run in everything
            if full_name is None or run.repository.lower() == full_name.lower()
        ]


def digest(text: str) -> str:
    """Return what a token is kept under: its text is not stored."""
    return hashlib.sha256(text.encode()).hexdigest()
