"""REST: users, repositories and git blobs."""

import base64
import binascii
import re
from typing import Any

from starlette.responses import JSONResponse, Response

from local.hub.objects import full_repository, node_id, private_user, public_user
from local.hub.problems import Problem, creation_failed, invalid, not_accessible, not_found
from local.hub.records import Account, Permissions
from local.hub.rest import REPOSITORY, ApiCall, created, operation

MAX_NAME = 100
MAX_DESCRIPTION = 350
"""Longest name and description that GitHub takes."""
RAW = "application/vnd.github.raw"
CREATE: Permissions = {"administration": "write"}


@operation("GET", "/user")
def get_user(call: ApiCall) -> Response:
    return JSONResponse(private_user(call.actor, call.links, _repositories_of(call, call.actor)))


@operation("GET", "/users/{username}", public=True)
def get_user_by_login(call: ApiCall) -> Response:
    account = call.store.account(call.argument("username"))
    return JSONResponse(public_user(account, call.links, _repositories_of(call, account)))


def _repositories_of(call: ApiCall, account: Account) -> int:
    return sum(repository.owner == account.login for repository in call.store.repositories())


@operation("GET", REPOSITORY, public=True, metadata="read")
def get_repository(call: ApiCall) -> Response:
    body = full_repository(call.repository, call.owner, call.links)
    if call.token is not None:
        ours = call.token.owner.lower() == call.repository.owner.lower()
        roles = ("admin", "maintain", "push", "triage", "pull")
        body["permissions"] = {role: ours or role == "pull" for role in roles}
    return JSONResponse(body)


@operation("POST", "/user/repos", administration="write")
def create_for_user(call: ApiCall) -> Response:
    return _create(call, call.actor)


@operation("POST", "/orgs/{org}/repos", administration="write")
def create_for_organization(call: ApiCall) -> Response:
    return _create(call, call.store.account(call.argument("org")))


def _create(call: ApiCall, owner: Account) -> Response:
    token = call.token
    if token is None or token.owner != owner.login or token.repositories is not None:
        raise not_accessible(CREATE, by_run=token is not None and token.of_run is not None)
    wanted = call.json()
    name, description = _name(wanted.get("name")), _description(wanted.get("description"))
    private = bool(wanted.get("private"))
    repository = call.store.new_repository(owner, name, private=private, description=description)
    repository.homepage = wanted.get("homepage")
    if wanted.get("auto_init"):
        call.store.git(repository).commit_readme(repository.name, repository.default_branch)
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


@operation("POST", f"{REPOSITORY}/git/blobs", contents="write")
def create_blob(call: ApiCall) -> Response:
    wanted = call.json()
    content = _decoded(wanted.get("content"), wanted.get("encoding", "utf-8"))
    if not call.git.branches():
        raise Problem(409, "Git Repository is empty.")
    sha = call.git.write_blob(content)
    return created({"sha": sha, "url": f"{call.url}/git/blobs/{sha}"})


def _decoded(content: object, encoding: object) -> bytes:
    if not isinstance(content, str):
        raise invalid('"content" wasn\'t supplied.')
    if encoding == "utf-8":
        return content.encode("utf-8", "replace")
    if encoding != "base64":
        raise invalid(f"{encoding!r} is not a member of ['utf-8', 'base64'].")
    try:
        return base64.b64decode(content)
    except binascii.Error:
        raise Problem(422, "content is not valid Base64") from None


@operation("GET", f"{REPOSITORY}/git/blobs/{{file_sha}}", public=True, contents="read")
def get_blob(call: ApiCall) -> Response:
    sha = call.argument("file_sha")
    content = call.git.read_blob(sha)
    if content is None:
        raise not_found()
    if RAW in call.request.headers.get("accept", ""):
        return Response(content, media_type=f"{RAW}+json")
    return JSONResponse(
        {
            "sha": sha,
            "node_id": node_id("Blob", call.repository.id),
            "size": len(content),
            "url": f"{call.url}/git/blobs/{sha}",
            "content": base64.encodebytes(content).decode(),
            "encoding": "base64",
        }
    )
