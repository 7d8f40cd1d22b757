"""Workflow runs and their jobs as the JSON objects of GitHub's REST API."""

from local.hub.objects import (
    Json,
    Links,
    minimal_repository,
    moment,
    node_id,
    simple_commit,
    simple_user,
)
from local.hub.parts import Parts
from local.hub.records import Repository, RunRecord
from local.hub.workflows import Workflow

RUN_LINKS = {
    "jobs_url": "/jobs",
    "logs_url": "/logs",
    "cancel_url": "/cancel",
    "rerun_url": "/rerun",
    "artifacts_url": "/artifacts",
}


def workflow_run(parts: Parts, repository: Repository, run: RunRecord, links: Links) -> Json:
    url = _address(repository, run, links)
    where = minimal_repository(repository, parts.owner(repository), links)
    commit = parts.git(repository).commit(run.head_sha)
    actor = simple_user(parts.account(run.actor), links)
    workflow = Workflow.id_of(run.workflow)
    return {
        "id": run.id,
        "name": run.name,
        "node_id": node_id("WorkflowRun", run.id),
        "head_branch": run.branch,
        "head_sha": run.head_sha,
        "path": run.workflow,
        "display_title": run.title,
        "run_number": run.number,
        "run_attempt": run.attempt,
        "event": run.event,
        "status": run.status,
        "conclusion": run.conclusion,
        "workflow_id": workflow,
        "check_suite_url": f"{links.repository(repository.full_name)}/check-suites/{run.id}",
        "workflow_url": f"{links.repository(repository.full_name)}/actions/workflows/{workflow}",
        "url": url,
        "html_url": f"{links.server}/{repository.full_name}/actions/runs/{run.id}",
        **{key: url + path for key, path in RUN_LINKS.items()},
        "pull_requests": [],
        "created_at": moment(run.created_at),
        "updated_at": moment(run.updated_at),
        "run_started_at": moment(run.started_at or run.created_at),
        "actor": actor,
        "triggering_actor": actor,
        "head_commit": simple_commit(commit) if commit else None,
        "repository": where,
        "head_repository": where,
    }


def job(repository: Repository, run: RunRecord, name: str, links: Links) -> Json:
    """Return a job of a run; the hub knows its run's state only."""
    api = links.repository(repository.full_name)
    return {
        "id": run.id,
        "run_id": run.id,
        "run_url": _address(repository, run, links),
        "run_attempt": run.attempt,
        "node_id": node_id("CheckRun", run.id),
        "head_sha": run.head_sha,
        "head_branch": run.branch,
        "url": f"{api}/actions/jobs/{run.id}",
        "html_url": f"{links.server}/{repository.full_name}/actions/runs/{run.id}/job/{run.id}",
        "status": run.status,
        "conclusion": run.conclusion,
        "created_at": moment(run.created_at),
        "started_at": moment(run.started_at or run.created_at),
        "completed_at": moment(run.completed_at),
        "name": name,
        "steps": [],
        "check_run_url": f"{api}/check-runs/{run.id}",
        "labels": ["ubuntu-24.04"],
        "runner_id": 1,
        "runner_name": "act",
        "runner_group_id": 1,
        "runner_group_name": "local",
        "workflow_name": run.name,
    }


def _address(repository: Repository, run: RunRecord, links: Links) -> str:
    return f"{links.repository(repository.full_name)}/actions/runs/{run.id}"
