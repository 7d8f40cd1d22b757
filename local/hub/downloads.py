"""REST: a run's logs and artifacts, as zip files at another address."""

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from local.hub.actions_api import RUNS, run_of
from local.hub.objects import Json, moment
from local.hub.problems import not_found
from local.hub.records import WorkflowRun
from local.hub.rest import REPOSITORY, ApiCall, Backend, operation

KEPT_SECONDS = 90 * 86_400
"""How long artifacts are kept unless a workflow says otherwise (GitHub docs)."""
MOST = 100
"""Artifacts of a run here, so that an artifact's number names its run too."""


@operation("GET", f"{RUNS}/{{run_id}}/logs", actions="read")
def download_logs(call: ApiCall) -> Response:
    run = run_of(call)
    return RedirectResponse(f"{run.url}/logs.zip", 302)


@operation("GET", f"{RUNS}/{{run_id}}/artifacts", actions="read")
def list_artifacts(call: ApiCall) -> Response:
    run = run_of(call)
    found = [_artifact(call, run, number) for number in range(len(_folders(run)))]
    return JSONResponse({"total_count": len(found), "artifacts": found})


def _folders(run: WorkflowRun) -> list[Path]:
    return sorted(run.artifacts.iterdir())[:MOST] if run.artifacts.is_dir() else []


def _artifact(call: ApiCall, run: WorkflowRun, number: int) -> Json:
    folder, made = _folders(run)[number], run.updated_at
    url = f"{call.url}/actions/artifacts/{run.id * MOST + number}"
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    times = {"created_at": made, "updated_at": made, "expires_at": made + KEPT_SECONDS}
    return {
        **{"id": run.id * MOST + number, "node_id": f"A_{run.id}_{number}", "name": folder.name},
        **{"size_in_bytes": size, "url": url, "archive_download_url": f"{url}/zip"},
        **{"expired": False, **{name: moment(time) for name, time in times.items()}},
    }


@operation(
    "GET", f"{REPOSITORY}/actions/artifacts/{{artifact_id}}/{{archive_format}}", actions="read"
)
def download_artifact(call: ApiCall) -> Response:
    run_id, number = divmod(int(call.argument("artifact_id")), MOST)
    run = call.store.runs.get(run_id)
    if run is None or run.repository is not call.repository or number >= len(_folders(run)):
        raise not_found()
    return RedirectResponse(f"{run.url}/{_folders(run)[number].name}.zip", 302)


def routes(backend: Backend) -> list[Route]:
    """Return where the zip files are: as on GitHub, whoever has the address needs no token."""

    def answer(request: Request) -> Response:
        run = backend.store.runs.get(request.path_params["run_id"])
        if run is None:
            raise HTTPException(404)
        name = request.path_params["name"]
        members = _logs(run) if name == "logs" else _files(run.artifacts / Path(name).name)
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
            for member, content in members:
                file.writestr(member, content)
        return Response(packed.getvalue(), media_type="application/zip")

    return [Route("/{owner}/{repo}/actions/runs/{run_id:int}/{name}.zip", answer)]


def _logs(run: WorkflowRun) -> Iterator[tuple[str, bytes]]:
    # GitHub's mark of a failure beside act's.
    log = re.sub(r"(?m)^.*❌  Failure.*$", r"\g<0>\n##[error]\g<0>", run.folder.read_log())
    yield "0_job.txt", log.encode()


def _files(folder: Path) -> Iterator[tuple[str, bytes]]:
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            yield file.relative_to(folder).as_posix(), file.read_bytes()
