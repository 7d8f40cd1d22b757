"""What the hub knows, in memory: accounts, tokens, repositories, Pages builds, workflow runs."""

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from local.faults import BuildFault
from local.hub.bare import BareRepository
from local.hub.problems import creation_failed, not_found
from local.hub.run_folder import RunFolder

Permissions = dict[str, Literal["read", "write"]]
Conclusion = Literal["success", "failure", "cancelled"]


@dataclass(frozen=True)
class Account:
    """A user or an organization."""

    id: int
    login: str
    type: Literal["User", "Organization"]
    created_at: float


@dataclass(frozen=True)
class Token:
    """A fine-grained token: whose resources it opens, and how far.

    `repositories` None means all of the owner's, new ones too. `of_run` is that of a workflow run.
    """

    owner: str
    user: str
    permissions: Permissions
    repositories: list[str] | None = None
    of_run: bool = False


@dataclass
class PagesBuild:
    """One build of a Pages site; times in seconds since the epoch."""

    id: int
    commit: str
    pusher: str
    created_at: float
    updated_at: float
    ready_at: float
    fault: BuildFault | None
    status: Literal["queued", "building", "built", "errored"] = "queued"
    error: str | None = None

    @property
    def finished(self) -> bool:
        return self.status in {"built", "errored"}

    def fail(self, error: str, now: float) -> None:
        self.status, self.error, self.updated_at = "errored", error, now


@dataclass
class PagesSite:
    """The Pages settings of a repository, its builds, and what is being served.

    `deployed` is a commit; where a workflow deploys, it is the tree that its run handed over.
    """

    build_type: Literal["legacy", "workflow"]
    branch: str
    path: str
    builds: list[PagesBuild] = field(default_factory=list)
    deployed: str | None = None
    deployed_at: float = 0


@dataclass
class Repository:
    """A repository less its git objects; `tips` are the branches that the hub has dealt with."""

    id: int
    owner: str
    name: str
    private: bool
    description: str | None
    created_at: float
    git: BareRepository
    default_branch: str = "main"
    homepage: str | None = None
    secrets: dict[str, str] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    site: PagesSite | None = None
    tips: dict[str, str] = field(default_factory=dict)

    @property
    def full_name(self) -> str:
        return f"{self.owner}/{self.name}"


@dataclass
class WorkflowRun:
    """A workflow run; `title` and `actor` as GitHub shows them, `workflow` is a path."""

    id: int
    repository: str
    number: int
    event: str
    workflow: str
    name: str
    title: str
    actor: str
    head_sha: str
    branch: str
    url: str
    folder: RunFolder
    created_at: float
    updated_at: float
    attempt: int = 1
    status: Literal["queued", "in_progress", "completed"] = "queued"
    conclusion: Conclusion | None = None

    @property
    def log(self) -> Path:
        return self.folder.log

    @property
    def artifacts(self) -> Path:
        return self.folder.artifacts


class Store:
    """The records, changed under one lock; git repositories and runs lie below `folder`."""

    def __init__(self, folder: Path, clock: Callable[[], float]) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder = folder
        self.clock = clock
        self.changed = threading.Condition(threading.RLock())
        self.accounts: dict[str, Account] = {}
        self.tokens: dict[str, Token] = {}
        self.repositories: dict[str, Repository] = {}
        self.runs: dict[int, WorkflowRun] = {}
        self._last_id = 0

    @contextmanager
    def change(self) -> Iterator[None]:
        """Hold the lock, then wake who waits for a change."""
        with self.changed:
            yield
            self.changed.notify_all()

    def new_id(self) -> int:
        with self.changed:
            self._last_id += 1
            return self._last_id

    def account(self, login: str) -> Account:
        """Return an account. Raises Problem (404)."""
        if login.lower() not in self.accounts:
            raise not_found()
        return self.accounts[login.lower()]

    def repository(self, full_name: str) -> Repository | None:
        return self.repositories.get(full_name.lower())

    def runs_of(self, full_name: str) -> list[WorkflowRun]:
        """Return the runs of a repository, oldest first."""
        with self.changed:
            return [run for run in self.runs.values() if run.repository == full_name]

    def new_repository(
        self, owner: Account, name: str, *, private: bool = False, description: str | None = None
    ) -> Repository:
        """Make an empty repository. Raises Problem (422) when the name is taken."""
        key = f"{owner.login}/{name}".lower()
        git = BareRepository(self.folder / "git" / f"{key}.git")
        with self.change():
            if key in self.repositories:
                raise creation_failed("name", "name already exists on this account")
            repository = Repository(
                self.new_id(), owner.login, name, private, description, self.clock(), git
            )
            git.create(repository.default_branch)
            self.repositories[key] = repository
        return repository


def digest(text: str) -> str:
    """Return what a token is kept under: its text is not stored."""
    return hashlib.sha256(text.encode()).hexdigest()
