"""What a failed call to GitHub means: whether and when to retry, or what was refused and why."""

from collections.abc import Callable, Mapping
from datetime import datetime

from tenacity import RetryCallState, Retrying, retry_if_exception_type, wait_exponential

from builder.deadline import is_number, retry_after
from builder.errors import GitHubRefused, GitHubUnreachable
from builder.ports import Answer, Clock

TRIES = 6
"""Attempts for one call: with waits that double from 1 s, about half a minute in all."""
LIMIT_WAIT = 60.0
"""Seconds to wait after a limit that names no time (GitHub docs, REST API best practices)."""

_FIXES = {
    401: "BUILDER_TOKEN is wrong or has expired: make a new one and store it as a secret.",
    403: "Give BUILDER_TOKEN Administration, Contents and Pages: write on all of the owner's "
    "repositories (classic: the scope repo).",
    404: "Set BUILDER_OWNER to the token's user or to an organization that it may write to; "
    "BUILDER_TOKEN needs access to all of the owner's repositories.",
    422: "GitHub found the request unusable; the reason above says what to change.",
}


def retrying(clock: Clock, remaining: Callable[[], float]) -> Retrying:
    """Return a retry loop for GitHubUnreachable that waits as GitHub asks, else 1, 2, 4 … seconds.

    The last error is raised after `TRIES` calls, or if the next wait is longer than what remains.
    """

    def wait(state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.retry_after if isinstance(error, GitHubUnreachable) else None
        return wait_exponential()(state) if asked is None else asked

    def is_over(state: RetryCallState) -> bool:
        return state.attempt_number >= TRIES or state.upcoming_sleep > remaining()

    return Retrying(
        retry=retry_if_exception_type(GitHubUnreachable),
        wait=wait,
        stop=is_over,
        sleep=clock.sleep,
        reraise=True,
    )


def failure(call: str, answer: Answer, now: datetime) -> GitHubUnreachable | GitHubRefused:
    """Return the error for an answer that is not a success: temporary or permanent.

    `call` is verb and path. A rate limit is temporary, a missing permission is not.
    """
    reason = message_of(answer)
    said = f"GitHub answered {answer.status} to {call}: {reason}"
    is_limit = _is_rate_limit(answer.status, answer.headers, reason)
    if is_limit or answer.status >= 500:
        wait_asked = _limit_wait if is_limit else retry_after
        seconds = wait_asked(answer.headers, now)
        waits = f"; retry after {seconds:.0f} s" if seconds else ""
        return GitHubUnreachable(said + waits, retry_after=seconds)
    needed = answer.headers.get("x-accepted-github-permissions")
    fix = _FIXES.get(answer.status, "See GitHub's REST documentation for this call.")
    if answer.status == 403 and needed:
        fix = f"BUILDER_TOKEN lacks a permission: {needed} (as GitHub names it)."
    return GitHubRefused(said, status=answer.status, fix=fix)


def message_of(answer: Answer) -> str:
    """Return what the body says, its `errors` included, on one line of at most 300 characters."""
    if not isinstance(answer.body, dict):
        return "no message"
    listed = answer.body.get("errors")
    errors = [answer.body, *(listed if isinstance(listed, list) else [])]
    said = [str(one.get("message", one) if isinstance(one, dict) else one) for one in errors]
    return " ".join("; ".join(said).split())[:300]


def _is_rate_limit(status: int, headers: Mapping[str, str], said: str) -> bool:
    """Return whether it is a 429, or a 403 that means the same, not a missing permission."""
    is_spent = headers.get("x-ratelimit-remaining") == "0"
    is_limit = "retry-after" in headers or is_spent or "rate limit" in said.lower()
    return status == 429 or (status == 403 and is_limit)


def _limit_wait(headers: Mapping[str, str], now: datetime) -> float:
    """Return the seconds to wait after a rate limit."""
    asked = retry_after(headers, now)
    reset = headers.get("x-ratelimit-reset", "")
    if asked is None and headers.get("x-ratelimit-remaining") == "0" and is_number(reset):
        return max(0.0, float(reset) - now.timestamp())
    return LIMIT_WAIT if asked is None else asked
