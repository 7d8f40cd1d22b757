"""A request that was too long for the event: fetched from the workflow repository, by httpx."""

import hashlib
import json

import httpx

from builder.errors import BlobUnusable, GitHubError, GitHubRefused, GitHubUnreachable
from builder.ports import Answer, Clock
from builder.publish import github_policy
from builder.request import Blob, Dispatch, Request

CALL_SECONDS = 30.0
LONGEST_WAIT = 60.0
"""A longer wait that GitHub asks for is not begun: the deadline runs."""
HEADERS = {"Accept": "application/vnd.github.raw+json", "X-GitHub-Api-Version": "2022-11-28"}
ALLOW_READING = "Give the step GITHUB_TOKEN, and the job the permission contents: read."


def fetch(
    task: Dispatch,
    *,
    repository: str,
    api_url: str,
    token: str,
    clock: Clock,
    call_seconds: float = CALL_SECONDS,
) -> Request:
    """Return the request of `task`, which travels in the event or is stored in `repository`.

    Raises BlobUnusable, GitHubRefused, GitHubUnreachable, InvalidRequest.
    """
    blob = task.blob
    if blob is None:
        return task.inline()
    url = f"{api_url}/repos/{repository}/git/blobs/{blob.sha}"
    headers = HEADERS | {"Authorization": f"Bearer {token}"}
    retrying = github_policy.retrying(clock, lambda: LONGEST_WAIT)
    with httpx.Client(headers=headers, timeout=call_seconds) as http:
        content = retrying(_download, http, url, blob, clock)
    if len(content) != blob.size:
        raise _unusable(blob, f"it is not the {blob.size} bytes long that were stored")
    if hashlib.sha256(content).hexdigest() != blob.sha256:
        raise _unusable(blob, "its SHA-256 is another than that of what was stored")
    return _request(task, content)


def _download(http: httpx.Client, url: str, blob: Blob, clock: Clock) -> bytes:
    try:
        with http.stream("GET", url) as answer:
            if answer.status_code != 200:
                answer.read()
                raise _failure(answer, blob, clock)
            return _at_most(answer, blob.size + 1)
    except httpx.RequestError as error:
        raise GitHubUnreachable(
            f"GitHub did not send the stored request ({type(error).__name__})"
        ) from error


def _failure(answer: httpx.Response, blob: Blob, clock: Clock) -> GitHubError:
    read = Answer(answer.status_code, answer.headers, _body(answer))
    if read.status == 404:
        return _unusable(blob, "GitHub finds no such object, or hides it from this token")
    failure = github_policy.failure("GET the stored request", read, clock.now())
    if isinstance(failure, GitHubRefused):
        failure.fix = ALLOW_READING
    return failure


def _unusable(blob: Blob, reason: str) -> BlobUnusable:
    return BlobUnusable(
        f"the request was stored as the git blob {blob.sha} and cannot be used: {reason}"
    )


def _at_most(answer: httpx.Response, limit: int) -> bytes:
    """Read no more than tells that it is too much."""
    collected = bytearray()
    for chunk in answer.iter_bytes():
        collected += chunk
        if len(collected) >= limit:
            break
    return bytes(collected)


def _body(answer: httpx.Response) -> object:
    try:
        return answer.json()
    except ValueError:
        return None


def _request(task: Dispatch, content: bytes) -> Request:
    try:
        request = Request.from_wire(json.loads(content))
    except ValueError as error:
        raise BlobUnusable(f"the stored request is no JSON ({type(error).__name__})") from error
    if request.build_id != task.id:
        raise BlobUnusable(f"the stored request is not that of build {task.id}")
    return request
