"""git over smart HTTP: token checks in front of the real `git http-backend`."""

import subprocess
import tempfile
from collections.abc import Iterator
from typing import IO, NamedTuple, cast

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from local.hub.access import authenticate, covers, permits, sees
from local.hub.bare import environment
from local.hub.objects import Links
from local.hub.problems import Problem
from local.hub.pushes import IncomingPush
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


class _Access(NamedTuple):
    """A repository that the caller may read or write, and by which token."""

    repository: Repository
    token: Token | None


async def _answer(backend: Backend, request: Request, path: str, service: str) -> Response:
    if service not in {"git-upload-pack", "git-receive-pack"}:
        return PlainTextResponse("Please upgrade your git client.\n", 403)
    try:
        found = _access(backend, request, pushes=service == "git-receive-pack")
    except Problem as problem:
        # In plain text: git prints it behind `remote:`.
        asks = {"WWW-Authenticate": 'Basic realm="GitHub"'} if problem.status == 401 else {}
        return PlainTextResponse(f"{problem.message}\n", problem.status, headers=asks)
    # The body, which may be a large pack, goes into a file that the backend reads.
    spool = await run_in_threadpool(tempfile.TemporaryFile)
    async for chunk in request.stream():
        await run_in_threadpool(spool.write, chunk)
    spool.seek(0)
    return await run_in_threadpool(_respond, backend, request, found, path, spool)


def _access(backend: Backend, request: Request, *, pushes: bool) -> _Access:
    """Raise Problem: 401 where a token may help, 404 or 403 where this one does not."""
    token = authenticate(backend.store, request.headers.get("authorization"))
    name = request.path_params["repo"].removesuffix(".git")
    found = backend.store.repository(f"{request.path_params['owner']}/{name}")
    if found is None or not sees(token, found):
        raise Problem(401 if token is None else 404, "Repository not found.")
    if pushes or found.private:
        if token is None:
            raise Problem(401, "No anonymous write access.")
        needs = {"contents": "write" if pushes else "read"}
        if not (covers(token, found) and permits(token, needs)):
            said = f"Permission to {found.full_name}.git denied to {token.user}."
            raise Problem(403, said if pushes else "Forbidden")
    return _Access(found, token)


def _environment(
    request: Request, found: _Access, path: str, push: IncomingPush | None
) -> dict[str, str]:
    """Return the CGI variables of `git http-backend`, and those of the hook of a push."""
    bare = found.repository.git.path
    passed_on = {
        variable: request.headers[name]
        for name, variable in PASSED_ON.items()
        if name in request.headers
    }
    return environment(
        GIT_PROJECT_ROOT=str(bare.parent),
        GIT_HTTP_EXPORT_ALL="1",
        PATH_INFO=f"/{bare.name}/{path}",
        REQUEST_METHOD=request.method,
        QUERY_STRING=request.url.query,
        REMOTE_ADDR="127.0.0.1",
        **({"REMOTE_USER": found.token.user} if found.token else {}),
        **(push.environment() if push else {}),
        **passed_on,
    )


def _respond(
    backend: Backend, request: Request, found: _Access, path: str, body: IO[bytes]
) -> Response:
    """Start the backend on the body and pass on what it answers, as it comes."""
    push = None
    if path == "git-receive-pack" and found.token:
        links = Links(str(request.base_url).rstrip("/"))
        push = IncomingPush(backend, found.repository, found.token, links)
    process = subprocess.Popen(
        ["git", "http-backend"],  # noqa: S607 - the same git as everywhere
        env=_environment(request, found, path, push),
        stdin=body,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    output = cast("IO[bytes]", process.stdout)
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

    return StreamingResponse(chunks(), status, headers=headers)


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
