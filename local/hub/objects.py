"""Records as the JSON objects of GitHub's REST API.

`shapes.json` holds every field that GitHub's schemas require, in the form of its own examples,
with words such as %repository% where a name, number or time goes; the rest is laid over it.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from local.hub.bare import Commit
from local.hub.records import Account, PagesBuild, PagesSite, Repository, WorkflowRun
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

    def run(self, full_name: str, run_id: int) -> str:
        return f"{self.server}/{full_name}/actions/runs/{run_id}"

    def shape(self, kind: str, /, **words: object) -> Json:
        """Return a shape with its words filled in; a value that is one word keeps its type."""
        known = {"api": self.api, "server": self.server, **words}
        marked = {f"%{word}%": value for word, value in known.items()}
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


def simple_user(account: Account, links: Links) -> Json:
    words = {"owner": account.login, "id": account.id, "type": account.type}
    return links.shape("user", **words) | {"node_id": f"U_{account.id}"}


def private_user(account: Account, links: Links) -> Json:
    words = {"owner": account.login, "created_at": moment(account.created_at)}
    return simple_user(account, links) | links.shape("private_user", **words)


def minimal_repository(repository: Repository, owner: Account, links: Links) -> Json:
    words = {"repository": repository.full_name, "name": repository.name, "id": repository.id}
    return {
        **links.shape("repository", **words),
        "node_id": f"R_{repository.id}",
        "private": repository.private,
        "description": repository.description,
        "owner": simple_user(owner, links),
    }


def full_repository(repository: Repository, owner: Account, links: Links) -> Json:
    words = {
        "repository": repository.full_name,
        "branch": repository.default_branch,
        "created_at": moment(repository.created_at),
    }
    return {
        **minimal_repository(repository, owner, links),
        **links.shape("full_repository", **words),
        "homepage": repository.homepage,
        "visibility": "private" if repository.private else "public",
        "has_pages": repository.site is not None,
    }


def page(repository: Repository, site: PagesSite, links: Links) -> Json:
    last = site.builds[-1].status if site.builds else None
    return {
        **links.shape("page", repository=repository.full_name),
        "status": "building" if last == "queued" else last,
        "build_type": site.build_type,
        "source": {"branch": site.branch, "path": site.path},
    }


def page_build(repository: Repository, build: PagesBuild, pusher: Account, links: Links) -> Json:
    words = {
        **{"repository": repository.full_name, "id": build.id, "commit": build.commit},
        **{"created_at": moment(build.created_at), "updated_at": moment(build.updated_at)},
    }
    return {
        **links.shape("build", **words),
        "status": build.status,
        "error": {"message": build.error},
        "pusher": simple_user(pusher, links),
        "duration": int((build.updated_at - build.created_at) * 1000),
    }


def workflow_object(
    repository: Repository, workflow: Workflow, links: Links, *, active: bool
) -> Json:
    words = {
        **{"repository": repository.full_name, "id": workflow.id, "path": workflow.path},
        "created_at": moment(repository.created_at),
    }
    return {
        **links.shape("workflow", **words),
        "node_id": f"W_{workflow.id}",
        "name": workflow.name,
        "state": "active" if active else "disabled_manually",
    }


def workflow_run(
    repository: Json, run: WorkflowRun, actor: Account, commit: Commit | None, links: Links
) -> Json:
    """Return a run of `repository`, which is a minimal repository object."""
    words = {
        **{"repository": run.repository, "id": run.id, "workflow": Workflow.id_of(run.workflow)},
        **{"branch": run.branch, "commit": run.head_sha, "event": run.event},
        **{"created_at": moment(run.created_at), "updated_at": moment(run.updated_at)},
    }
    user = simple_user(actor, links)
    return {
        **links.shape("run", **words),
        "node_id": f"WFR_{run.id}",
        **{"name": run.name, "path": run.workflow, "display_title": run.title},
        **{"run_number": run.number, "run_attempt": run.attempt},
        **{"status": run.status, "conclusion": run.conclusion},
        **{"actor": user, "triggering_actor": user},
        "head_commit": simple_commit(commit) if commit else None,
        **{"repository": repository, "head_repository": repository},
    }


def simple_commit(commit: Commit) -> Json:
    person = {"name": commit.author, "email": commit.email}
    return {
        **{"id": commit.sha, "tree_id": commit.tree, "message": commit.message},
        **{"timestamp": commit.date, "author": person, "committer": person},
    }
