"""Records as the JSON objects of GitHub's REST API.

`shapes.json` holds every field that GitHub's schemas require, in the form of its own examples,
with words such as %repository% where a name, number or time goes; the rest is laid over it.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from starlette.requests import Request

from local.hub.act_log import steps_of
from local.hub.bare import Commit
from local.hub.records import Account, PagesBuild, PagesSite, Repository, WorkflowRun
from local.hub.workflows import Workflow

Json = dict[str, Any]
SHAPES: dict[str, Json] = json.loads(Path(__file__).with_name("shapes.json").read_bytes())


@dataclass(frozen=True)
class Addresses:
    """Where a hub is served: what GITHUB_SERVER_URL and GITHUB_API_URL hold, and the sites."""

    server_url: str

    @property
    def api_url(self) -> str:
        return f"{self.server_url}/api/v3"

    @property
    def pages_url(self) -> str:
        return f"{self.server_url}/pages"

    @classmethod
    def of(cls, request: Request) -> Self:
        return cls(str(request.base_url).rstrip("/"))

    def repository(self, full_name: str) -> str:
        return f"{self.api_url}/repos/{full_name}"

    def clone(self, full_name: str) -> str:
        return f"{self.server_url}/{full_name}.git"

    def site(self, full_name: str) -> str:
        return f"{self.pages_url}/{full_name}/"

    def run(self, full_name: str, run_id: int) -> str:
        return f"{self.server_url}/{full_name}/actions/runs/{run_id}"

    def shape(self, kind: str, record: object, /, **words: object) -> Json:
        """Return a shape with its words filled in: the fields of a record, and more.

        A value that is one word keeps its type; times are written as GitHub does.
        """
        known: Json = {"api": self.api_url, "server": self.server_url, **vars(record), **words}
        marked = {
            f"%{word}%": moment(value) if word.endswith("_at") else value
            for word, value in known.items()
        }
        return {field: _filled(value, marked) for field, value in SHAPES[kind].items()}


def _filled(value: Any, words: Json) -> Any:
    if not isinstance(value, str):
        return value
    if value in words:
        return words[value]
    for word, known in words.items():
        value = value.replace(word, str(known))
    return value


def moment(seconds: float) -> str:
    """Return seconds since the epoch as GitHub writes times."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def simple_user(account: Account, at: Addresses) -> Json:
    return at.shape("user", account)


def private_user(account: Account, at: Addresses) -> Json:
    return at.shape("user", account) | at.shape("private_user", account)


def minimal_repository(repository: Repository, owner: Account, at: Addresses) -> Json:
    words = {"repository": repository.full_name, "owner": simple_user(owner, at)}
    return at.shape("repository", repository, **words)


def full_repository(repository: Repository, owner: Account, at: Addresses) -> Json:
    words = {"repository": repository.full_name, "has_pages": repository.site is not None}
    more = at.shape("full_repository", repository, **words)
    return minimal_repository(repository, owner, at) | more


def page(repository: Repository, site: PagesSite, at: Addresses) -> Json:
    last = site.builds[-1].status if site.builds else None
    status = "building" if last == "queued" else last
    source = {"branch": site.branch, "path": site.path}
    return at.shape("page", site, repository=repository.full_name, status=status, source=source)


def page_build(repository: Repository, build: PagesBuild, pusher: Account, at: Addresses) -> Json:
    return at.shape(
        "build",
        build,
        repository=repository.full_name,
        error={"message": build.error},
        pusher=simple_user(pusher, at),
        duration=int((build.updated_at - build.created_at) * 1000),
    )


def workflow_object(
    repository: Repository, workflow: Workflow, at: Addresses, *, active: bool
) -> Json:
    return at.shape(
        "workflow",
        workflow,
        repository=repository.full_name,
        id=workflow.id,
        created_at=repository.created_at,
        state="active" if active else "disabled_manually",
    )


def workflow_run(run: WorkflowRun, owner: Account, actor: Account, at: Addresses) -> Json:
    commit = run.repository.git.commit(run.head_sha)
    return at.shape(
        "run",
        run,
        repository=run.repository.full_name,
        workflow=run.workflow.id,
        name=run.workflow.name,
        path=run.workflow.path,
        title=run.title,
        event=run.trigger.name,
        actor=simple_user(actor, at),
        head_commit=simple_commit(commit) if commit else None,
        where=minimal_repository(run.repository, owner, at),
    )


def workflow_job(run: WorkflowRun, at: Addresses) -> Json:
    """Describe all jobs of a run as one; act logs the order of its steps, not their times."""
    steps = [
        {
            "name": step.name,
            "number": number,
            "status": "completed" if step.conclusion else "in_progress",
            "conclusion": step.conclusion,
        }
        for number, step in enumerate(steps_of(run.folder.read_log()), start=1)
    ]
    ended = moment(run.updated_at) if run.conclusion else None
    words = {"repository": run.repository.full_name, "name": run.workflow.name}
    return at.shape("job", run, **words, completed=ended, steps=steps)


def simple_commit(commit: Commit) -> Json:
    person = {"name": commit.author, "email": commit.email}
    return {
        **{"id": commit.sha, "tree_id": commit.tree, "message": commit.message},
        **{"timestamp": commit.date, "author": person, "committer": person},
    }
