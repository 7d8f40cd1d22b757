"""A request that was too long for the event: fetched from the workflow repository, by httpx."""

import hashlib
import json

import httpx

from builder.backoff import retry
from builder.errors import BlobUnusable, GitHubRefused, GitHubUnreachable
from builder.ports import Answer, Clock
from builder.publish import github_policy
from builder.request import Blob, Dispatch, Request

CALL_SECONDS = 30.0
DELAYS = (1.0, 2.0, 4.0, 8.0)
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
    if task.blob is None:
        return task.inline()
    url = f"{api_url}/repos/{repository}/git/blobs/{task.blob.sha}"
    headers = HEADERS | {"Authorization": f"Bearer {token}"}
    with httpx.Client(headers=headers, timeout=call_seconds) as http:
        content = _Fetch(http, url, task.blob, clock).content()
    return _request(task, content)


class _Fetch:
    """One blob, tried as often as it may help."""

    def __init__(self, http: httpx.Client, url: str, blob: Blob, clock: Clock) -> None:
        self._http = http
        self._url = url
        self._blob = blob
        self._clock = clock
        self._asked = 0.0

    def content(self) -> bytes:
        """Return the bytes as they were stored."""
        content = retry(self._try, on=GitHubUnreachable, delays=DELAYS, sleep=self._wait)
        if len(content) != self._blob.size:
            raise self._unusable(f"it is not the {self._blob.size} bytes long that were stored")
        if hashlib.sha256(content).hexdigest() != self._blob.sha256:
            raise self._unusable("its SHA-256 is another than that of what was stored")
        return content

    def _try(self) -> bytes:
        self._asked = 0.0
        try:
            with self._http.stream("GET", self._url) as answer:
                if answer.status_code != 200:
                    answer.read()
                    raise self._failure(answer)
                return _at_most(answer, self._blob.size + 1)
        except httpx.RequestError as error:
            raise GitHubUnreachable(
                f"GitHub did not send the stored request ({type(error).__name__})"
            ) from error

    def _failure(self, answer: httpx.Response) -> Exception:
        read = Answer(answer.status_code, answer.headers, _body(answer))
        if github_policy.may_pass(read):
            self._asked = github_policy.wait_asked(read, self._clock.now()) or 0.0
            message = f"GitHub answered {read.status} instead of sending the stored request"
            if self._asked > LONGEST_WAIT:
                return GitHubRefused(
                    f"{message}, and asks to wait {self._asked:.0f} s", status=read.status
                )
            return GitHubUnreachable(message, retry_after=self._asked)
        if read.status == 404:
            return self._unusable("GitHub finds no such object, or hides it from this token")
        said = github_policy.message_of(read)
        return GitHubRefused(
            f"GitHub answered {read.status} instead of sending the stored request: {said}",
            status=read.status,
            fix=ALLOW_READING,
        )

    def _wait(self, delay: float) -> None:
        self._clock.sleep(max(delay, self._asked))

    def _unusable(self, reason: str) -> BlobUnusable:
        return BlobUnusable(
            f"the request was stored as the git blob {self._blob.sha} and cannot be used: {reason}"
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
