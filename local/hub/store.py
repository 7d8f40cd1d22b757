"""Keeps the records in a folder, so that a hub that starts again goes on where it was."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from local.hub.bare import BareRepository
from local.hub.problems import creation_failed, not_found
from local.hub.records import (
    Account,
    Records,
    Repository,
    RunRecord,
    Token,
    digest,
    write_private,
)


class Store:
    """The records, changed under one lock and written as a whole after each change."""

    def __init__(self, folder: Path, clock: Callable[[], float]) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder = folder
        self.clock = clock
        self.changed = threading.Condition(threading.RLock())
        self._file = folder / "hub.json"
        self._records = Records()
        if self._file.exists():
            self._records = Records.model_validate_json(self._file.read_bytes())

    @contextmanager
    def change(self) -> Iterator[Records]:
        """Hold the lock; what was changed is kept when the block ends without an exception."""
        with self.changed:
            yield self._records
            draft = self._file.with_suffix(".draft")
            write_private(draft, self._records.model_dump_json())
            draft.replace(self._file)
            self.changed.notify_all()

    def new_id(self) -> int:
        """Return a number that nothing else has. Call it inside of `change`."""
        self._records.last_id += 1
        return self._records.last_id

    def git(self, repository: Repository) -> BareRepository:
        """Return the git side of a repository."""
        return BareRepository(self.folder / "git" / f"{repository.full_name.lower()}.git")

    def account(self, login: str) -> Account:
        """Return an account. Raises Problem (404)."""
        account = self._records.accounts.get(login.lower())
        if account is None:
            raise not_found()
        return account

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
            runs = list(self._records.runs.values())
        return [run for run in runs if full_name in {None, run.repository}]

    def new_repository(
        self, owner: Account, name: str, *, private: bool = False, description: str | None = None
    ) -> Repository:
        """Make an empty repository. Raises Problem (422) when the name is taken."""
        now = self.clock()
        with self.change() as records:
            key = f"{owner.login}/{name}".lower()
            if key in records.repositories:
                raise creation_failed("name", "name already exists on this account")
            repository = Repository(
                id=self.new_id(),
                owner=owner.login,
                name=name,
                default_branch="main",
                created_at=now,
                updated_at=now,
                pushed_at=now,
                private=private,
                description=description,
            )
            self.git(repository).create(repository.default_branch)
            records.repositories[key] = repository
        return repository
