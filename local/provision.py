"""A local GitHub with an owner, the workflow repository and the tokens that briefship needs."""

import json
import os
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path

from local.hub import Hub

OWNER = "ada"
REPOSITORY = f"{OWNER}/briefship"


@dataclass(frozen=True)
class LocalCredentials:
    """The two tokens of README's set-up, and the secret that senders give."""

    dispatch_token: str = field(repr=False)
    builder_token: str = field(repr=False)
    task_secret: str = field(repr=False)

    @classmethod
    def fresh(cls) -> "LocalCredentials":
        """Draw new ones, in the shape of GitHub's."""
        token, other = (f"github_pat_{secrets.token_hex(24)}" for _ in range(2))
        return cls(token, other, secrets.token_urlsafe(24))


def provision(hub: Hub, source: Path, file: Path) -> LocalCredentials:
    """Fill a hub; the workflow repository gets the tracked files of the checkout `source`.

    The credentials are kept in `file`, which its user alone may read, and taken from there where
    the hub was filled before.
    """
    credentials = _kept(file)
    hub.add_user(OWNER)
    hub.add_repository(REPOSITORY, source=source)
    hub.add_token(
        credentials.dispatch_token,
        owner=OWNER,
        permissions={"contents": "write"},
        repositories=[REPOSITORY],
    )
    hub.add_token(
        credentials.builder_token,
        owner=OWNER,
        permissions={
            "administration": "write",
            "contents": "write",
            "pages": "write",
            # For briefs that ask for workflow files.
            "workflows": "write",
            "actions": "write",
        },
    )
    hub.set_secret(REPOSITORY, "BUILDER_TOKEN", credentials.builder_token)
    hub.set_variable(REPOSITORY, "BUILDER_OWNER", OWNER)
    # The evaluator listens on loopback.
    hub.set_variable(REPOSITORY, "ALLOW_PRIVATE_CALLBACKS", "1")
    return credentials


def _kept(file: Path) -> LocalCredentials:
    if file.exists():
        return LocalCredentials(**json.loads(file.read_text("utf-8")))
    credentials = LocalCredentials.fresh()
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as target:
        json.dump(asdict(credentials), target, indent=1)
    return credentials
