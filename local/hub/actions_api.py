"""REST: the two calls that start workflows, workflows, their runs, and how to run one again."""

import json
from typing import Any

from starlette.responses import JSONResponse, Response

from local.hub.objects import (
    Json,
    full_repository,
    job_object,
    minimal_repository,
    simple_user,
    workflow_object,
    workflow_run,
)
from local.hub.problems import Problem, invalid, not_found
from local.hub.records import RunRecord
from local.hub.rest import REPOSITORY, ApiCall, operation
from local.hub.workflows import Workflow, workflows_of

MAX_EVENT_TYPE = 100
MAX_PROPERTIES = 10
MAX_PAYLOAD = 65_535
"""Characters of `event_type`, top-level keys and characters of `client_payload` (GitHub docs)."""
MAX_INPUTS = 25
"""Inputs of a workflow_dispatch (GitHub docs)."""
PAGE = 30
MAX_ATTEMPTS = 51
"""Runs that a page lists, of which this hub has one; a run and its 50 re-runs (GitHub docs)."""
RUNS = f"{REPOSITORY}/actions/runs"
WORKFLOW = f"{REPOSITORY}/actions/workflows/{{workflow_id}}"


@operation("POST", f"{REPOSITORY}/dispatches", contents="write")
def create_repository_dispatch(call: ApiCall) -> Response:
    wanted = call.json()
    kind, payload = _event_type(wanted), _client_payload(wanted)
    branch, event_name = call.repository.default_branch, "repository_dispatch"
    event = {"action": kind, "branch": branch, "client_payload": payload, **_where_and_who(call)}
    commit = call.git.branches().get(branch)
    for workflow in workflows_of(call.git, commit) if commit else []:
        if commit and workflow.listens_to(event_name, kind):
            start, title = call.backend.runs.start, _title(payload) or kind
            login = call.actor.login
            start(call.repository, workflow, commit, event_name, event, login, title=title)
    return Response(status_code=204)


def _event_type(wanted: Json) -> str:
    """Raises Problem (422)."""
    kind = wanted.get("event_type")
    if kind is None:
        raise invalid('"event_type" wasn\'t supplied.')
    if not isinstance(kind, str):
        raise invalid(f"For 'properties/event_type', {json.dumps(kind)} is not a string.")
    if not 1 <= len(kind) <= MAX_EVENT_TYPE:
        raise invalid(f"event_type must have 1 to {MAX_EVENT_TYPE} characters.")
    return kind


def _client_payload(wanted: Json) -> Json:
    """Raises Problem (422)."""
    payload = wanted.get("client_payload") or {}
    if not isinstance(payload, dict):
        raise invalid("For 'properties/client_payload', it is not an object.")
    _limit(payload, MAX_PROPERTIES)
    if len(json.dumps(payload, ensure_ascii=False, separators=(",", ":"))) > MAX_PAYLOAD:
        raise Problem(422, "client_payload is too large.")
    return payload


def _limit(given: Json, most: int) -> None:
    """Raises Problem (422)."""
    if len(given) > most:
        raise invalid(f"No more than {most} properties are allowed; {len(given)} were supplied.")


def _title(payload: Json) -> str:
    """Return the run's name, as `run-name` of build.yml makes it of a task."""
    words = (payload.get("task"), payload.get("round") and f"round {payload['round']}")
    return " ".join(str(word) for word in words if word)


def _where_and_who(call: ApiCall) -> Json:
    return {
        "repository": full_repository(call.repository, call.owner, call.links),
        "sender": simple_user(call.actor, call.links),
    }


@operation("GET", f"{REPOSITORY}/actions/workflows", public=True, actions="read")
def list_workflows(call: ApiCall) -> Response:
    commit = call.git.branches().get(call.repository.default_branch)
    active = call.backend.runs.enabled
    found = [
        workflow_object(call.repository, workflow, call.links, active=active)
        for workflow in (workflows_of(call.git, commit) if commit else [])
    ]
    return JSONResponse({"total_count": len(found), "workflows": found})


@operation("POST", f"{WORKFLOW}/dispatches", actions="write")
def create_workflow_dispatch(call: ApiCall) -> Response:
    wanted = call.json()
    branch, commit = _ref(call, wanted.get("ref"))
    workflow = _workflow(call, commit)
    if "workflow_dispatch" not in workflow.triggers:
        raise Problem(422, "Workflow does not have 'workflow_dispatch' trigger")
    inputs = _inputs(workflow, wanted.get("inputs") or {})
    about = {"inputs": inputs, "ref": f"refs/heads/{branch}", "workflow": workflow.path}
    run = call.backend.runs.start(
        call.repository,
        workflow,
        commit,
        "workflow_dispatch",
        about | _where_and_who(call),
        call.actor.login,
        branch=branch,
    )
    if run is None:
        raise Problem(422, "Cannot trigger a 'workflow_dispatch' on a disabled workflow")
    if not wanted.get("return_run_details"):
        return Response(status_code=204)
    urls = {"run_url": f"{call.url}/actions/runs/{run.id}", "html_url": call.links.run(run)}
    return JSONResponse({"workflow_run_id": run.id, **urls})


def _ref(call: ApiCall, wanted: Any) -> tuple[str, str]:
    """Return branch and commit. Raises Problem (422)."""
    if not isinstance(wanted, str):
        raise invalid('"ref" wasn\'t supplied.')
    branch = wanted.removeprefix("refs/heads/")
    commit = call.git.branches().get(branch)
    if commit is None:
        raise Problem(422, f"No ref found for: {wanted}")
    return branch, commit


def _workflow(call: ApiCall, commit: str) -> Workflow:
    """Return the workflow of the path, by file name or id. Raises Problem (404)."""
    wanted = call.argument("workflow_id")
    for workflow in workflows_of(call.git, commit) if commit else []:
        if wanted in {workflow.file, str(workflow.id)}:
            return workflow
    raise not_found()


def _inputs(workflow: Workflow, given: Any) -> dict[str, str]:
    """Return the inputs with the defaults. Raises Problem (422)."""
    if not isinstance(given, dict):
        raise invalid("For 'properties/inputs', it is not an object.")
    _limit(given, MAX_INPUTS)
    declared = workflow.inputs()
    unexpected = [name for name in given if name not in declared]
    if unexpected:
        raise Problem(422, f"Unexpected inputs provided: {json.dumps(unexpected)}")
    defaults = {name: about["default"] for name, about in declared.items() if "default" in about}
    inputs = {name: _as_text(value) for name, value in (defaults | given).items()}
    for name, about in declared.items():
        if about.get("required") == "true" and not inputs.get(name):
            raise Problem(422, f"Required input '{name}' not provided")
    return inputs


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


@operation("GET", RUNS, public=True, actions="read")
def list_runs(call: ApiCall) -> Response:
    sha = call.request.query_params.get("head_sha")
    runs = [
        _run_object(call, run)
        for run in reversed(call.store.runs(call.repository.full_name))
        if sha in {None, run.head_sha}
    ]
    return JSONResponse({"total_count": len(runs), "workflow_runs": runs[:PAGE]})


@operation("GET", f"{RUNS}/{{run_id}}", public=True, actions="read")
def get_run(call: ApiCall) -> Response:
    return JSONResponse(_run_object(call, _run(call)))


def _run_object(call: ApiCall, run: RunRecord) -> Json:
    where = minimal_repository(call.repository, call.owner, call.links)
    commit, actor = call.git.commit(run.head_sha), call.store.account(run.actor)
    return workflow_run(where, run, actor, commit, call.links)


@operation("GET", f"{RUNS}/{{run_id}}/jobs", public=True, actions="read")
def list_jobs(call: ApiCall) -> Response:
    run = _run(call)
    flows = workflows_of(call.git, run.head_sha)
    names = [name for flow in flows if flow.path == run.workflow for name in flow.jobs]
    jobs = [job_object(run, name, call.links) for name in names]
    return JSONResponse({"total_count": len(jobs), "jobs": jobs})


@operation("POST", f"{RUNS}/{{run_id}}/rerun", actions="write")
def rerun(call: ApiCall) -> Response:
    call.backend.runs.rerun(_rerunnable(call), all_jobs=True)
    return JSONResponse({}, 201)


@operation("POST", f"{RUNS}/{{run_id}}/rerun-failed-jobs", actions="write")
def rerun_failed_jobs(call: ApiCall) -> Response:
    run = _rerunnable(call)
    if run.conclusion == "success":
        raise Problem(403, "This workflow run has no failed jobs to re-run")
    call.backend.runs.rerun(run, all_jobs=False)
    return JSONResponse({}, 201)


def _rerunnable(call: ApiCall) -> RunRecord:
    """Raises Problem (403)."""
    run = _run(call)
    if run.status != "completed":
        raise Problem(403, "This workflow is already running")
    if run.attempt >= MAX_ATTEMPTS:
        raise Problem(403, "Unable to re-run this workflow run because it was re-run too often")
    return run


def _run(call: ApiCall) -> RunRecord:
    """Return the run of the path. Raises Problem (404)."""
    number = call.argument("run_id")
    run = call.store.run(int(number)) if number.isdecimal() else None
    if run is None or run.repository != call.repository.full_name:
        raise not_found()
    return run
