"""REST: the Pages settings of a repository and its builds."""

from typing import Any

from starlette.responses import JSONResponse, Response

from local.hub.objects import page, page_build
from local.hub.problems import Problem, invalid, not_found
from local.hub.records import PagesSite
from local.hub.rest import REPOSITORY, ApiCall, created, operation

PAGES = f"{REPOSITORY}/pages"


@operation("GET", PAGES, pages="read")
def get_page(call: ApiCall) -> Response:
    return JSONResponse(page(call.repository, _site(call), call.at))


@operation("POST", PAGES, pages="write", administration="write")
def create_page(call: ApiCall) -> Response:
    if call.repository.site is not None:
        raise Problem(409, "GitHub Pages is already enabled.")
    wanted = call.json()
    site = _settings(call, wanted.get("build_type", "legacy"), wanted.get("source"))
    call.backend.builds.enable(call.repository, site, call.actor.login)
    return created(page(call.repository, site, call.at))


@operation("PUT", PAGES, pages="write", administration="write")
def update_page(call: ApiCall) -> Response:
    now, wanted = _site(call), call.json()
    source = wanted.get("source", {"branch": now.branch, "path": now.path})
    site = _settings(call, wanted.get("build_type", now.build_type), source)
    if (site.build_type, site.branch, site.path) != (now.build_type, now.branch, now.path):
        site.builds, site.deployed, site.deployed_at = now.builds, now.deployed, now.deployed_at
        call.backend.builds.enable(call.repository, site, call.actor.login)
    return Response(status_code=204)


def _settings(call: ApiCall, build_type: Any, source: Any) -> PagesSite:
    """Return the settings asked for. Raises Problem (422)."""
    if build_type == "workflow":
        return PagesSite("workflow", call.repository.default_branch, "/")
    if build_type != "legacy":
        raise invalid('"build_type" must be one of legacy, workflow.')
    if not isinstance(source, dict) or not isinstance(source.get("branch"), str):
        raise invalid('"source" wasn\'t supplied.')
    branch, path = source["branch"], source.get("path", "/")
    if path not in {"/", "/docs"}:
        raise invalid('"path" must be one of /, /docs.')
    if branch not in call.repository.tips:
        raise Problem(422, f"The {branch} branch must exist before GitHub Pages can be built.")
    return PagesSite("legacy", branch, path)


def _site(call: ApiCall) -> PagesSite:
    """Return the settings, with the builds brought up to now. Raises Problem (404)."""
    if call.repository.site is None:
        raise not_found()
    call.backend.builds.settle(call.repository)
    return call.repository.site


@operation("GET", f"{PAGES}/builds", pages="read")
def list_builds(call: ApiCall) -> Response:
    newest_first = reversed(_site(call).builds)
    pushers = call.store.account
    return JSONResponse([
        page_build(call.repository, build, pushers(build.pusher), call.at)
        for build in newest_first
    ])  # fmt: skip


@operation("POST", f"{PAGES}/builds", pages="write")
def request_build(call: ApiCall) -> Response:
    if _site(call).build_type != "legacy":
        raise Problem(422, "GitHub Pages is built by a workflow for this repository.")
    call.backend.builds.request(call.repository, call.actor.login)
    return created({"url": f"{call.url}/pages/builds/latest", "status": "queued"})
