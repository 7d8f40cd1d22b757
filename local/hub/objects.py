"""Records as the JSON objects of GitHub's REST API.

`shapes.json` holds every field that GitHub's schemas require, in the form of its own examples,
with words such as %repository% where a value goes; what a record knows is laid over it.
"""

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from local.hub.bare import Commit
from local.hub.records import Account, PagesBuild, PagesSite, Repository, RunRecord
from local.hub.workflows import Workflow

Json = dict[str, Any]
SHAPES: dict[str, Json] = json.loads(Path(__file__).with_name("shapes.json").read_bytes())


@dataclass(frozen=True)
class Links:
    """The addresses of one hub, as GITHUB_SERVER_URL and GITHUB_API_URL name them."""

    server: str

    @property
    def api(self) -> str:
        return f"{self.server}/api/v3"

    @property
    def pages(self) -> str:
        return f"{self.server}/pages"

    def repository(self, full_name: str) -> str:
        return f"{self.api}/repos/{full_name}"

    def clone(self, full_name: str) -> str:
        return f"{self.server}/{full_name}.git"

    def site(self, full_name: str) -> str:
        return f"{self.pages}/{full_name}/"

    def run(self, run: RunRecord) -> str:
        return f"{self.server}/{run.repository}/actions/runs/{run.id}"

    def shape(self, name: str, **words: object) -> Json:
        """Return a shape with its words filled in; they are names and numbers."""
        text = json.dumps(SHAPES[name])
        for word, value in {"api": self.api, "server": self.server, **words}.items():
            text = text.replace(f"%{word}%", str(value))
        filled: Json = json.loads(text)
        return filled


def moment(seconds: float | None) -> str | None:
    """Return seconds since the epoch as GitHub writes times."""
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def node_id(kind: str, number: int) -> str:
    return base64.b64encode(f"{kind}{number}".encode()).decode()


def simple_user(account: Account, links: Links) -> Json:
    return {
        **links.shape("user", owner=account.login),
        "id": account.id,
        "node_id": node_id(account.type, account.id),
        "type": account.type,
    }


def public_user(account: Account, links: Links, repositories: int) -> Json:
    return {
        **simple_user(account, links),
        **links.shape("profile", owner=account.login),
        "public_repos": repositories,
        "created_at": moment(account.created_at),
        "updated_at": moment(account.created_at),
    }


def private_user(account: Account, links: Links, repositories: int) -> Json:
    return public_user(account, links, repositories) | links.shape("account")


def minimal_repository(repository: Repository, owner: Account, links: Links) -> Json:
    return {
        **links.shape("repository", repository=repository.full_name),
        **repository.model_dump(include={"id", "name", "private", "description"}),
        "node_id": node_id("Repository", repository.id),
        "owner": simple_user(owner, links),
    }


def full_repository(repository: Repository, owner: Account, links: Links) -> Json:
    return {
        **minimal_repository(repository, owner, links),
        **links.shape("full_repository", repository=repository.full_name),
        **repository.model_dump(include={"homepage", "default_branch"}),
        "visibility": "private" if repository.private else "public",
        "has_pages": repository.site is not None,
        "pushed_at": moment(repository.pushed_at),
        "created_at": moment(repository.created_at),
        "updated_at": moment(repository.updated_at),
    }


def page(repository: Repository, site: PagesSite, links: Links) -> Json:
    builds = [build.status for build in site.builds]
    status = "building" if builds[-1:] == ["queued"] else builds[-1] if builds else None
    return {
        "url": f"{links.repository(repository.full_name)}/pages",
        "status": status,
        "html_url": links.site(repository.full_name),
        "build_type": site.build_type,
        "source": {"branch": site.branch, "path": site.path},
        **{"cname": None, "custom_404": False, "public": True, "https_enforced": True},
    }


def page_build(repository: Repository, build: PagesBuild, pusher: Account, links: Links) -> Json:
    return {
        "url": f"{links.repository(repository.full_name)}/pages/builds/{build.id}",
        "status": build.status,
        "error": {"message": build.error},
        "pusher": simple_user(pusher, links),
        "commit": build.commit,
        "duration": int((build.updated_at - build.created_at) * 1000) if build.finished else 0,
        "created_at": moment(build.created_at),
        "updated_at": moment(build.updated_at),
    }


def workflow_object(
    repository: Repository, workflow: Workflow, links: Links, *, active: bool
) -> Json:
    words = {"repository": repository.full_name, "workflow": workflow.id, "path": workflow.path}
    return {
        **links.shape("workflow", **words),
        **{"id": workflow.id, "name": workflow.name, "path": workflow.path},
        "node_id": node_id("Workflow", workflow.id),
        "state": "active" if active else "disabled_manually",
        "created_at": moment(repository.created_at),
        "updated_at": moment(repository.updated_at),
    }


def workflow_run(
    repository: Json, run: RunRecord, actor: Account, commit: Commit | None, links: Links
) -> Json:
    """Return a run of `repository`, which is a minimal repository object."""
    workflow = Workflow.id_of(run.workflow)
    words = {"repository": run.repository, "run": run.id, "workflow": workflow}
    user = simple_user(actor, links)
    return {
        **links.shape("run", **words),
        **_shared_by_run_and_job(run, "WorkflowRun"),
        **run.model_dump(include={"name", "event"}),
        "path": run.workflow,
        "display_title": run.title,
        "run_number": run.number,
        "workflow_id": workflow,
        "updated_at": moment(run.updated_at),
        "run_started_at": moment(run.started_at or run.created_at),
        "actor": user,
        "triggering_actor": user,
        "head_commit": simple_commit(commit) if commit else None,
        "repository": repository,
        "head_repository": repository,
    }


def job_object(run: RunRecord, name: str, links: Links) -> Json:
    """Return a job of a run; the hub knows its run's state only, and no step."""
    return {
        **links.shape("job", repository=run.repository, run=run.id),
        **_shared_by_run_and_job(run, "CheckRun"),
        "run_id": run.id,
        "started_at": moment(run.started_at or run.created_at),
        "completed_at": moment(run.completed_at),
        "name": name,
        "workflow_name": run.name,
    }


def _shared_by_run_and_job(run: RunRecord, kind: str) -> Json:
    return {
        **run.model_dump(include={"id", "head_sha", "status", "conclusion"}),
        "node_id": node_id(kind, run.id),
        "head_branch": run.branch,
        "run_attempt": run.attempt,
        "created_at": moment(run.created_at),
    }


def simple_commit(commit: Commit) -> Json:
    person = {"name": commit.author, "email": commit.email}
    return {
        "id": commit.sha,
        "tree_id": commit.tree,
        "message": commit.message,
        "timestamp": commit.date,
        "author": person,
        "committer": person,
    }
