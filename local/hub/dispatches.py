"""REST: the two calls that start workflows."""

import json
from typing import Any

from starlette.responses import JSONResponse, Response

from local.hub.objects import Json, full_repository, simple_user
from local.hub.problems import Problem, invalid, not_found
from local.hub.records import RunRecord
from local.hub.rest import Call, Operation
from local.hub.workflows import Workflow, workflows_of

MAX_EVENT_TYPE = 100
MAX_PROPERTIES = 10
MAX_PAYLOAD = 65_535
"""Characters of `event_type`, top-level keys and characters of `client_payload` (GitHub docs)."""
MAX_INPUTS = 25
"""Inputs of a workflow_dispatch (GitHub docs)."""


def create_repository_dispatch(call: Call) -> Response:
    wanted = call.json()
    kind, payload = _event_type(wanted), _client_payload(wanted)
    repository, runs = call.repository, call.parts.runs
    event = {
        "action": kind,
        "branch": repository.default_branch,
        "client_payload": payload,
        **_where_and_who(call),
    }
    commit = call.parts.git(repository).branches().get(repository.default_branch)
    for workflow in runs.listening(repository, "repository_dispatch", kind):
        if commit:
            runs.start(repository, workflow, commit, "repository_dispatch", event, call.actor.login)
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
    if len(payload) > MAX_PROPERTIES:
        raise invalid(
            f"No more than {MAX_PROPERTIES} properties are allowed; {len(payload)} were supplied."
        )
    if len(json.dumps(payload, ensure_ascii=False, separators=(",", ":"))) > MAX_PAYLOAD:
        raise Problem(422, "client_payload is too large.")
    return payload


def _where_and_who(call: Call) -> Json:
    owner = call.parts.owner(call.repository)
    return {
        "repository": full_repository(call.repository, owner, call.links),
        "sender": simple_user(call.actor, call.links),
    }


def create_workflow_dispatch(call: Call) -> Response:
    wanted = call.json()
    branch, commit = _ref(call, wanted.get("ref"))
    workflow = _workflow(call, commit)
    inputs = _inputs(workflow, wanted.get("inputs") or {})
    event = {
        "inputs": inputs,
        "ref": f"refs/heads/{branch}",
        "workflow": workflow.path,
        **_where_and_who(call),
    }
    run = call.parts.runs.start(
        call.repository,
        workflow,
        commit,
        "workflow_dispatch",
        event,
        call.actor.login,
        branch=branch,
    )
    if not wanted.get("return_run_details"):
        return Response(status_code=204)
    return JSONResponse(_details(call, run))


def _details(call: Call, run: RunRecord) -> Json:
    name = call.repository.full_name
    return {
        "workflow_run_id": run.id,
        "run_url": f"{call.links.repository(name)}/actions/runs/{run.id}",
        "html_url": f"{call.links.server}/{name}/actions/runs/{run.id}",
    }


def _ref(call: Call, wanted: Any) -> tuple[str, str]:
    """Return branch and commit. Raises Problem (422)."""
    if not isinstance(wanted, str):
        raise invalid('"ref" wasn\'t supplied.')
    branch = wanted.removeprefix("refs/heads/")
    commit = call.parts.git(call.repository).branches().get(branch)
    if commit is None:
        raise Problem(422, f"No ref found for: {wanted}")
    return branch, commit


def _workflow(call: Call, commit: str) -> Workflow:
    """Return the workflow of the path, by file name or id. Raises Problem (404, 422)."""
    wanted = call.argument("workflow_id")
    for workflow in workflows_of(call.parts.git(call.repository), commit):
        if wanted in {workflow.file, str(workflow.id)}:
            if "workflow_dispatch" not in workflow.triggers:
                raise Problem(422, "Workflow does not have 'workflow_dispatch' trigger")
            return workflow
    raise not_found()


def _inputs(workflow: Workflow, given: Any) -> dict[str, str]:
    """Return the inputs with the defaults. Raises Problem (422)."""
    if not isinstance(given, dict):
        raise invalid("For 'properties/inputs', it is not an object.")
    if len(given) > MAX_INPUTS:
        raise invalid(
            f"No more than {MAX_INPUTS} properties are allowed; {len(given)} were supplied."
        )
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


OPERATIONS = (
    Operation(
        "POST",
        "/repos/{owner}/{repo}/dispatches",
        create_repository_dispatch,
        "repos/repos#create-a-repository-dispatch-event",
        {"contents": "write"},
    ),
    Operation(
        "POST",
        "/repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches",
        create_workflow_dispatch,
        "actions/workflows#create-a-workflow-dispatch-event",
        {"actions": "write"},
    ),
)
