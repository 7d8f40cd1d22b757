"""What the hub knows: accounts, tokens, repositories, Pages builds and workflow runs."""

import hashlib
import os
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field

from local.faults import BuildFault

Permissions = dict[str, Literal["read", "write"]]


class Account(BaseModel):
    """A user or an organization."""

    id: int
    login: str
    type: Literal["User", "Organization"]
    created_at: float


class Token(BaseModel):
    """A fine-grained token: whose resources it opens, and how far.

    Kept under the SHA-256 of its text. `repositories` None means all of the owner's, new ones too.
    """

    owner: str
    user: str
    permissions: Permissions
    repositories: list[str] | None = None
    of_run: int | None = None


class PagesBuild(BaseModel):
    """One build of a Pages site; times in seconds since the epoch."""

    id: int
    commit: str
    pusher: str
    status: Literal["queued", "building", "built", "errored"] = "queued"
    created_at: float
    updated_at: float
    ready_at: float
    error: str | None = None
    fault: BuildFault | None = None

    @property
    def finished(self) -> bool:
        return self.status in {"built", "errored"}

    def fail(self, error: str, now: float) -> None:
        self.status, self.error, self.updated_at = "errored", error, now


class PagesSite(BaseModel):
    """The Pages settings of a repository, its builds, and what is being served.

    `deployed` is a commit; where a workflow deploys, it is the tree that its run handed over.
    """

    build_type: Literal["legacy", "workflow"]
    branch: str
    path: Literal["/", "/docs"]
    builds: list[PagesBuild] = Field(default_factory=list)
    deployed: str | None = None
    deployed_at: float = 0


class Repository(BaseModel):
    """A repository less its git objects."""

    id: int
    owner: str
    name: str
    default_branch: str
    created_at: float
    updated_at: float
    pushed_at: float
    private: bool = False
    description: str | None = None
    homepage: str | None = None
    secrets: dict[str, str] = Field(default_factory=dict)
    variables: dict[str, str] = Field(default_factory=dict)
    site: PagesSite | None = None

    @property
    def full_name(self) -> str:
        return f"{self.owner}/{self.name}"


class RunRecord(BaseModel):
    """A workflow run; `title` and `actor` as GitHub shows them."""

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
    created_at: float
    updated_at: float
    attempt: int = 1
    started_at: float | None = None
    completed_at: float | None = None
    status: Literal["queued", "in_progress", "completed"] = "queued"
    conclusion: Literal["success", "failure", "cancelled"] | None = None


class Records(BaseModel):
    """Everything, by lower-case name, digest or id."""

    last_id: int = 0
    accounts: dict[str, Account] = Field(default_factory=dict)
    tokens: dict[str, Token] = Field(default_factory=dict)
    repositories: dict[str, Repository] = Field(default_factory=dict)
    runs: dict[int, RunRecord] = Field(default_factory=dict)


def digest(text: str) -> str:
    """Return what a token is kept under: its text is not stored."""
    return hashlib.sha256(text.encode()).hexdigest()


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
