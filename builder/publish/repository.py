"""The app repository on GitHub: found, or created."""

import re

from builder.errors import SettingsError
from builder.ports import Answer, AppRepository, Rest
from builder.publish import github_policy

DESCRIPTION = "Built by briefship from a brief."
"""Tells an empty repository of ours, left by a run that was killed, from somebody's."""


def find_or_create(rest: Rest, owner: str | None, name: str) -> AppRepository:
    """Return the public repository `owner/name`, which is made when there is none.

    `owner` is a user or an organization; None stands for the token's user.
    Raises GitHubRefused, GitHubUnreachable, SettingsError.
    """
    login = None if owner else _login(rest)
    found = rest("GET", f"/repos/{owner or login}/{name}", accept={404})
    if found.status == 404:
        found = _create(rest, owner or login or "", name)
    return AppRepository(
        full_name=found.body["full_name"],
        html_url=found.body["html_url"],
        is_ours_when_empty=found.body.get("description") == DESCRIPTION,
    )


def _create(rest: Rest, owner: str, name: str) -> Answer:
    is_user = _login(rest).lower() == owner.lower()
    path = "/user/repos" if is_user else f"/orgs/{owner}/repos"
    wanted = {
        "name": name,
        "description": DESCRIPTION,
        "private": False,
        "auto_init": False,
        "has_issues": True,
        "has_wiki": False,
    }
    made = rest("POST", path, wanted, accept={404, 422})
    if made.status == 422 and "already exists" in github_policy.message_of(made):
        # A try before this one was carried out although its answer was lost; what is new may not
        # be seen at once.
        return rest("GET", f"/repos/{owner}/{name}", again=lambda found: found.status == 404)
    if made.status == 404 and not is_user:
        raise SettingsError(
            f"GitHub knows no organization {owner} in which BUILDER_TOKEN may create repositories",
            names=["BUILDER_OWNER"],
            fix="Set BUILDER_OWNER to the token's user or to an organization it may write to.",
        )
    if made.status >= 400:
        raise github_policy.refusal(f"POST {path}", made)
    return made


def _login(rest: Rest) -> str:
    login = str(rest("GET", "/user").body["login"])
    if not re.fullmatch(r"[A-Za-z0-9_.-]+", login):
        raise SettingsError(
            "GitHub names no usable owner for BUILDER_TOKEN", names=["BUILDER_OWNER"]
        )
    return login
