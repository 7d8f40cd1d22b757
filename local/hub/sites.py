"""The published sites: files of the commit that was built, behind a cache like a CDN's edge."""

import mimetypes
import re
from pathlib import PurePosixPath
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from local.hub.bare import TreeEntry
from local.hub.builds import Builds
from local.hub.records import PagesSite, Repository, Store

MAX_AGE = 600
"""Seconds that the edge and the browser keep an answer, a 404 too (seen on github.io)."""
PURGE_SECONDS = 10.0
"""Seconds after a deploy in which an edge still gives the answers it had kept."""

# Python's own table only: the machine's mime.types must not change what is served.
TYPES = mimetypes.MimeTypes(filenames=())
MORE_TYPES = {".md": "text/markdown", ".js": "application/javascript", ".woff2": "font/woff2"}
TEXT = re.compile(r"text/|application/(javascript|json|xml|manifest\+json)$|image/svg\+xml$")
MISSING = b"<!doctype html><title>Site not found</title><h1>404</h1><p>%s</p>\n"
HEADERS = {
    "Server": "GitHub.com",
    "Cache-Control": f"max-age={MAX_AGE}",
    "Access-Control-Allow-Origin": "*",
}


class SiteAnswer(NamedTuple):
    """What a site answers to a path."""

    status: int
    body: bytes
    headers: dict[str, str]


class Kept(NamedTuple):
    """An answer as the edge keeps it, with the time of the site's newest deploy by then."""

    answer: SiteAnswer
    stored_at: float
    deployed_at: float


class Sites:
    """All sites below one address."""

    def __init__(self, store: Store, builds: Builds, time_scale: float) -> None:
        self._store = store
        self._builds = builds
        self._max_age = MAX_AGE * (time_scale or 1)
        self._purge = PURGE_SECONDS * time_scale
        self._edge: dict[str, Kept] = {}

    def routes(self) -> list[Route]:
        """Return the route of every site; GET and HEAD."""
        return [
            Route("/pages/{owner}/{repo}", self._respond),
            Route("/pages/{owner}/{repo}/{path:path}", self._respond),
        ]

    def _respond(self, request: Request) -> Response:
        name = f"{request.path_params['owner']}/{request.path_params['repo']}"
        repository, now = self._store.repositories.get(name.lower()), self._store.clock()
        if repository is not None:
            self._builds.settle(repository)
        site = repository.site if repository else None
        deployed_at = site.deployed_at if site else 0
        # The query is part of the key, as on a CDN: `?v=1` asks the origin again.
        key = f"{request.url.path}?{request.url.query}"
        kept = self._edge.get(key)
        is_hit = kept is not None and self._is_fresh(kept, deployed_at, now)
        if kept is None or not is_hit:
            kept = self._edge[key] = Kept(_answer(request, repository, site), now, deployed_at)
        about = {"Age": str(int(now - kept.stored_at)), "X-Cache": "HIT" if is_hit else "MISS"}
        status, body, headers = kept.answer
        return Response(body, status, headers={**HEADERS, **headers, **about})

    def _is_fresh(self, kept: Kept, deployed_at: float, now: float) -> bool:
        """Whether it is not too old, and no deploy since then has been purged."""
        is_purged = kept.deployed_at != deployed_at and now >= deployed_at + self._purge
        return now - kept.stored_at < self._max_age and not is_purged


def _answer(request: Request, repository: Repository | None, site: PagesSite | None) -> SiteAnswer:
    html = {"Content-Type": "text/html"}
    if repository is None or site is None or site.deployed is None:
        return SiteAnswer(404, MISSING % b"There isn't a GitHub Pages site here.", html)
    files = published(repository, site, site.deployed)
    path = request.path_params.get("path")
    if path is None or (path and f"{path}/index.html" in files):
        return SiteAnswer(301, b"", {"Location": request.url.path + "/"})
    found = _file_for(path, files)
    status, entry = (200, files[found]) if found else (404, files.get("404.html"))
    if entry is None:
        return SiteAnswer(404, MISSING % b"The site has no such file.", html)
    body = repository.git.read_blob(entry.blob) or b""
    return SiteAnswer(status, body, {"Content-Type": _content_type(found or "404.html")})


def published(repository: Repository, site: PagesSite, deployed: str) -> dict[str, TreeEntry]:
    """Return what is published: no links, no dot paths, and no `_` paths where Jekyll runs.

    It runs on branches without `.nojekyll`, not on what a workflow deploys.
    """
    files = repository.git.files(deployed, site.path.strip("/"))
    no_jekyll = site.build_type == "workflow" or ".nojekyll" in files
    hidden = r"(^|/)\.(?!well-known/)" if no_jekyll else r"(^|/)[._#](?!well-known/)"
    return {
        path: entry
        for path, entry in files.items()
        if entry.mode not in {"120000", "160000"} and not re.search(hidden, path)
    }


def _file_for(path: str, files: dict[str, TreeEntry]) -> str | None:
    """Return the file that a path means: itself, a folder's index, or the page without `.html`."""
    is_folder = path == "" or path.endswith("/")
    candidates = [f"{path}index.html"] if is_folder else [path, f"{path}.html"]
    return next((candidate for candidate in candidates if candidate in files), None)


def _content_type(path: str) -> str:
    """Return the Content-Type of a file by its name, with the charset for text."""
    suffix = PurePosixPath(path).suffix.lower()
    guessed = MORE_TYPES.get(suffix) or TYPES.guess_type(path)[0] or "application/octet-stream"
    return f"{guessed}; charset=utf-8" if TEXT.match(guessed) else guessed
