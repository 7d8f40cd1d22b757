"""The published sites: files of the commit that was built, behind a cache like a CDN's edge."""

import re
from typing import NamedTuple
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from builder.verify.hosting import HTML, Hosting, PagesAnswer
from local.hub.builds import Builds
from local.hub.records import PagesSite, Repository, Store

MAX_AGE = 600
"""Seconds that the edge and the browser keep an answer, a 404 too (seen on github.io)."""
PURGE_SECONDS = 10.0
"""Seconds after a deploy in which an edge still gives the answers it had kept."""

HEADERS = {
    "Server": "GitHub.com",
    "Cache-Control": f"max-age={MAX_AGE}",
    "Access-Control-Allow-Origin": "*",
}


class Kept(NamedTuple):
    """An answer as the edge keeps it, with the time of the site's newest deploy by then."""

    answer: PagesAnswer
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
        status, media_type, body, location = kept.answer
        about |= {"Location": location} if location else {}
        return Response(body, status, headers={**HEADERS, **about, "Content-Type": media_type})

    def _is_fresh(self, kept: Kept, deployed_at: float, now: float) -> bool:
        """Whether it is not too old, and no deploy since then has been purged."""
        is_purged = kept.deployed_at != deployed_at and now >= deployed_at + self._purge
        return now - kept.stored_at < self._max_age and not is_purged


def _answer(request: Request, repository: Repository | None, site: PagesSite | None) -> PagesAnswer:
    if repository is None or site is None or site.deployed is None:
        return PagesAnswer(404, HTML, b"<h1>404</h1>There isn't a GitHub Pages site here.")
    owner, repo = request.path_params["owner"], request.path_params["repo"]
    files = published(repository, site, site.deployed)
    return Hosting(f"pages/{owner}/{repo}", files).answer(quote(request.scope["path"]))


def published(repository: Repository, site: PagesSite, deployed: str) -> dict[str, bytes]:
    """Return what is published: no links, no dot paths, and no `_` paths where Jekyll runs.

    It runs on branches without `.nojekyll`, not on what a workflow deploys.
    """
    folder = site.path.strip("/")
    files = repository.git.contents(f"{deployed}:{folder}" if folder else deployed)
    no_jekyll = site.build_type == "workflow" or ".nojekyll" in files
    hidden = r"(^|/)\.(?!well-known/)" if no_jekyll else r"(^|/)[._#](?!well-known/)"
    return {path: content for path, content in files.items() if not re.search(hidden, path)}
