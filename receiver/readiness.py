"""Whether a task would get through now, as far as the token may see it; asked once in a while."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from builder.errors import GitHubError, GitHubRefused, WorkflowUnavailable
from receiver.github import GitHub

WORKFLOW = ".github/workflows/build.yml"
PROBE = b'{"content":"briefship: may this token write?","encoding":"utf-8"}'
"""A blob that nothing refers to, always the same one: it takes the permission of a dispatch."""
KEPT_SECONDS = 30.0


async def find_obstacles(github: GitHub) -> list[str]:
    """Check token, permission and workflow; return what could not be checked.

    Raises GitHubUnreachable, GitHubRefused, WorkflowUnavailable.
    """
    ends_at = github.deadline()
    await github.call("GET", "", 200, ends_at)
    await github.call("POST", "/git/blobs", 201, ends_at, PROBE)
    try:
        answer = await github.call("GET", "/actions/workflows?per_page=100", 200, ends_at)
    except GitHubRefused as error:
        if error.status not in {403, 404}:
            raise
        return ["the state of the workflow: the token may not read Actions"]
    state = _state(answer.json())
    if state != "active":
        raise WorkflowUnavailable(github.repository, WORKFLOW, state)
    return ["whether Actions minutes are left"]


def _state(listed: Any) -> str:
    workflows = listed.get("workflows", [])
    return next((str(one["state"]) for one in workflows if one["path"] == WORKFLOW), "missing")


class Readiness:
    """Remembers the outcome of `check` for a while, and asks once for all who wait."""

    def __init__(
        self,
        check: Callable[[], Awaitable[list[str]]],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._check = check
        self._monotonic = monotonic
        self._asking = asyncio.Lock()
        self._known_until = float("-inf")
        self._outcome: list[str] | GitHubError = []

    async def confirm(self) -> list[str]:
        """Return what could not be checked, if ready. Raises as `check` does."""
        async with self._asking:
            if self._monotonic() >= self._known_until:
                self._outcome = await self._ask()
                self._known_until = self._monotonic() + KEPT_SECONDS
        if isinstance(self._outcome, GitHubError):
            # Raised many times: without this its traceback would grow each time.
            raise self._outcome.with_traceback(None)
        return self._outcome

    async def _ask(self) -> list[str] | GitHubError:
        try:
            return await self._check()
        except GitHubError as error:
            return error
