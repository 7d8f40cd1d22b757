"""How every REST call is answered: token, permissions, limits, headers, error bodies."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Literal

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.hub.access import SecondaryLimit, authenticate
from local.hub.builds import Builds
from local.hub.objects import Addresses, Json
from local.hub.problems import Problem, not_accessible, not_found, requires_authentication
from local.hub.records import Account, Permissions, Repository, Store, Token
from local.hub.runs import Runs

API_VERSIONS = ("2022-11-28", "2026-03-10")
"""Values of X-GitHub-Api-Version that GitHub supports (GitHub REST docs, "API versions")."""
REPOSITORY = "/repos/{owner}/{repo}"


@dataclass(frozen=True)
class Backend:
    """What all routes work on: the records, the builds of sites, the workflow runs, the limit."""

    store: Store
    builds: Builds
    runs: Runs
    limit: SecondaryLimit


@dataclass(frozen=True)
class ApiCall:
    """One REST call, its token known and its permissions checked."""

    backend: Backend
    request: Request
    body: bytes
    token: Token | None
    at: Addresses

    @property
    def store(self) -> Store:
        return self.backend.store

    def argument(self, name: str) -> str:
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
        """The repository of the path. Raises Problem (404)."""
        return self.store.repository(f"{self.argument('owner')}/{self.argument('repo')}")

    @property
    def owner(self) -> Account:
        return self.store.account(self.repository.owner)

    @property
    def url(self) -> str:
        return self.at.repository(self.repository.full_name)

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

    `needs` are the permissions of a fine-grained token; None where not even a token is needed.
    """

    method: str
    path: str
    answer: Answer
    needs: Permissions | None


OPERATIONS: list[Operation] = []
"""What the modules that were imported answer."""


def operation(
    method: str, path: str, *, public: bool = False, **needs: Literal["read", "write"]
) -> Callable[[Answer], Answer]:
    """Register a function as the answer to a call that needs these permissions."""

    def register(answer: Answer) -> Answer:
        OPERATIONS.append(Operation(method, path, answer, None if public else needs))
        return answer

    return register


def api_route(operation: Operation, backend: Backend) -> Route:

    async def answer(request: Request) -> Response:
        body = await request.body()
        return await run_in_threadpool(_answer, operation, backend, request, body)

    return Route("/api/v3" + operation.path, answer, methods=[operation.method])


def _answer(operation: Operation, backend: Backend, request: Request, body: bytes) -> Response:
    credential = request.headers.get("authorization", "")
    try:
        if operation.method != "GET":
            backend.limit.spend(credential)
        if request.headers.get("x-github-api-version", API_VERSIONS[0]) not in API_VERSIONS:
            raise Problem(400, "The API version in X-GitHub-Api-Version is not supported.")
        token, at = authenticate(backend.store, credential), Addresses.of(request)
        call = ApiCall(backend, request, body, token, at)
        _check_permissions(operation, call)
        return _about_token(operation.answer(call), token)
    except Problem as problem:
        return problem.answer()


def _about_token(answer: Response, token: Token | None) -> Response:
    if token and token.expires_at:
        ends = datetime.fromtimestamp(token.expires_at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        answer.headers["github-authentication-token-expiration"] = ends
    if token and token.scopes:
        answer.headers["x-oauth-scopes"] = ", ".join(token.scopes)
    return answer


def _check_permissions(operation: Operation, call: ApiCall) -> None:
    """Raise Problem: 404 for what is not there, 401 without a token, 403 without permission."""
    repository = call.repository if "{repo}" in operation.path else None
    if operation.needs is None:
        return
    if call.token is None:
        raise requires_authentication()
    reaches = repository is None or call.token.covers(repository)
    if not (reaches and call.token.permits(operation.needs)):
        raise not_accessible(operation.needs)


async def no_such_call(_: Request) -> Response:
    """Answer a path or method that the API does not have."""
    return not_found().answer()


def created(body: Json) -> JSONResponse:
    return JSONResponse(body, 201, headers={"location": str(body["url"])})
