"""REST: the Pages settings of a repository and its builds."""

from typing import Any

from starlette.responses import JSONResponse, Response

from local.hub.objects import Json, page, page_build
from local.hub.problems import Problem, invalid, not_found
from local.hub.records import PagesBuild, PagesSite
from local.hub.rest import REPOSITORY, ApiCall, created, operation

PAGES = f"{REPOSITORY}/pages"


@operation("GET", PAGES, pages="read")
def get_page(call: ApiCall) -> Response:
    return JSONResponse(page(call.repository, _site(call), call.links))


@operation("POST", PAGES, pages="write", administration="write")
def create_page(call: ApiCall) -> Response:
    if call.repository.site is not None:
        raise Problem(409, "GitHub Pages is already enabled.")
    wanted = call.json()
    site = _settings(call, wanted.get("build_type", "legacy"), wanted.get("source"))
    call.backend.builds.enable(call.repository, site, call.git, call.actor.login)
    return created(page(call.repository, site, call.links))


@operation("PUT", PAGES, pages="write", administration="write")
def update_page(call: ApiCall) -> Response:
    now, wanted = _site(call), call.json()
    source = wanted.get("source", {"branch": now.branch, "path": now.path})
    site = _settings(call, wanted.get("build_type", now.build_type), source)
    if (site.build_type, site.branch, site.path) != (now.build_type, now.branch, now.path):
        site.builds, site.deployed, site.deployed_at = now.builds, now.deployed, now.deployed_at
        call.backend.builds.enable(call.repository, site, call.git, call.actor.login)
    return Response(status_code=204)


def _settings(call: ApiCall, build_type: Any, source: Any) -> PagesSite:
    """Return the settings asked for. Raises Problem (422)."""
    if build_type not in {"legacy", "workflow"}:
        raise invalid('"build_type" must be one of legacy, workflow.')
    if build_type == "workflow":
        return PagesSite(build_type=build_type, branch=call.repository.default_branch, path="/")
    if not isinstance(source, dict) or not isinstance(source.get("branch"), str):
        raise invalid('"source" wasn\'t supplied.')
    branch, path = source["branch"], source.get("path", "/")
    if path not in {"/", "/docs"}:
        raise invalid('"path" must be one of /, /docs.')
    if branch not in call.git.branches():
        raise Problem(422, f"The {branch} branch must exist before GitHub Pages can be built.")
    return PagesSite(build_type=build_type, branch=branch, path=path)


def _site(call: ApiCall) -> PagesSite:
    """Return the settings, with the builds brought up to now. Raises Problem (404)."""
    site = call.repository.site
    if site is None:
        raise not_found()
    call.backend.builds.settle(call.repository)
    return site


@operation("GET", f"{PAGES}/builds", pages="read")
def list_builds(call: ApiCall) -> Response:
    newest_first = reversed(_site(call).builds)
    return JSONResponse([_build(call, build) for build in newest_first])


@operation("POST", f"{PAGES}/builds", pages="write")
def request_build(call: ApiCall) -> Response:
    if _site(call).build_type != "legacy":
        raise Problem(422, "GitHub Pages is built by a workflow for this repository.")
    if call.backend.builds.request(call.repository, call.git, call.actor.login) is None:
        raise not_found()
    return created({"url": f"{call.url}/pages/builds/latest", "status": "queued"})


@operation("GET", f"{PAGES}/builds/latest", pages="read")
def get_latest_build(call: ApiCall) -> Response:
    builds = _site(call).builds
    if not builds:
        raise not_found()
    return JSONResponse(_build(call, builds[-1]))


def _build(call: ApiCall, build: PagesBuild) -> Json:
    return page_build(call.repository, build, call.store.account(build.pusher), call.links)
