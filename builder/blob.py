"""A request that was too long for the event: fetched from the workflow repository."""

import base64
import binascii
import hashlib
import json

from builder.errors import BlobUnusable, GitHubRefused
from builder.ports import Rest
from builder.request import Dispatch, Request

ALLOW_READING = "Give the step GITHUB_TOKEN, and the job the permission contents: read."


def fetch(task: Dispatch, repository: str, rest: Rest) -> Request:
    """Return the request of `task`, which travels in the event or is stored in `repository`.

    Raises BlobUnusable, GitHubRefused, GitHubUnreachable, InvalidRequest.
    """
    if task.blob is None:
        return task.inline()
    stored = f"the request was stored as the git blob {task.blob.sha} and cannot be used"
    try:
        answer = rest("GET", f"/repos/{repository}/git/blobs/{task.blob.sha}", accept={404})
    except GitHubRefused as refused:
        refused.fix = ALLOW_READING
        raise
    if answer.status == 404:
        raise BlobUnusable(f"{stored}: GitHub finds no such object, or hides it from this token")
    try:
        content = base64.b64decode(answer.body["content"])
    except (KeyError, TypeError, binascii.Error) as error:
        raise BlobUnusable(f"{stored}: the answer is no blob ({type(error).__name__})") from error
    if hashlib.sha256(content).hexdigest() != task.blob.sha256:
        raise BlobUnusable(f"{stored}: its SHA-256 is another than that of what was stored")
    request = Request.from_wire(json.loads(content))
    if request.build_id != task.id:
        raise BlobUnusable(f"{stored}: it is not that of build {task.id}")
    return request
