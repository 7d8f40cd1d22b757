"""GitHub's REST API with one token: what it answered, or why it refused and what to do."""

import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

import httpx

from builder.errors import GitHubRefused, GitHubUnreachable
from builder.ports import Answer
from builder.publish import github_policy

HEADERS = {
    "Accept": "application/vnd.github+json",
    "User-Agent": "briefship",
    "X-GitHub-Api-Version": "2022-11-28",
}
RAW = {"Accept": "application/vnd.github.raw+json"}
NEEDED = "x-accepted-github-permissions"
"""The header of a refusal that names the permission which the call needs."""


class GitHub:
    """The API by `token`, which messages call `name`."""

    def __init__(self, token: str, api_url: str, name: str) -> None:
        self.name = name
        self._http = httpx.Client(
            base_url=api_url,
            headers={**HEADERS, "Authorization": f"Bearer {token}"},
            timeout=30,
            # Logs and artifacts are elsewhere; httpx takes no token along to another host.
            follow_redirects=True,
        )

    def __call__(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        accept: Collection[int] = (),
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Return a 2xx answer, or one whose status is in `accept`.

        Raises GitHubRefused, GitHubUnreachable.
        """
        try:
            answer = self._http.request(method, path, json=body, headers=headers)
        except httpx.HTTPError as error:
            kind = type(error).__name__
            host = self._http.base_url.host
            raise GitHubUnreachable(f"{host} did not answer {method} {path} ({kind})") from error
        if answer.is_success or answer.status_code in accept:
            return answer
        raise self._failure(f"{method} {path}", answer)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _failure(self, call: str, answer: httpx.Response) -> GitHubUnreachable | GitHubRefused:
        seen = Answer(answer.status_code, answer.headers, json_of(answer))
        failure = github_policy.failure(call, seen, datetime.now(UTC))
        if isinstance(failure, GitHubRefused):
            failure.fix = self._fix(answer)
        return failure

    def _fix(self, answer: httpx.Response) -> str:
        if answer.status_code == 401:
            return f"{self.name} is wrong or has expired: make a new token."
        if answer.status_code == 403:
            return f"Give {self.name} {needed(answer, 'access')} on this repository."
        if answer.status_code == 404:
            return f"Check the name, and what {self.name} may see: GitHub hides the rest."
        return "See GitHub's REST documentation for this call."


def needed(refusal: httpx.Response, otherwise: str) -> str:
    """Return the permissions that a refusal names, as GitHub's form for tokens spells them."""
    named = re.findall(r"(?:actions_)?([a-z_]+)=(read|write)", refusal.headers.get(NEEDED, ""))
    listed = [f"{name.replace('_', ' ').capitalize()}: {level}" for name, level in named]
    return " and ".join(listed) or otherwise


def json_of(answer: httpx.Response) -> Any:
    """Return the body; None where it is no JSON."""
    try:
        return answer.json()
    except ValueError:
        return None
