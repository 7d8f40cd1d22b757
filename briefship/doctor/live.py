"""`--live`: a throwaway repository, published as an app is, measured and deleted."""

import secrets
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from briefship.doctor.diagnosis import Diagnosis, Patient, fault, good, unknown, warning
from briefship.parts import INSTALL, imported
from builder.ports import AppRepository, Clock

BUDGET = 660.0
"""Seconds: a first publication takes one minute mostly, ten at worst."""
SLOW_PUBLICATION = 180.0
PAGE = (
    b"<!doctype html><html lang=en><title>Doctor</title><p>Made by briefship doctor --live.</p>\n"
)


def live(patient: Patient) -> Iterator[Diagnosis]:
    """Create, push, publish, delete."""
    settings = patient.context.settings
    if not settings.builder_token:
        yield unknown("live", "BUILDER_TOKEN is not set here")
        return
    clock = Clock(now=lambda: datetime.now(UTC), sleep=time.sleep)
    remaining = clock.deadline(BUDGET).remaining
    make = imported("builder.publish.github_api", INSTALL).GitHubApi
    api = make(settings.builder_token, settings.github_api_url, clock=clock, remaining=remaining)
    began = time.monotonic()
    name = f"briefship-doctor-{secrets.token_hex(4)}"
    app: AppRepository = api.find_or_create(settings.owner, name)
    yield good("live: repository", f"{app.html_url} created in {time.monotonic() - began:.1f} s")
    try:
        yield from _published(patient, app, api, clock)
    finally:
        yield _deleted(app, api)


def _published(patient: Patient, app: AppRepository, api: Any, clock: Clock) -> Iterator[Diagnosis]:
    """Push a page and wait until Pages serves it, as the builder does."""
    from builder.publish.checkout import Git
    from builder.publish.deployment import Deployment
    from builder.publish.pages import Pages
    from builder.publish.published_site import PublishedSite
    from builder.site import Site

    settings, site = patient.context.settings, Site({"index.html": PAGE, ".nojekyll": b""})
    with TemporaryDirectory() as folder, httpx.Client() as http:
        began = time.monotonic()
        git = Git(settings.github_server_url, clock, settings.builder_token)
        checkout = git.clone(app.full_name, Path(folder) / "app", exists=True)
        sha = checkout.start(site) if checkout else ""
        yield good("live: push", f"{time.monotonic() - began:.1f} s")
        began, pages = time.monotonic(), Pages(api, app.full_name)
        served = PublishedSite(http, pages.enable(), site, sha, settings.call_seconds)
        deployment = Deployment(pages, sha, served, ["index.html"], clock, lambda _: None)
        deployment.wait(BUDGET)
        seconds = time.monotonic() - began
    seen = f"{seconds:.0f} s until {served.url} had the page"
    if seconds < SLOW_PUBLICATION:
        yield good("live: first publication", seen)
    else:
        fix = "See https://www.githubstatus.com; a run answers at its deadline all the same."
        yield warning("live: first publication", seen, fix)


def _deleted(app: AppRepository, api: Any) -> Diagnosis:
    answer = api("DELETE", f"/repos/{app.full_name}", accept={403, 404})
    if answer.status == 403:
        fix = f"Delete it yourself: {app.html_url}/settings (classic tokens need delete_repo)."
        return fault("live: deleted", "the token may not delete repositories", fix)
    return good("live: deleted", app.full_name)
