"""REST: the files of a repository, read one by one, and written one commit each."""

import base64
from pathlib import Path

from starlette.responses import JSONResponse, Response

from local.hub.bare import Commit
from local.hub.objects import Json
from local.hub.problems import Problem, invalid, not_found
from local.hub.pushes import IncomingPush
from local.hub.repositories import decoded
from local.hub.rest import REPOSITORY, ApiCall, operation

CONTENTS = f"{REPOSITORY}/contents/{{path:path}}"
RAW = "application/vnd.github.raw"


def _standing(call: ApiCall) -> str | None:
    """Return the blob at the path on the default branch, None where there is none."""
    commit = call.repository.tips.get(call.repository.default_branch)
    entry = call.repository.git.files(commit).get(call.argument("path")) if commit else None
    return entry.blob if entry else None


@operation("GET", CONTENTS, public=True)
def get_content(call: ApiCall) -> Response:
    blob = _standing(call)
    if blob is None:
        raise not_found()
    content = call.repository.git.read_blob(blob) or b""
    if RAW in call.request.headers.get("accept", ""):
        return Response(content, media_type=f"{RAW}+json")
    encoded = {"content": base64.encodebytes(content).decode(), "encoding": "base64"}
    return JSONResponse({**_file(call, blob, len(content)), **encoded})


@operation("PUT", CONTENTS, contents="write")
def put_content(call: ApiCall) -> Response:
    """Create or replace a file; as on GitHub, each is a commit, and a push to the branch."""
    wanted, repository = call.json(), call.repository
    standing = _standing(call)
    if not isinstance(wanted.get("message"), str):
        raise invalid('"message" wasn\'t supplied.')
    if standing and "sha" not in wanted:
        raise invalid('"sha" wasn\'t supplied.')
    if standing and wanted["sha"] != standing:
        raise Problem(409, f"{call.argument('path')} does not match {wanted['sha']}")
    content = decoded(wanted.get("content"), "base64")
    blob, path = repository.git.write_blob(content), call.argument("path")
    branch = repository.default_branch
    commit = repository.git.commit_file(branch, path, blob, wanted["message"])
    if call.token:
        IncomingPush(call.backend, repository, call.token, call.at).follow()
    body = {"content": _file(call, blob, len(content)), "commit": _commit(call, commit)}
    return JSONResponse(body, 200 if standing else 201)


def _file(call: ApiCall, blob: str, size: int) -> Json:
    path = call.argument("path")
    url, git_url = f"{call.url}/contents/{path}", f"{call.url}/git/blobs/{blob}"
    page = f"{call.at.server_url}/{call.repository.full_name}/blob/main/{path}"
    return {
        **{"type": "file", "name": Path(path).name, "path": path, "sha": blob, "size": size},
        **{"url": url, "git_url": git_url, "html_url": page, "download_url": url},
        "_links": {"self": url, "git": git_url, "html": page},
    }


def _commit(call: ApiCall, commit: Commit) -> Json:
    url = f"{call.url}/git/commits/{commit.sha}"
    by = {"name": commit.author, "email": commit.email, "date": commit.date}
    tree = {"sha": commit.tree, "url": f"{call.url}/git/trees/{commit.tree}"}
    return {
        **{"sha": commit.sha, "url": url, "message": commit.message, "tree": tree},
        **{"author": by, "committer": by},
    }
