"""The settings of the builder, read from a mapping such as `os.environ`."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self

from builder.deadline import DEADLINE_SECONDS
from builder.errors import SettingsError
from builder.naming import DEFAULT_REPOSITORY_NAME

GITHUB_API_URL = "https://api.github.com"
GITHUB_SERVER_URL = "https://github.com"
CALL_SECONDS = 30.0
"""Longest that one call to GitHub or to the evaluation URL may take."""
CHECK_SECONDS = 15.0
"""What a JavaScript check has to become true once the page is loaded, as graders have it."""
REPAIRS = 2
"""Rounds of repair: most of the gain is in the first, the second costs as much again."""


@dataclass(frozen=True)
class Settings:
    """What the environment says; an empty variable counts as missing, as Actions sets it."""

    builder_token: str = field(default="", repr=False)
    builder_owner: str | None = None
    repository_name: str = DEFAULT_REPOSITORY_NAME
    api_url: str = GITHUB_API_URL
    server_url: str = GITHUB_SERVER_URL
    deadline_seconds: float = DEADLINE_SECONDS
    is_rerun: bool = False
    allow_private_callbacks: bool = False
    repairs: int = REPAIRS
    call_seconds: float = CALL_SECONDS
    check_seconds: float = CHECK_SECONDS
    cdn_mirror: str | None = None

    @classmethod
    def from_environ(cls, environ: Mapping[str, str], *, required: Iterable[str] = ()) -> Self:
        """Read the settings.

        Raises SettingsError that names every variable of `required` that is missing.
        """
        missing = [name for name in required if not environ.get(name, "").strip()]
        if missing:
            raise SettingsError(
                f"missing in the environment: {', '.join(missing)}",
                names=missing,
                fix="Set them as secrets or variables of the workflow repository (see README).",
            )
        return cls(
            builder_token=environ.get("BUILDER_TOKEN", "").strip(),
            builder_owner=_owner(environ),
            repository_name=_repository_name(environ),
            api_url=_url(environ, "GITHUB_API_URL", GITHUB_API_URL),
            server_url=_url(environ, "GITHUB_SERVER_URL", GITHUB_SERVER_URL),
            deadline_seconds=_seconds(environ, "DEADLINE_SECONDS", DEADLINE_SECONDS),
            is_rerun=_is_rerun(environ),
            allow_private_callbacks=environ.get("ALLOW_PRIVATE_CALLBACKS", "").strip() == "1",
            repairs=_repairs(environ),
            call_seconds=_seconds(environ, "CALL_SECONDS", CALL_SECONDS),
            check_seconds=_seconds(environ, "CHECK_SECONDS", CHECK_SECONDS),
            cdn_mirror=_url(environ, "CDN_MIRROR_URL", "") or None,
        )


def _is_rerun(environ: Mapping[str, str]) -> bool:
    """Tell a run that a person started, or started again, from one that the evaluator waits for."""
    by_hand = environ.get("GITHUB_EVENT_NAME") == "workflow_dispatch"
    return by_hand or environ.get("GITHUB_RUN_ATTEMPT", "1") != "1"


def _owner(environ: Mapping[str, str]) -> str | None:
    owner = environ.get("BUILDER_OWNER", "").strip()
    if owner and not re.fullmatch(r"[A-Za-z0-9_.-]+", owner):
        raise SettingsError(
            "BUILDER_OWNER: expected the name of a user or an organization",
            names=["BUILDER_OWNER"],
        )
    return owner or None


def _repository_name(environ: Mapping[str, str]) -> str:
    pattern = environ.get("REPOSITORY_NAME", "").strip() or DEFAULT_REPOSITORY_NAME
    if "{task}" not in pattern:
        raise SettingsError(
            "REPOSITORY_NAME: expected a pattern with {task} in it, so that each task has its own "
            "repository",
            names=["REPOSITORY_NAME"],
        )
    return pattern


def _url(environ: Mapping[str, str], name: str, default: str) -> str:
    url = environ.get(name, "").strip() or default
    if url and not re.match(r"https?://[^\s/]", url):
        raise SettingsError(f"{name}: expected an http(s) URL", names=[name])
    return url.rstrip("/")


def _repairs(environ: Mapping[str, str]) -> int:
    text = environ.get("REPAIRS", "").strip() or str(REPAIRS)
    if not re.fullmatch(r"\d", text):
        raise SettingsError("REPAIRS: expected a number from 0 to 9", names=["REPAIRS"])
    return int(text)


def _seconds(environ: Mapping[str, str], name: str, default: float) -> float:
    text = environ.get(name, "").strip()
    try:
        seconds = float(text) if text else default
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < 86_400:
        raise SettingsError(f"{name}: expected a number of seconds above 0", names=[name])
    return seconds
