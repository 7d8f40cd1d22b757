"""The tokens: valid, for how long, and each permission by a call that changes nothing."""

import re
from collections.abc import Iterator
from datetime import datetime

import httpx

from briefship.doctor.diagnosis import Diagnosis, Patient, State, fault, good, unknown, warning
from briefship.github import GitHub, needed
from builder.ports import Answer
from builder.publish.github_policy import message_of

EXPIRY = "github-authentication-token-expiration"
SCOPES = "x-oauth-scopes"
"""Sent for classic tokens only."""
SOON_DAYS = 14
PROBE = {"content": "briefship: may this token write?", "encoding": "utf-8"}
"""A blob that nothing refers to, the receiver's own."""
NO_BRANCH = {"build_type": "legacy", "source": {"branch": "briefship-no-such-branch", "path": "/"}}
"""Pages of a missing branch: refused with 422 if the token may enable Pages, else with 403."""
BUILDER_FIX = (
    "Give BUILDER_TOKEN {needed} on all repositories of {owner} (classic: the scope repo), "
    "then store it again as the secret BUILDER_TOKEN."
)


def operator_token(patient: Patient) -> Iterator[Diagnosis]:
    """Look at the token with which the doctor itself calls GitHub."""
    github = patient.context.github
    answer = github("GET", patient.root)
    yield _lasting(f"your token ({github.name})", answer, patient.now(), "reads the repository")


def dispatch_token(patient: Patient) -> Iterator[Diagnosis]:
    """Look whether the receiver's token may dispatch."""
    name, token = "dispatch token", patient.context.settings.dispatch_token
    if not token:
        yield unknown(
            name, "DISPATCH_TOKEN is not set here; briefship doctor receiver asks its host"
        )
        return
    github = patient.context.github_by(token, "DISPATCH_TOKEN")
    answer = github("POST", f"{patient.root}/git/blobs", PROBE, accept={409})
    yield _lasting(name, answer, patient.now(), "may write to the workflow repository")


def builder_token(patient: Patient) -> Iterator[Diagnosis]:
    """Look whether the builder's token may create, fill and publish app repositories."""
    name, settings = "builder token", patient.context.settings
    if not settings.builder_token:
        if patient.on_runner:
            fix = "Store it as the secret BUILDER_TOKEN of the workflow repository."
            yield fault(name, "the secret BUILDER_TOKEN is not set", fix)
        else:
            yield unknown(name, "BUILDER_TOKEN is not set here; the workflow doctor looks at it")
        return
    github = patient.context.github_by(settings.builder_token, "BUILDER_TOKEN")
    user = github("GET", "/user")
    yield _lasting(name, user, patient.now(), f"is {user.json()['login']}'s")
    if SCOPES in user.headers:
        yield _scopes(f"{name}: scopes", user.headers[SCOPES])
        return
    yield from _permissions(name, patient, github, is_user=user.json()["login"].lower())


def _permissions(
    name: str, patient: Patient, github: GitHub, *, is_user: str
) -> Iterator[Diagnosis]:
    owner, repository = patient.context.settings.owner, patient.context.settings.repository
    # Without a name nothing is created: 422 says that the token may.
    create = "/user/repos" if owner.lower() == is_user else f"/orgs/{owner}/repos"
    answer = github("POST", create, {}, accept={400, 403, 404, 422})
    creates = _permitted(f"{name}: new repositories", answer, owner, "Administration: write")
    yield creates
    if owner.lower() != repository.partition("/")[0].lower():
        seen = f"not tried: {repository} is not {owner}'s; briefship doctor --live tries them"
        yield unknown(f"{name}: Contents and Pages", seen)
        return
    blob = github("POST", f"{patient.root}/git/blobs", PROBE, accept={403, 404, 409})
    yield _permitted(f"{name}: Contents", blob, owner, "Contents: write")
    pages = github("POST", f"{patient.root}/pages", NO_BRANCH, accept={400, 403, 404, 409, 422})
    publishes = _permitted(f"{name}: Pages", pages, owner, "Pages and Administration: write")
    if creates.state is State.FAULT and publishes.state is State.FAULT:
        # The one call needs Administration too, which may be all that is missing.
        publishes = unknown(publishes.name, "cannot be seen without Administration: write")
    yield publishes


def _permitted(name: str, answer: httpx.Response, owner: str, otherwise: str) -> Diagnosis:
    """Read a probe: what GitHub found wrong with the content was let in by the token."""
    if answer.status_code not in {403, 404}:
        return good(name, "permitted")
    reason = message_of(Answer(answer.status_code, answer.headers, answer.json()))
    fix = BUILDER_FIX.format(needed=needed(answer, otherwise), owner=owner)
    return fault(name, f"refused: {reason}", fix)


def _scopes(name: str, scopes: str) -> Diagnosis:
    if "repo" in re.split(r",\s*", scopes):
        return good(name, scopes)
    return fault(name, scopes or "none", "Give the classic token the scope repo.")


def _lasting(name: str, answer: httpx.Response, now: datetime, seen: str) -> Diagnosis:
    """Say how long a token remains valid."""
    ends = _moment(answer.headers.get(EXPIRY, ""))
    if ends is None:
        return good(name, seen)
    days = (ends - now).days
    lasts = f"{seen}; expires on {ends:%Y-%m-%d}, in {days} days"
    if days >= SOON_DAYS:
        return good(name, lasts)
    return warning(name, lasts, "Make a new token in time, and store it where this one is.")


def _moment(text: str) -> datetime | None:
    """Read the header, which ends with UTC or with an offset."""
    try:
        return datetime.strptime(text.replace("UTC", "+0000"), "%Y-%m-%d %H:%M:%S %z")
    except ValueError:
        return None
