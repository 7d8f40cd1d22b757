"""How every REST call is answered: token, permissions, limits, headers, error bodies."""

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import cast

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.hub.access import RateLimits, authenticate, covers, permits, sees
from local.hub.builds import Builds
from local.hub.objects import Json, Links
from local.hub.problems import Problem, not_accessible, not_found, requires_authentication
from local.hub.records import Account, Permissions, Repository, Store, Token
from local.hub.runs import Runs

API_VERSION = "2022-11-28"
API_VERSIONS = (API_VERSION, "2026-03-10")
"""Values of X-GitHub-Api-Version that GitHub supports (GitHub REST docs, "API versions")."""
REPOSITORY = "/repos/{owner}/{repo}"


@dataclass(frozen=True)
class Backend:
    """What all routes work on: the records, the builds of sites, the workflow runs, the limits."""

    store: Store
    builds: Builds
    runs: Runs
    limits: RateLimits


@dataclass(frozen=True)
class ApiCall:
    """One REST call, its token known and its permissions checked."""

    backend: Backend
    request: Request
    body: bytes
    token: Token | None
    links: Links

    @property
    def store(self) -> Store:
        return self.backend.store

    def argument(self, name: str) -> str:
        """Return a part of the path."""
        return str(self.request.path_params[name])

    def json(self) -> Json:
        """Return the object that the body holds. Raises Problem (400)."""
        try:
            value = json.loads(self.body or b"{}")
        except ValueError:
            raise Problem(400, "Problems parsing JSON") from None
        if not isinstance(value, dict):
            raise Problem(400, "Body should be a JSON object")
        return value

    @cached_property
    def repository(self) -> Repository:
        """The repository of the path. Raises Problem (404) when the token may not see it."""
        found = self.store.repository(f"{self.argument('owner')}/{self.argument('repo')}")
        if found is None or not sees(self.token, found):
            raise not_found()
        return found

    @property
    def owner(self) -> Account:
        return self.store.account(self.repository.owner)

    @property
    def url(self) -> str:
        """The API's address of the repository."""
        return self.links.repository(self.repository.full_name)

    @property
    def actor(self) -> Account:
        """The user of the token. Raises Problem (401)."""
        if self.token is None:
            raise requires_authentication()
        return self.store.account(self.token.user)


Answer = Callable[[ApiCall], Response]


@dataclass(frozen=True)
class Operation:
    """A call of GitHub's REST API: where it is, what it needs, what answers it.

    `needs` are the permissions of a fine-grained token; `public` calls need none of them (nor a
    token) where a public repository is read.
    """

    method: str
    path: str
    answer: Answer
    needs: Permissions
    public: bool


OPERATIONS: list[Operation] = []
"""What the modules that were imported answer."""


def operation(
    method: str, path: str, *, public: bool = False, **needs: str
) -> Callable[[Answer], Answer]:
    """Register a function as the answer to a call that needs these permissions."""

    def register(answer: Answer) -> Answer:
        wanted = cast("Permissions", needs)
        OPERATIONS.append(Operation(method, path, answer, wanted, public))
        return answer

    return register


def api_route(operation: Operation, backend: Backend) -> Route:
    """Return the route that answers `operation`."""

    async def answer(request: Request) -> Response:
        body = await request.body()
        return await run_in_threadpool(_answer, operation, backend, request, body)

    return Route("/api/v3" + operation.path, answer, methods=[operation.method])


def _answer(operation: Operation, backend: Backend, request: Request, body: bytes) -> Response:
    credential = request.headers.get("authorization", "")
    limits: Mapping[str, str] = {}
    try:
        limits = backend.limits.spend(credential, writes=operation.method != "GET")
        if _version(request) not in API_VERSIONS:
            raise Problem(400, "The API version in X-GitHub-Api-Version is not supported.")
        token = authenticate(backend.store, credential)
        links = Links(str(request.base_url).rstrip("/"))
        call = ApiCall(backend, request, body, token, links)
        _check_permissions(operation, call)
        response = operation.answer(call)
    except Problem as problem:
        response = problem.answer()
    return _dressed(response, request, limits)


def _version(request: Request) -> str:
    return str(request.headers.get("x-github-api-version", API_VERSION))


def _check_permissions(operation: Operation, call: ApiCall) -> None:
    """Raise Problem: 404 for what is out of sight, 401 without a token, 403 without permission."""
    repository = call.repository if "{repo}" in operation.path else None
    if operation.public and repository and not repository.private:
        return
    if call.token is None:
        raise requires_authentication()
    reaches = covers(call.token, repository) if repository else True
    if not (reaches and permits(call.token, operation.needs)):
        raise not_accessible(operation.needs, by_run=call.token.of_run)


def _dressed(response: Response, request: Request, headers: Mapping[str, str]) -> Response:
    """Add the headers that GitHub puts on every answer."""
    response.headers.update({
        **headers,
        "server": "github.com",
        "x-github-api-version-selected": _version(request),
        "x-github-media-type": "github.v3; format=json",
        "x-github-request-id": secrets.token_hex(10).upper(),
    })  # fmt: skip
    return response


async def no_such_call(request: Request) -> Response:
    """Answer a path or method that the API does not have."""
    return _dressed(not_found().answer(), request, {})


def created(body: Json) -> JSONResponse:
    return JSONResponse(body, 201, headers={"location": str(body["url"])})
