"""What GitHub's answer means: done, another try, or a setting of ours that is wrong."""

import json
from collections.abc import Mapping
from datetime import datetime

from builder.errors import GitHubError, GitHubRefused, GitHubUnreachable
from builder.rate_limit import is_rate_limit, limit_wait, retry_after

MAX_SAID = 200


def failure(
    status: int, headers: Mapping[str, str], body: bytes, *, repository: str, now: datetime
) -> GitHubError:
    """Return the error that an answer stands for; header names are in lower case.

    What GitHub says is repeated only where it can be about the token and the repository alone,
    never where it is about what was sent.
    """
    if is_rate_limit(status, headers, body.decode("utf-8", "replace")):
        return GitHubUnreachable(
            f"GitHub limits our calls ({status})", retry_after=limit_wait(headers, now)
        )
    if status >= 500 or status == 408:
        return GitHubUnreachable(f"GitHub answered {status}", retry_after=retry_after(headers, now))
    said = f": {_said(body)}" if status in {401, 403, 404} else ""
    return GitHubRefused(
        f"GitHub answered {status} for {repository}{said}",
        status=status,
        fix=_fix(status, headers, repository),
    )


def _said(body: bytes) -> str:
    try:
        said = json.loads(body)["message"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return "no reason given"
    return " ".join(str(said).split())[:MAX_SAID]


def _fix(status: int, headers: Mapping[str, str], repository: str) -> str:
    if status == 401:
        return "DISPATCH_TOKEN is wrong or has expired: make a new one."
    if status == 403:
        needed = headers.get("x-accepted-github-permissions", "contents=write")[:MAX_SAID]
        return f"Give DISPATCH_TOKEN the permission {needed} on {repository}."
    if status == 404:
        return (
            f"Check DISPATCH_REPOSITORY, and give DISPATCH_TOKEN the permission contents=write "
            f"on {repository}: GitHub hides what a token may not see."
        )
    if 300 <= status < 400:
        return f"{repository} was renamed or moved: set DISPATCH_REPOSITORY to its new name."
    return "See GitHub's REST documentation for this status."
