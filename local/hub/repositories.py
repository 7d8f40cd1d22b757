"""REST: users, repositories, and what of a repository can be read."""

import re
from typing import Any

from starlette.responses import JSONResponse, Response

from local.hub.objects import (
    full_repository,
    private_user,
    public_user,
)
from local.hub.parts import Parts
from local.hub.problems import creation_failed, not_accessible
from local.hub.records import Account, Repository
from local.hub.rest import Call, Operation, created

MAX_NAME = 100
MAX_DESCRIPTION = 350
"""Longest name and description that GitHub takes."""


def get_user(call: Call) -> Response:
    count = _repositories_of(call.parts, call.actor)
    return JSONResponse(private_user(call.actor, call.links, count))


def get_user_by_login(call: Call) -> Response:
    account = call.parts.account(call.argument("username"))
    return JSONResponse(public_user(account, call.links, _repositories_of(call.parts, account)))


def _repositories_of(parts: Parts, account: Account) -> int:
    return sum(repository.owner == account.login for repository in parts.store.repositories())


def get_repository(call: Call) -> Response:
    owner = call.parts.owner(call.repository)
    body = full_repository(call.repository, owner, call.links)
    if call.token is not None:
        body["permissions"] = _permissions(call)
    return JSONResponse(body)


def _permissions(call: Call) -> dict[str, bool]:
    ours = call.token is not None and call.token.owner.lower() == call.repository.owner.lower()
    return {
        name: ours or name == "pull" for name in ("admin", "maintain", "push", "triage", "pull")
    }


def create_for_user(call: Call) -> Response:
    return _create(call, call.actor)


def create_for_organization(call: Call) -> Response:
    return _create(call, call.parts.account(call.argument("org")))


def _create(call: Call, owner: Account) -> Response:
    token = call.token
    if (
        token is None
        or token.owner.lower() != owner.login.lower()
        or token.repositories is not None
    ):
        raise not_accessible(CREATE, by_run=token is not None and token.of_run is not None)
    wanted = call.json()
    name = _name(wanted.get("name"))
    description = _description(wanted.get("description"))
    repository = new_repository(
        call.parts, owner, name, private=bool(wanted.get("private")), description=description
    )
    repository.homepage = wanted.get("homepage")
    if wanted.get("auto_init"):
        call.parts.git(repository).commit_readme(repository.name, repository.default_branch)
    return created(full_repository(repository, owner, call.links))


def _name(wanted: Any) -> str:
    """Return the name as GitHub cleans it. Raises Problem (422)."""
    if not isinstance(wanted, str) or not wanted.strip():
        raise creation_failed("name", "name can't be blank")
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", wanted.strip()).removesuffix(".git")
    if len(name) > MAX_NAME:
        raise creation_failed("name", f"name is too long (maximum is {MAX_NAME} characters)")
    if name in {"", ".", ".."} or name.endswith(".wiki"):
        raise creation_failed("name", "name is reserved")
    return name


def _description(wanted: Any) -> str | None:
    """Return the description. Raises Problem (422)."""
    if wanted is None:
        return None
    text = str(wanted)
    if len(text) > MAX_DESCRIPTION:
        reason = f"description cannot be more than {MAX_DESCRIPTION} characters"
        raise creation_failed("description", reason)
    if re.search(r"[\x00-\x1f\x7f]", text):
        raise creation_failed("description", "description control characters are not allowed")
    return text


def new_repository(
    parts: Parts,
    owner: Account,
    name: str,
    *,
    private: bool = False,
    description: str | None = None,
) -> Repository:
    """Make an empty repository. Raises Problem (422) when the name is taken."""
    now = parts.clock()
    with parts.store.change() as records:
        key = f"{owner.login}/{name}".lower()
        if key in records.repositories:
            raise creation_failed("name", "name already exists on this account")
        repository = Repository(
            id=parts.store.new_id(),
            owner=owner.login,
            name=name,
            default_branch="main",
            created_at=now,
            updated_at=now,
            pushed_at=now,
            private=private,
            description=description,
        )
        parts.git(repository).create(repository.default_branch)
        records.repositories[key] = repository
    return repository


CREATE = {"administration": "write"}
OPERATIONS = (
    Operation("GET", "/user", get_user, "users/users#get-the-authenticated-user"),
    Operation("GET", "/users/{username}", get_user_by_login, "users/users#get-a-user", public=True),
    Operation(
        "GET",
        "/repos/{owner}/{repo}",
        get_repository,
        "repos/repos#get-a-repository",
        {"metadata": "read"},
        public=True,
    ),
    Operation(
        "POST",
        "/user/repos",
        create_for_user,
        "repos/repos#create-a-repository-for-the-authenticated-user",
        CREATE,
    ),
    Operation(
        "POST",
        "/orgs/{org}/repos",
        create_for_organization,
        "repos/repos#create-an-organization-repository",
        CREATE,
    ),
)
