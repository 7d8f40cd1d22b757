"""REST: git blobs, real objects in the bare repository."""

import base64
import binascii

from starlette.responses import JSONResponse, Response

from local.hub.objects import node_id
from local.hub.problems import Problem, invalid, not_found
from local.hub.rest import Call, Operation, created

RAW = "application/vnd.github.raw"


def create_blob(call: Call) -> Response:
    wanted = call.json()
    content = _decoded(wanted.get("content"), wanted.get("encoding", "utf-8"))
    git = call.parts.git(call.repository)
    if not git.branches():
        raise Problem(409, "Git Repository is empty.")
    sha = git.write_blob(content)
    url = f"{call.links.repository(call.repository.full_name)}/git/blobs/{sha}"
    return created({"sha": sha, "url": url})


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


def get_blob(call: Call) -> Response:
    sha = call.argument("file_sha")
    content = call.parts.git(call.repository).read_blob(sha)
    if content is None:
        raise not_found()
    if RAW in call.request.headers.get("accept", ""):
        return Response(content, media_type=f"{RAW}+json")
    encoded = base64.encodebytes(content).decode()
    body = {
        "sha": sha,
        "node_id": node_id("Blob", call.repository.id),
        "size": len(content),
        "url": f"{call.links.repository(call.repository.full_name)}/git/blobs/{sha}",
        "content": encoded,
        "encoding": "base64",
    }
    return JSONResponse(body)


OPERATIONS = (
    Operation(
        "POST",
        "/repos/{owner}/{repo}/git/blobs",
        create_blob,
        "git/blobs#create-a-blob",
        {"contents": "write"},
    ),
    Operation(
        "GET",
        "/repos/{owner}/{repo}/git/blobs/{file_sha}",
        get_blob,
        "git/blobs#get-a-blob",
        {"contents": "read"},
        public=True,
    ),
)
