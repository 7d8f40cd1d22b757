"""REST: the token's user, repositories and git blobs."""

import base64
import binascii
import re
from typing import Any

from starlette.responses import JSONResponse, Response

from local.hub.objects import full_repository, private_user
from local.hub.problems import Problem, creation_failed, invalid, not_accessible, not_found
from local.hub.records import Account
from local.hub.rest import REPOSITORY, ApiCall, created, operation

MAX_NAME = 100
MAX_DESCRIPTION = 350
"""Longest name and description that GitHub takes."""


@operation("GET", "/user")
def get_user(call: ApiCall) -> Response:
    return JSONResponse(private_user(call.actor, call.at))


@operation("GET", REPOSITORY, public=True)
def get_repository(call: ApiCall) -> Response:
    return JSONResponse(full_repository(call.repository, call.owner, call.at))


@operation("POST", "/user/repos", administration="write")
def create_for_user(call: ApiCall) -> Response:
    return _create(call, call.actor)


@operation("POST", "/orgs/{org}/repos", administration="write")
def create_for_organization(call: ApiCall) -> Response:
    return _create(call, call.store.account(call.argument("org")))


def _create(call: ApiCall, owner: Account) -> Response:
    token = call.token
    if token is None or token.owner != owner.login or token.repositories is not None:
        raise not_accessible({"administration": "write"})
    wanted = call.json()
    name, description = _name(wanted.get("name")), _description(wanted.get("description"))
    repository = call.store.new_repository(owner, name, description)
    repository.private = bool(wanted.get("private"))
    return created(full_repository(repository, owner, call.at))


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
    text = str(wanted or "")
    if len(text) > MAX_DESCRIPTION:
        reason = f"description cannot be more than {MAX_DESCRIPTION} characters"
        raise creation_failed("description", reason)
    if re.search(r"[\x00-\x1f\x7f]", text):
        raise creation_failed("description", "description control characters are not allowed")
    return text or None


@operation("POST", f"{REPOSITORY}/git/blobs", contents="write")
def create_blob(call: ApiCall) -> Response:
    wanted = call.json()
    content = decoded(wanted.get("content"), wanted.get("encoding", "utf-8"))
    if not call.repository.tips:
        raise Problem(409, "Git Repository is empty.")
    sha = call.repository.git.write_blob(content)
    return created({"sha": sha, "url": f"{call.url}/git/blobs/{sha}"})


def decoded(content: object, encoding: object) -> bytes:
    """Return the bytes that a call sends. Raises Problem (422)."""
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


@operation("GET", f"{REPOSITORY}/git/blobs/{{file_sha}}", public=True)
def get_blob(call: ApiCall) -> Response:
    sha = call.argument("file_sha")
    content = call.repository.git.read_blob(sha)
    if content is None:
        raise not_found()
    encoded = {"content": base64.encodebytes(content).decode(), "encoding": "base64"}
    about = {"sha": sha, "node_id": f"B_{sha}", "size": len(content)}
    return JSONResponse({**about, "url": f"{call.url}/git/blobs/{sha}", **encoded})
