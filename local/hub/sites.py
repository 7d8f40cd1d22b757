"""The published sites: files of the commit that was built, behind a cache like a CDN's edge."""

import mimetypes
import re
import threading
from dataclasses import dataclass, replace
from email.utils import formatdate
from pathlib import PurePosixPath

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from local.hub.bare import BareRepository, Entry
from local.hub.parts import Parts
from local.hub.records import Repository, Site

MAX_AGE = 600
"""Seconds that the edge and the browser keep an answer (seen on github.io)."""

# Python's own table only: the machine's mime.types must not change what is served.
TYPES = mimetypes.MimeTypes(filenames=())
MORE_TYPES = {".md": "text/markdown", ".js": "application/javascript", ".woff2": "font/woff2"}
TEXT = re.compile(r"text/|application/(javascript|json|xml|manifest\+json)$|image/svg\+xml$")
MISSING = b"<!doctype html><title>Site not found</title><h1>404</h1><p>%s</p>\n"
NO_SITE = MISSING % b"There isn't a GitHub Pages site here."
NO_FILE = MISSING % b"The site has no such file."


@dataclass(frozen=True)
class Answer:
    """What a site answers to a path; `stored_at` in seconds since the epoch."""

    status: int
    body: bytes
    headers: dict[str, str]
    stored_at: float = 0


class Edge:
    """Answers kept up to MAX_AGE seconds, those of a site until its next deploy."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], tuple[float, Answer]] = {}
        self._lock = threading.Lock()

    def find(self, site: str, path: str, deployed_at: float, now: float) -> Answer | None:
        """Return an answer that is fresh and was made of the deploy of `deployed_at`."""
        with self._lock:
            deploy, answer = self._kept.get((site, path), (None, None))
        if answer is None or deploy != deployed_at or now - answer.stored_at >= MAX_AGE:
            return None
        return answer

    def keep(self, site: str, path: str, deployed_at: float, answer: Answer) -> None:
        with self._lock:
            self._kept[site, path] = (deployed_at, answer)


class Trees:
    """The files of built commits, listed once each."""

    def __init__(self) -> None:
        self._listed: dict[tuple[int, str, str, str], dict[str, Entry]] = {}

    def files(self, repository: Repository, site: Site, git: BareRepository) -> dict[str, Entry]:
        """Return the files that Pages serves of what is deployed."""
        key = (repository.id, site.deployed or "", site.path, site.build_type)
        if key not in self._listed:
            files = git.files(site.deployed, site.path.strip("/")) if site.deployed else {}
            self._listed[key] = served(files, raw=site.build_type == "workflow")
        return self._listed[key]


def served(files: dict[str, Entry], *, raw: bool = False) -> dict[str, Entry]:
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

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._edge = Edge()
        self._trees = Trees()

    def routes(self) -> list[Route]:
        """Return the route of every site; GET and HEAD."""

        async def answer(request: Request) -> Response:
            return await run_in_threadpool(self._respond, request)

        return [
            Route("/pages/{owner}/{repo}", answer),
            Route("/pages/{owner}/{repo}/{path:path}", answer),
        ]

    def _respond(self, request: Request) -> Response:
        now = self._parts.clock()
        answer, hit = self._find(request, now)
        headers = {
            **answer.headers,
            "Age": str(int(now - answer.stored_at)),
            "X-Cache": "HIT" if hit else "MISS",
        }
        if answer.status == 200 and request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        return Response(answer.body, answer.status, headers=headers)

    def _find(self, request: Request, now: float) -> tuple[Answer, bool]:
        owner, name = request.path_params["owner"], request.path_params["repo"]
        repository = self._parts.store.repository(f"{owner}/{name}")
        if repository is None or repository.site is None:
            return self._through_edge(request, f"{owner}/{name}", 0, now, None)
        self._parts.builds.settle(repository)
        site = repository.site
        return self._through_edge(
            request, repository.full_name, site.deployed_at, now, (repository, site)
        )

    def _through_edge(
        self,
        request: Request,
        name: str,
        deployed_at: float,
        now: float,
        source: tuple[Repository, Site] | None,
    ) -> tuple[Answer, bool]:
        # The query is part of the key, as on a CDN: `?1` asks the origin again.
        key = f"{request.url.path}?{request.url.query}"
        kept = self._edge.find(name.lower(), key, deployed_at, now)
        if kept is not None:
            return kept, True
        made = replace(self._make(request, source), stored_at=now)
        self._edge.keep(name.lower(), key, deployed_at, made)
        return made, False

    def _make(self, request: Request, source: tuple[Repository, Site] | None) -> Answer:
        if source is None or source[1].deployed is None:
            return _missing(NO_SITE)
        repository, site = source
        git = self._parts.git(repository)
        files = self._trees.files(repository, site, git)
        path = request.path_params.get("path")
        if path is None or (path and _is_folder(path, files)):
            return _moved(request.url.path + "/")
        found = _file_for(path, files)
        if found is None:
            page = files.get("404.html")
            return _missing(git.read_blob(page.blob) or b"" if page else NO_FILE)
        return _file(found, files[found], site, git.read_blob(files[found].blob) or b"")


def _is_folder(path: str, files: dict[str, Entry]) -> bool:
    return not path.endswith("/") and path not in files and f"{path}/index.html" in files


def _file_for(path: str, files: dict[str, Entry]) -> str | None:
    """Return the file that a path means: itself, a folder's index, or the page without `.html`."""
    if path == "" or path.endswith("/"):
        candidates = [f"{path}index.html"]
    else:
        candidates = [path, f"{path}.html"]
    return next((candidate for candidate in candidates if candidate in files), None)


def _file(path: str, entry: Entry, site: Site, body: bytes) -> Answer:
    headers = {
        "Content-Type": content_type(path),
        "ETag": f'"{entry.blob}"',
        "Last-Modified": formatdate(site.deployed_at, usegmt=True),
        **_shared_headers(),
    }
    return Answer(200, body, headers)


def content_type(path: str) -> str:
    """Return the Content-Type of a file by its name, with the charset for text."""
    suffix = PurePosixPath(path).suffix.lower()
    guessed = MORE_TYPES.get(suffix) or TYPES.guess_type(path)[0] or "application/octet-stream"
    return f"{guessed}; charset=utf-8" if TEXT.match(guessed) else guessed


def _missing(body: bytes) -> Answer:
    return Answer(404, body, {"Content-Type": "text/html; charset=utf-8", **_shared_headers()})


def _moved(address: str) -> Answer:
    return Answer(301, b"", {"Location": address, **_shared_headers()})


def _shared_headers() -> dict[str, str]:
    return {
        "Server": "GitHub.com",
        "Cache-Control": f"max-age={MAX_AGE}",
        "Access-Control-Allow-Origin": "*",
    }
