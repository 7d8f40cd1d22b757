"""A local GitHub with an owner, the workflow repository and the tokens that briefship needs."""

import secrets
from dataclasses import dataclass, field
from pathlib import Path

from local.hub import Hub

OWNER = "ada"
REPOSITORY = f"{OWNER}/briefship"
BUILDS = ("administration", "contents", "pages", "workflows", "actions")
"""What the builder's token may write; workflows for briefs that ask for workflow files."""


def _token() -> str:
    """Return a random token in GitHub's format."""
    return f"github_pat_{secrets.token_hex(24)}"


@dataclass(frozen=True)
class LocalCredentials:
    """The two tokens of README's set-up, and the secret of senders."""

    dispatch_token: str = field(default_factory=_token, repr=False)
    builder_token: str = field(default_factory=_token, repr=False)
    task_secret: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)


def provision(hub: Hub, source: Path) -> LocalCredentials:
    """Set up a hub; the workflow repository gets the tracked files of the checkout `source`."""
    credentials = LocalCredentials()
    hub.add_user(OWNER)
    hub.add_repository(REPOSITORY, source=source)
    hub.add_token(credentials.dispatch_token, OWNER, {"contents": "write"}, [REPOSITORY])
    hub.add_token(credentials.builder_token, OWNER, dict.fromkeys(BUILDS, "write"))
    hub.set_secret(REPOSITORY, "BUILDER_TOKEN", credentials.builder_token)
    hub.set_variable(REPOSITORY, "BUILDER_OWNER", OWNER)
    # The evaluator listens on loopback.
    hub.set_variable(REPOSITORY, "ALLOW_PRIVATE_CALLBACKS", "1")
    return credentials
