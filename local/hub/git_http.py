"""git over smart HTTP: token checks in front of the real `git http-backend`."""

import subprocess
from email import message_from_bytes
from typing import NamedTuple

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from local.hub.access import authenticate
from local.hub.bare import environment
from local.hub.objects import Addresses
from local.hub.problems import Problem
from local.hub.pushes import IncomingPush
from local.hub.records import Repository, Token
from local.hub.rest import Backend

PASSED_ON = {
    "content-type": "CONTENT_TYPE",
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
    body = await request.body()
    return await run_in_threadpool(_respond, backend, request, found, path, body)


def _access(backend: Backend, request: Request, *, pushes: bool) -> _Access:
    """Raise Problem: 401 where a token may help, 404 or 403 where this one does not."""
    token = authenticate(backend.store, request.headers.get("authorization"))
    name = request.path_params["repo"].removesuffix(".git")
    found = backend.store.repositories.get(f"{request.path_params['owner']}/{name}".lower())
    if found is None:
        raise Problem(401 if token is None else 404, "Repository not found.")
    if pushes and token is None:
        raise Problem(401, "No anonymous write access.")
    if pushes and token and not (token.covers(found) and token.permits({"contents": "write"})):
        raise Problem(403, f"Permission to {found.full_name}.git denied to {token.user}.")
    return _Access(found, token)


def _respond(
    backend: Backend, request: Request, found: _Access, path: str, body: bytes
) -> Response:
    """Run the backend on the body and pass on what it answers."""
    push = None
    if path == "git-receive-pack" and found.token:
        push = IncomingPush(backend, found.repository, found.token, Addresses.of(request))
    answered = subprocess.run(
        ["git", "http-backend"],  # noqa: S607 - the same git as everywhere
        env=_environment(request, found, path, push, str(len(body))),
        input=body,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=False,
    ).stdout
    # Before the answer, so that who pushed finds the build that it started.
    if push:
        push.follow()
    head, _, content = answered.partition(b"\r\n\r\n")
    headers = dict(message_from_bytes(head).items())
    status = int(headers.pop("Status", "200").split()[0])
    return Response(content, status, headers=headers)


def _environment(
    request: Request, found: _Access, path: str, push: IncomingPush | None, content_length: str
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
        CONTENT_LENGTH=content_length,
    )
