"""REST: workflow runs, their logs, and how to run one again."""

import io
import zipfile

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from local.hub.parts import Parts
from local.hub.problems import Problem, not_found
from local.hub.records import RunRecord
from local.hub.rest import Call, Operation
from local.hub.run_objects import job, workflow_run
from local.hub.workflows import workflows_of

MAX_PAGE = 100
MAX_ATTEMPTS = 51
"""Runs that one page may list; a run and its 50 re-runs (GitHub docs)."""


def list_runs(call: Call) -> Response:
    query = call.request.query_params
    runs = [
        run
        for run in reversed(call.parts.store.runs(call.repository.full_name))
        if query.get("event") in {None, run.event}
        and query.get("status") in {None, run.status, run.conclusion}
        and query.get("head_sha") in {None, run.head_sha}
    ]
    size = min(_count(query.get("per_page"), 30), MAX_PAGE)
    first = (_count(query.get("page"), 1) - 1) * size
    shown = [
        workflow_run(call.parts, call.repository, run, call.links)
        for run in runs[first : first + size]
    ]
    return JSONResponse({"total_count": len(runs), "workflow_runs": shown})


def _count(text: str | None, default: int) -> int:
    return int(text) if text and text.isdecimal() and int(text) > 0 else default


def get_run(call: Call) -> Response:
    return JSONResponse(workflow_run(call.parts, call.repository, _run(call), call.links))


def list_jobs(call: Call) -> Response:
    run = _run(call)
    workflows = workflows_of(call.parts.git(call.repository), run.head_sha)
    names = [name for flow in workflows if flow.path == run.workflow for name in flow.jobs]
    jobs = [job(call.repository, run, name, call.links) for name in names]
    return JSONResponse({"total_count": len(jobs), "jobs": jobs})


def get_logs(call: Call) -> Response:
    """Point to the archive; like GitHub's its address is open to who has it, for a minute."""
    key = call.parts.downloads.offer(str(_run(call).id))
    return RedirectResponse(f"{call.links.server}/downloads/{key}/logs.zip", 302)


def download_route(parts: Parts) -> Route:
    """Return the route of the addresses that `get_logs` gives."""

    def download(request: Request) -> Response:
        run_id = parts.downloads.find(request.path_params["key"])
        if run_id is None:
            return Response(status_code=404)
        return Response(_archive(parts.runs.log(int(run_id))), media_type="application/zip")

    return Route("/downloads/{key}/logs.zip", download)


def _archive(log: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("0_run.txt", log)
    return packed.getvalue()


def rerun(call: Call) -> Response:
    run = _run(call)
    if run.status != "completed":
        raise Problem(403, "This workflow is already running")
    if run.attempt >= MAX_ATTEMPTS:
        raise Problem(403, "Unable to re-run this workflow run because it was re-run too often")
    call.parts.runs.rerun(run)
    return JSONResponse({}, 201)


def cancel(call: Call) -> Response:
    run = _run(call)
    if run.status == "completed":
        raise Problem(409, "Cannot cancel a workflow run that is completed.")
    call.parts.runs.cancel(run)
    return JSONResponse({}, 202)


def _run(call: Call) -> RunRecord:
    """Return the run of the path. Raises Problem (404)."""
    run = call.parts.store.run(call.number("run_id"))
    if run is None or run.repository != call.repository.full_name:
        raise not_found()
    return run


RUNS = "/repos/{owner}/{repo}/actions/runs"
READ = {"actions": "read"}
WRITE = {"actions": "write"}
DOCS = "actions/workflow-runs"
OPERATIONS = (
    Operation("GET", RUNS, list_runs, f"{DOCS}#list-workflow-runs-for-a-repository", READ, True),
    Operation("GET", f"{RUNS}/{{run_id}}", get_run, f"{DOCS}#get-a-workflow-run", READ, True),
    Operation(
        "GET",
        f"{RUNS}/{{run_id}}/jobs",
        list_jobs,
        "actions/workflow-jobs#list-jobs-for-a-workflow-run",
        READ,
        True,
    ),
    # A token is needed here, also for a public repository.
    Operation(
        "GET", f"{RUNS}/{{run_id}}/logs", get_logs, f"{DOCS}#download-workflow-run-logs", READ
    ),
    Operation("POST", f"{RUNS}/{{run_id}}/rerun", rerun, f"{DOCS}#re-run-a-workflow", WRITE),
    Operation(
        "POST",
        f"{RUNS}/{{run_id}}/rerun-failed-jobs",
        rerun,
        f"{DOCS}#re-run-failed-jobs-from-a-workflow-run",
        WRITE,
    ),
    Operation("POST", f"{RUNS}/{{run_id}}/cancel", cancel, f"{DOCS}#cancel-a-workflow-run", WRITE),
)
