"""The published sites: files of the commit that was built, behind a cache like a CDN's edge."""

import mimetypes
import re
import threading
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from starlette.concurrency import run_in_threadpool
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
NO_SITE = MISSING % b"There isn't a GitHub Pages site here."
NO_FILE = MISSING % b"The site has no such file."
HEADERS = {
    "Server": "GitHub.com",
    "Cache-Control": f"max-age={MAX_AGE}",
    "Access-Control-Allow-Origin": "*",
}


@dataclass(frozen=True)
class SiteAnswer:
    """What a site answers to a path; `stored_at` in seconds since the epoch."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "text/html"})
    stored_at: float = 0


class EdgeCache:
    """Keeps answers until they are too old, or a deploy of their site has been purged."""

    def __init__(self, time_scale: float) -> None:
        self._max_age = MAX_AGE * (time_scale or 1)
        self._purge = PURGE_SECONDS * time_scale
        self._kept: dict[tuple[str, str], tuple[float, SiteAnswer]] = {}
        self._lock = threading.Lock()

    def find(self, site: str, path: str, deployed_at: float, now: float) -> SiteAnswer | None:
        """Return an answer that is fresh; `deployed_at` is the newest deploy of the site."""
        with self._lock:
            deploy, answer = self._kept.get((site, path), (None, None))
        if answer is None or now - answer.stored_at >= self._max_age:
            return None
        return answer if deploy == deployed_at or now < deployed_at + self._purge else None

    def keep(self, site: str, path: str, deployed_at: float, answer: SiteAnswer) -> None:
        with self._lock:
            self._kept[site, path] = (deployed_at, answer)


def published(files: dict[str, TreeEntry], *, raw: bool = False) -> dict[str, TreeEntry]:
    """Return what is published: no links, no dot paths, and no `_` paths where Jekyll runs.

    It runs on branches without `.nojekyll`, not on what is deployed `raw`, by a workflow.
    """
    no_jekyll = raw or ".nojekyll" in files
    hidden = r"(^|/)\.(?!well-known/)" if no_jekyll else r"(^|/)[._#](?!well-known/)"
    return {
        path: entry
        for path, entry in files.items()
        if entry.mode != "120000" and entry.mode != "160000" and not re.search(hidden, path)
    }


class Sites:
    """All sites below one address."""

    def __init__(self, store: Store, builds: Builds, time_scale: float) -> None:
        self._store = store
        self._builds = builds
        self._edge = EdgeCache(time_scale)
        self._listed: dict[tuple[int, str, str, str], dict[str, TreeEntry]] = {}

    def routes(self) -> list[Route]:
        """Return the route of every site; GET and HEAD."""

        async def answer(request: Request) -> Response:
            return await run_in_threadpool(self._respond, request)

        return [
            Route("/pages/{owner}/{repo}", answer),
            Route("/pages/{owner}/{repo}/{path:path}", answer),
        ]

    def _respond(self, request: Request) -> Response:
        name = f"{request.path_params['owner']}/{request.path_params['repo']}"
        repository, now = self._store.repository(name), self._store.clock()
        if repository is not None:
            self._builds.settle(repository)
        site = repository.site if repository else None
        deployed_at = site.deployed_at if site else 0
        # The query is part of the key, as on a CDN: `?v=1` asks the origin again.
        key = (name.lower(), f"{request.url.path}?{request.url.query}")
        kept = self._edge.find(*key, deployed_at, now)
        answer = kept or replace(self._make(request, repository, site), stored_at=now)
        if kept is None:
            self._edge.keep(*key, deployed_at, answer)
        about = {"Age": str(int(now - answer.stored_at)), "X-Cache": "HIT" if kept else "MISS"}
        return Response(answer.body, answer.status, headers={**HEADERS, **answer.headers, **about})

    def _make(
        self, request: Request, repository: Repository | None, site: PagesSite | None
    ) -> SiteAnswer:
        if repository is None or site is None or site.deployed is None:
            return SiteAnswer(404, NO_SITE)
        files = self._files(repository, site, site.deployed)
        path = request.path_params.get("path")
        if path is None or (path and _is_folder(path, files)):
            return SiteAnswer(301, b"", {"Location": request.url.path + "/"})
        found = _file_for(path, files)
        status, entry = (200, files[found]) if found else (404, files.get("404.html"))
        body = (repository.git.read_blob(entry.blob) or b"") if entry else NO_FILE
        return SiteAnswer(status, body, {"Content-Type": content_type(found or "404.html")})

    def _files(
        self, repository: Repository, site: PagesSite, deployed: str
    ) -> dict[str, TreeEntry]:
        """Return the files that Pages serves of what is deployed, listed once each."""
        key = (repository.id, deployed, site.path, site.build_type)
        if key not in self._listed:
            files = repository.git.files(deployed, site.path.strip("/"))
            self._listed[key] = published(files, raw=site.build_type == "workflow")
        return self._listed[key]


def _is_folder(path: str, files: dict[str, TreeEntry]) -> bool:
    return not path.endswith("/") and path not in files and f"{path}/index.html" in files


def _file_for(path: str, files: dict[str, TreeEntry]) -> str | None:
    """Return the file that a path means: itself, a folder's index, or the page without `.html`."""
    is_folder = path == "" or path.endswith("/")
    candidates = [f"{path}index.html"] if is_folder else [path, f"{path}.html"]
    return next((candidate for candidate in candidates if candidate in files), None)


def content_type(path: str) -> str:
    """Return the Content-Type of a file by its name, with the charset for text."""
    suffix = PurePosixPath(path).suffix.lower()
    guessed = MORE_TYPES.get(suffix) or TYPES.guess_type(path)[0] or "application/octet-stream"
    return f"{guessed}; charset=utf-8" if TEXT.match(guessed) else guessed
