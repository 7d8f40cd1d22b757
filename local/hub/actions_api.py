"""REST: the two calls that start workflows, workflows, their runs, and to run one again."""

import json

from starlette.responses import JSONResponse, Response

from local.hub.objects import (
    Json,
    full_repository,
    simple_user,
    workflow_job,
    workflow_object,
    workflow_run,
)
from local.hub.problems import Problem, invalid, not_found
from local.hub.records import Trigger, WorkflowRun
from local.hub.rest import REPOSITORY, ApiCall, operation
from local.hub.workflows import Workflow, workflows_of

MAX_EVENT_TYPE = 100
MAX_PROPERTIES = 10
MAX_PAYLOAD = 65_535
"""Characters of `event_type`, top-level keys and characters of `client_payload` (GitHub docs)."""
MAX_INPUTS = 25
"""Inputs of a workflow_dispatch (GitHub docs)."""
PAGE = 30
"""Runs that a page lists, of which this hub has one."""
RUNS = f"{REPOSITORY}/actions/runs"
WORKFLOWS = f"{REPOSITORY}/actions/workflows"


@operation("POST", f"{REPOSITORY}/dispatches", contents="write")
def create_repository_dispatch(call: ApiCall) -> Response:
    wanted = call.json()
    kind, payload = _event_type(wanted), _client_payload(wanted)
    branch = call.repository.default_branch
    event = {"action": kind, "branch": branch, "client_payload": payload}
    for workflow in _workflows(call):
        is_enabled = workflow.path not in call.repository.disabled
        if is_enabled and workflow.listens_to_dispatch(kind):
            _start(call, workflow, branch, "repository_dispatch", event, _title(payload) or kind)
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
    payload = _object(wanted, "client_payload", MAX_PROPERTIES)
    if len(json.dumps(payload, ensure_ascii=False, separators=(",", ":"))) > MAX_PAYLOAD:
        raise Problem(422, "client_payload is too large.")
    return payload


def _object(wanted: Json, name: str, most: int) -> Json:
    """Return the object of that name, with `most` fields at the most. Raises Problem (422)."""
    given = wanted.get(name) or {}
    if not isinstance(given, dict):
        raise invalid(f"For 'properties/{name}', it is not an object.")
    if len(given) > most:
        raise invalid(f"No more than {most} properties are allowed; {len(given)} were supplied.")
    return given


def _title(payload: Json) -> str:
    """Return the run's name, as `run-name` of build.yml makes it of a task."""
    words = (
        payload.get("task"),
        payload.get("round") and f"round {payload['round']}",
        payload.get("id") and f"({payload['id']})",
    )
    return " ".join(str(word) for word in words if word)


def _workflows(call: ApiCall, branch: str | None = None) -> list[Workflow]:
    """Return the workflows of a branch, the default one if not said."""
    git = call.repository.git
    commit = call.repository.tips.get(branch or call.repository.default_branch)
    return workflows_of(git, commit) if commit else []


def _start(
    call: ApiCall, workflow: Workflow, branch: str, name: str, event: Json, title: str
) -> WorkflowRun | None:
    about = {
        "repository": full_repository(call.repository, call.owner, call.at),
        "sender": simple_user(call.actor, call.at),
    }
    trigger = Trigger(name, event | about, call.actor.login, title)
    return call.backend.runs.start(call.repository, workflow, branch, trigger)


@operation("GET", WORKFLOWS, public=True)
def list_workflows(call: ApiCall) -> Response:
    enabled, disabled = call.backend.runs.enabled, call.repository.disabled
    found = [
        workflow_object(
            call.repository, workflow, call.at, active=enabled and workflow.path not in disabled
        )
        for workflow in _workflows(call)
    ]
    return JSONResponse({"total_count": len(found), "workflows": found})


@operation("POST", f"{WORKFLOWS}/{{workflow_id}}/dispatches", actions="write")
def create_workflow_dispatch(call: ApiCall) -> Response:
    wanted = call.json()
    branch = str(wanted.get("ref")).removeprefix("refs/heads/")
    if branch not in call.repository.tips:
        raise Problem(422, f"No ref found for: {wanted.get('ref')}")
    workflow = workflow_at(call, branch)
    if "workflow_dispatch" not in workflow.triggers:
        raise Problem(422, "Workflow does not have 'workflow_dispatch' trigger")
    inputs = _inputs(workflow, _object(wanted, "inputs", MAX_INPUTS))
    event = {"inputs": inputs, "ref": f"refs/heads/{branch}", "workflow": workflow.path}
    if _start(call, workflow, branch, "workflow_dispatch", event, workflow.name) is None:
        raise Problem(422, "Cannot trigger a 'workflow_dispatch' on a disabled workflow")
    return Response(status_code=204)


def workflow_at(call: ApiCall, branch: str) -> Workflow:
    """Return the workflow of the path, by file name or id. Raises Problem (404)."""
    wanted = call.argument("workflow_id")
    for workflow in _workflows(call, branch):
        if wanted in {workflow.file, str(workflow.id)}:
            return workflow
    raise not_found()


def _inputs(workflow: Workflow, given: Json) -> dict[str, str]:
    """Return the inputs with the defaults. Raises Problem (422)."""
    declared = workflow.inputs()
    unexpected = [name for name in given if name not in declared]
    if unexpected:
        raise Problem(422, f"Unexpected inputs provided: {json.dumps(unexpected)}")
    defaults = {name: about["default"] for name, about in declared.items() if "default" in about}
    inputs = {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in (defaults | given).items()
    }
    for name, about in declared.items():
        if about.get("required") == "true" and not inputs.get(name):
            raise Problem(422, f"Required input '{name}' not provided")
    return inputs


@operation("GET", RUNS, public=True)
def list_runs(call: ApiCall) -> Response:
    sha, account = call.request.query_params.get("head_sha"), call.store.account
    runs = [
        workflow_run(run, call.owner, account(run.trigger.actor), call.at)
        for run in reversed(call.store.runs_of(call.repository))
        if sha in {None, run.head_sha}
    ]
    return JSONResponse({"total_count": len(runs), "workflow_runs": runs[:PAGE]})


@operation("GET", f"{RUNS}/{{run_id}}", public=True)
def get_run(call: ApiCall) -> Response:
    run = run_of(call)
    actor = call.store.account(run.trigger.actor)
    return JSONResponse(workflow_run(run, call.owner, actor, call.at))


@operation("GET", f"{RUNS}/{{run_id}}/jobs", public=True)
def list_jobs(call: ApiCall) -> Response:
    return JSONResponse({"total_count": 1, "jobs": [workflow_job(run_of(call), call.at)]})


@operation("POST", f"{RUNS}/{{run_id}}/rerun", actions="write")
def rerun(call: ApiCall) -> Response:
    run = _rerunnable(call)
    call.backend.runs.rerun(run, debug=bool(call.json().get("enable_debug_logging")))
    return JSONResponse({}, 201)


@operation("POST", f"{RUNS}/{{run_id}}/rerun-failed-jobs", actions="write")
def rerun_failed_jobs(call: ApiCall) -> Response:
    run = _rerunnable(call)
    if run.conclusion == "success":
        raise Problem(403, "This workflow run has no failed jobs to re-run")
    call.backend.runs.rerun(run)
    return JSONResponse({}, 201)


def run_of(call: ApiCall) -> WorkflowRun:
    """Return the run of the path. Raises Problem (404)."""
    runs = call.store.runs_of(call.repository)
    run = next((run for run in runs if str(run.id) == call.argument("run_id")), None)
    if run is None:
        raise not_found()
    return run


def _rerunnable(call: ApiCall) -> WorkflowRun:
    """Return the run of the path, which is over. Raises Problem (403, 404)."""
    run = run_of(call)
    if run.status != "completed":
        raise Problem(403, "This workflow is already running")
    return run
