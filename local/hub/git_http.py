"""git over smart HTTP: token checks in front of the real `git http-backend`."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from local.hub.auth import authenticate, covers, permits, sees
from local.hub.bare import environment
from local.hub.objects import Links
from local.hub.problems import Problem
from local.hub.pushes import Push
from local.hub.records import Repository, Token
from local.hub.rest import Backend

CHUNK = 64 * 1024
PASSED_ON = {
    "content-type": "CONTENT_TYPE",
    "content-length": "CONTENT_LENGTH",
    "content-encoding": "HTTP_CONTENT_ENCODING",
    "git-protocol": "GIT_PROTOCOL",
}


def routes(backend: Backend) -> list[Route]:
    """Return the routes of git's smart protocol, with and without `.git`."""

    async def advertise(request: Request) -> Response:
        return await _answer(backend, request, "info/refs", request.query_params.get("service", ""))

    async def serve(request: Request) -> Response:
        service = request.path_params["service"]
        return await _answer(backend, request, service, service)

    return [
        Route("/{owner}/{repo}/info/refs", advertise, methods=["GET"]),
        Route("/{owner}/{repo}/{service}", serve, methods=["POST"]),
    ]


@dataclass(frozen=True)
class _Access:
    """A repository that the caller may read or write, and by which token."""

    repository: Repository
    token: Token | None


async def _answer(backend: Backend, request: Request, path: str, service: str) -> Response:
    if service not in {"git-upload-pack", "git-receive-pack"}:
        return PlainTextResponse("Please upgrade your git client.\n", 403)
    try:
        found = _access(backend, request, pushes=service == "git-receive-pack")
    except Problem as problem:
        return _refusal(problem)
    body = await _spool(request)
    return await run_in_threadpool(_respond, backend, request, found, path, body)


async def _spool(request: Request) -> IO[bytes]:
    """Put the body, which may be a large pack, into a file that the backend reads."""
    spool = await run_in_threadpool(tempfile.TemporaryFile)
    async for chunk in request.stream():
        await run_in_threadpool(spool.write, chunk)
    spool.seek(0)
    return spool


def _access(backend: Backend, request: Request, *, pushes: bool) -> _Access:
    """Raises Problem."""
    token = authenticate(backend.store, request.headers.get("authorization"))
    repository = _repository(backend, request, token)
    _check(repository, token, pushes=pushes)
    return _Access(repository, token)


def _repository(backend: Backend, request: Request, token: Token | None) -> Repository:
    """Raise Problem: 401 where a token may help, 404 where this one does not."""
    name = request.path_params["repo"].removesuffix(".git")
    found = backend.store.repository(f"{request.path_params['owner']}/{name}")
    if found is not None and sees(token, found):
        return found
    if token is None:
        raise Problem(401, "Repository not found.")
    raise Problem(404, "Repository not found.")


def _check(repository: Repository, token: Token | None, *, pushes: bool) -> None:
    """Raise Problem where `contents` is not open to the caller."""
    if not pushes and not repository.private:
        return
    if token is None:
        raise Problem(401, "No anonymous write access.")
    needs = {"contents": "write" if pushes else "read"}
    if not (covers(token, repository) and permits(token, needs)):
        name = repository.full_name
        raise Problem(
            403, f"Permission to {name}.git denied to {token.user}." if pushes else "Forbidden"
        )


def _refusal(problem: Problem) -> Response:
    """Answer in plain text: git prints it behind `remote:`."""
    headers = {"WWW-Authenticate": 'Basic realm="GitHub"'} if problem.status == 401 else {}
    return PlainTextResponse(problem.message + "\n", problem.status, headers=headers)


def _environment(
    backend: Backend, request: Request, found: _Access, path: str, push: Push | None
) -> dict[str, str]:
    """Return the CGI variables of `git http-backend`, and those of the hooks of a push."""
    git = backend.store.git(found.repository)
    headers = {
        variable: request.headers[name]
        for name, variable in PASSED_ON.items()
        if name in request.headers
    }
    return environment(
        GIT_PROJECT_ROOT=str(git.path.parent),
        GIT_HTTP_EXPORT_ALL="1",
        PATH_INFO=f"/{git.path.name}/{path}",
        REQUEST_METHOD=request.method,
        QUERY_STRING=request.url.query,
        REMOTE_ADDR="127.0.0.1",
        **({"REMOTE_USER": found.token.user} if found.token else {}),
        **(push.environment() if push else {}),
        **headers,
    )


def _respond(
    backend: Backend, request: Request, found: _Access, path: str, body: IO[bytes]
) -> Response:
    """Start the backend on the body and pass on what it answers, as it comes."""
    push = _push(backend, request, found) if path == "git-receive-pack" else None
    process = subprocess.Popen(
        ["git", "http-backend"],  # noqa: S607 - the same git as everywhere
        env=_environment(backend, request, found, path, push),
        stdin=body,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    output = _output_of(process)
    status, headers = _head(output)

    def chunks() -> Iterator[bytes]:
        with process, body:
            try:
                yield from iter(lambda: output.read(CHUNK), b"")
                # Before the answer ends, so that who pushed finds the build that it started.
                if push:
                    push.follow()
            except GeneratorExit:  # the client went away
                process.kill()
                raise
            finally:
                if push:
                    push.updates.unlink(missing_ok=True)

    return StreamingResponse(chunks(), status, headers=headers)


def _push(backend: Backend, request: Request, found: _Access) -> Push | None:
    """Return the push, with an empty file for the refs that it will have moved."""
    if found.token is None:
        return None
    links = Links(str(request.base_url).rstrip("/"))
    descriptor, updates = tempfile.mkstemp(prefix="push-", dir=backend.store.folder)
    os.close(descriptor)
    return Push(backend, found.repository, found.token, links, Path(updates))


def _output_of(process: "subprocess.Popen[bytes]") -> IO[bytes]:
    if process.stdout is None:
        raise ValueError("the process was started without a pipe for its output")
    return process.stdout


def _head(output: IO[bytes]) -> tuple[int, dict[str, str]]:
    """Return status and headers of a CGI answer."""
    status, headers = 200, {}
    while line := output.readline().decode("latin-1").strip():
        name, _, value = line.partition(":")
        if name.lower() == "status":
            status = int(value.split()[0])
        else:
            headers[name] = value.strip()
    return status, headers
