"""What the hub knows, in memory: accounts, tokens, repositories, Pages builds, workflow runs."""

import hashlib
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from local.faults import BuildFault
from local.hub.bare import BareRepository
from local.hub.problems import creation_failed, not_found
from local.hub.run_folder import RunFolder
from local.hub.workflows import Workflow

Permissions = dict[str, Literal["read", "write"]]
Conclusion = Literal["success", "failure", "cancelled"]


@dataclass(frozen=True)
class Account:
    """A user or an organization."""

    id: int
    login: str
    type: Literal["User", "Organization"]
    created_at: float
    may_publish_pages: bool = True
    """Whether the members of an organization may publish public Pages sites."""


@dataclass(frozen=True)
class Token:
    """A token: whose resources it opens, and how far.

    `repositories` None means all of the owner's, new ones too; `expires_at` None means never. A
    push with the token of a run starts neither a build of Pages nor a workflow. A classic token
    has `scopes`, which are sent with each answer and never checked.
    """

    owner: str
    user: str
    permissions: Permissions
    repositories: tuple[str, ...] | None = None
    expires_at: float | None = None
    of_run: bool = False
    scopes: tuple[str, ...] = ()

    def covers(self, repository: "Repository") -> bool:
        """Whether the repository is among those that the token was given for."""
        named = self.repositories is None or repository.full_name in self.repositories
        return named and self.owner == repository.owner

    def permits(self, needs: Mapping[str, str]) -> bool:
        """Whether the token has every permission of `needs`; write includes read."""
        return all(self.permissions.get(name) in {"write", level} for name, level in needs.items())


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
    description: str | None
    created_at: float
    git: BareRepository
    default_branch: str = "main"
    secrets: dict[str, str] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    private: bool = False
    disabled: set[str] = field(default_factory=set)
    """Paths of workflows that somebody has disabled."""
    site: PagesSite | None = None
    tips: dict[str, str] = field(default_factory=dict)

    @property
    def full_name(self) -> str:
        return f"{self.owner}/{self.name}"


@dataclass(frozen=True)
class Trigger:
    """What starts a run: the event's name and file, who did it, and the run's title."""

    name: str
    event: dict[str, Any]
    actor: str
    title: str


@dataclass
class WorkflowRun:
    """A workflow at a commit, and how far it has come."""

    id: int
    number: int
    repository: Repository
    workflow: Workflow
    head_sha: str
    branch: str
    trigger: Trigger
    url: str
    folder: RunFolder
    created_at: float
    started_at: float
    """When the last attempt was queued."""
    updated_at: float
    attempt: int = 1
    debug: bool = False
    """Whether debug logging was asked for."""
    status: Literal["queued", "in_progress", "completed"] = "queued"
    conclusion: Conclusion | None = None

    @property
    def title(self) -> str:
        return self.trigger.title

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

    def repository(self, full_name: str) -> Repository:
        """Return a repository. Raises Problem (404)."""
        if full_name.lower() not in self.repositories:
            raise not_found()
        return self.repositories[full_name.lower()]

    def forget(self, repository: Repository) -> None:
        """Drop a repository; its git objects stay on the disk."""
        with self.change():
            del self.repositories[repository.full_name.lower()]

    def runs_of(self, repository: Repository) -> list[WorkflowRun]:
        """Return the runs of a repository, oldest first."""
        with self.changed:
            return [run for run in self.runs.values() if run.repository is repository]

    def new_repository(
        self, owner: Account, name: str, description: str | None = None
    ) -> Repository:
        """Make an empty repository. Raises Problem (422) when the name is taken."""
        key = f"{owner.login}/{name}".lower()
        git = BareRepository(self.folder / "git" / f"{key}.git")
        with self.change():
            if key in self.repositories:
                raise creation_failed("name", "name already exists on this account")
            repository = Repository(
                self.new_id(), owner.login, name, description, self.clock(), git
            )
            git.create(repository.default_branch)
            self.repositories[key] = repository
        return repository


def digest(text: str) -> str:
    """Return what a token is kept under: its text is not stored."""
    return hashlib.sha256(text.encode()).hexdigest()
