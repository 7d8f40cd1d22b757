"""REST: the Pages settings of a repository and its builds."""

from typing import Any

from starlette.responses import JSONResponse, Response

from local.hub.objects import Json, page, page_build
from local.hub.problems import Problem, invalid, not_found
from local.hub.records import Build, Site
from local.hub.rest import Call, Operation, created


def get_page(call: Call) -> Response:
    return JSONResponse(page(call.repository, _site(call), call.links))


def create_page(call: Call) -> Response:
    if call.repository.site is not None:
        raise Problem(409, "GitHub Pages is already enabled.")
    wanted = call.json()
    site = _settings(call, wanted.get("build_type", "legacy"), wanted.get("source"))
    _enable(call, site)
    return created(page(call.repository, site, call.links))


def update_page(call: Call) -> Response:
    now, wanted = _site(call), call.json()
    source = wanted.get("source", {"branch": now.branch, "path": now.path})
    site = _settings(call, wanted.get("build_type", now.build_type), source)
    unchanged = (site.build_type, site.branch, site.path) == (now.build_type, now.branch, now.path)
    if not unchanged:
        site.builds, site.deployed, site.deployed_at = now.builds, now.deployed, now.deployed_at
        _enable(call, site)
    return Response(status_code=204)


def _enable(call: Call, site: Site) -> None:
    git = call.parts.git(call.repository)
    call.parts.builds.enable(call.repository, site, git, call.actor.login)


def _settings(call: Call, build_type: Any, source: Any) -> Site:
    """Return the settings asked for. Raises Problem (422)."""
    if build_type not in {"legacy", "workflow"}:
        raise invalid('"build_type" must be one of legacy, workflow.')
    if build_type == "workflow":
        return Site(build_type=build_type, branch=call.repository.default_branch, path="/")
    if not isinstance(source, dict) or not isinstance(source.get("branch"), str):
        raise invalid('"source" wasn\'t supplied.')
    branch, path = source["branch"], source.get("path", "/")
    if path not in {"/", "/docs"}:
        raise invalid('"path" must be one of /, /docs.')
    if branch not in call.parts.git(call.repository).branches():
        raise Problem(422, f"The {branch} branch must exist before GitHub Pages can be built.")
    return Site(build_type=build_type, branch=branch, path=path)


def _site(call: Call) -> Site:
    """Return the settings, with the builds brought up to now. Raises Problem (404)."""
    site = call.repository.site
    if site is None:
        raise not_found()
    call.parts.builds.settle(call.repository)
    return site


def list_builds(call: Call) -> Response:
    newest_first = reversed(_site(call).builds)
    return JSONResponse([_build(call, build) for build in newest_first])


def get_latest_build(call: Call) -> Response:
    builds = _site(call).builds
    if not builds:
        raise not_found()
    return JSONResponse(_build(call, builds[-1]))


def request_build(call: Call) -> Response:
    if _site(call).build_type != "legacy":
        raise Problem(422, "GitHub Pages is built by a workflow for this repository.")
    git = call.parts.git(call.repository)
    if call.parts.builds.request(call.repository, git, call.actor.login) is None:
        raise not_found()
    url = f"{call.links.repository(call.repository.full_name)}/pages/builds/latest"
    return created({"url": url, "status": "queued"})


def _build(call: Call, build: Build) -> Json:
    return page_build(call.repository, build, call.parts.account(build.pusher), call.links)


PAGES = "/repos/{owner}/{repo}/pages"
READ = {"pages": "read"}
SETTINGS = {"pages": "write", "administration": "write"}
OPERATIONS = (
    Operation("GET", PAGES, get_page, "pages/pages#get-a-apiname-pages-site", READ),
    Operation("POST", PAGES, create_page, "pages/pages#create-a-apiname-pages-site", SETTINGS),
    Operation(
        "PUT",
        PAGES,
        update_page,
        "pages/pages#update-information-about-a-apiname-pages-site",
        SETTINGS,
    ),
    Operation("GET", f"{PAGES}/builds", list_builds, "pages/pages#list-apiname-pages-builds", READ),
    Operation(
        "POST",
        f"{PAGES}/builds",
        request_build,
        "pages/pages#request-a-apiname-pages-build",
        {"pages": "write"},
    ),
    Operation(
        "GET",
        f"{PAGES}/builds/latest",
        get_latest_build,
        "pages/pages#get-latest-pages-build",
        READ,
    ),
)
