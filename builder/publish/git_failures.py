"""Maps git's error output to our errors."""

import re
from collections.abc import Iterator

from builder.errors import (
    BriefshipError,
    GitHubRefused,
    GitHubUnreachable,
    PushFailed,
    PushOvertaken,
    SecretsRefused,
    WorkflowsRefused,
)

SAID = 400
"""Characters of git's own words that are reported."""
_PASSING = re.compile(
    r"HTTP (5\d\d|403|408|429)|error: (5\d\d|403|408|429)\b|RPC failed|early EOF|hung up|"
    r"timed? ?out|too slow|Connection (reset|refused)|Could not resolve|Failed to connect|"
    r"Empty reply|Recv failure|unexpected disconnect|SSL_ERROR_SYSCALL|Internal Server Error|"
    r"GnuTLS recv",
    re.IGNORECASE,
)
_OVERTAKEN = re.compile(
    r"non-fast-forward|fetch first|cannot lock ref|failed to update ref|stale info", re.IGNORECASE
)
_WORKFLOWS = re.compile(r"refusing to allow .{1,80} to (create or )?update ", re.IGNORECASE)
"""For tokens of people, OAuth apps and GitHub Apps; only workflow files are refused this way."""
_PROTECTED = re.compile(r"GH009|push protection|cannot contain secrets", re.IGNORECASE)
"""GH013 stands for any rule of the repository, among them push protection, formerly GH009."""
_KIND_OR_PATH = re.compile(r"—— +(?P<kind>\S.*?) +——|\bpath: *(?P<path>\S.*):\d+\s*$", re.M)
_ACCESS = re.compile(
    r"HTTP 401|error: 401|Permission to .{1,200} denied|Authentication failed|"
    r"Write access to repository not granted|could not read Username|SAML SSO",
    re.IGNORECASE,
)
_FIXES = {
    r"account is suspended|has been disabled": "The owner's account or repository is suspended: "
    "write to GitHub Support.",
    r"archived so it is read-only": "The repository is archived: unarchive it in its settings.",
    r"GH008|unknown Git LFS object": "A file is a Git LFS pointer: send what it stands for.",
    r"quota|exceeds .{1,60}limit|GH001|repository is over": "The repository or the account is "
    "full: free space, or send smaller attachments.",
    r"GH013|GH006|protected branch": "A rule of the owner's repositories refuses the push: allow "
    "BUILDER_TOKEN to bypass it.",
}
"""What to do if git's words match."""


def explain(command: str, said: str) -> BriefshipError:
    """Return the error that stands for git's words; `command` is `clone`, `push` and the like."""
    words = " ".join(said.split())[-SAID:]
    if _PROTECTED.search(said):
        listed = "; ".join(_protected(said)) or "a secret"
        return SecretsRefused(f"GitHub's push protection (GH013) refused the push: {listed}")
    if _WORKFLOWS.search(said):
        return WorkflowsRefused(f"git {command} was refused: {words}")
    if _OVERTAKEN.search(said):
        return PushOvertaken(f"git {command} was overtaken: {words}")
    for pattern, fix in _FIXES.items():
        if re.search(pattern, said, re.IGNORECASE):
            return PushFailed(f"git {command} was refused: {words}", fix=fix)
    if _ACCESS.search(said):
        fix = "Give BUILDER_TOKEN, should it not have expired, Contents: write on the repositories."
        return GitHubRefused(f"git {command} was refused: {words}", status=403, fix=fix)
    if _PASSING.search(said):
        # A bare 403 is a limit on calls: GitHub names a missing permission in words.
        return GitHubUnreachable(f"git {command} failed: {words}")
    return PushFailed(f"git {command} failed: {words}")


def _protected(said: str) -> Iterator[str]:
    """Yield kind and path of each secret that GH013 names; no part of it repeats a secret."""
    kind = "a secret"
    for part in _KIND_OR_PATH.finditer(said):
        if part["path"]:
            yield f"{kind} in {part['path']}"
        kind = part["kind"] or kind
