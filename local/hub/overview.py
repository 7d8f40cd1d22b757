"""Pages for people, at GitHub's own paths: repositories, their runs, logs and job summaries."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from local.hub.objects import Links
from local.hub.records import Repository
from local.hub.rest import Backend

HEADERS = {
    # What came from outside is escaped; should that fail, it still runs nothing.
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
    "form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
SUMMARY = "   ⚙  Summary - "
"""What stands before a step's summary in act's log, after the job's name in brackets."""
MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")
TEXTS = ("README.md", "README")


class Overview:
    """The pages; what a private repository holds is shown too: it is all on this machine."""

    def __init__(self, backend: Backend) -> None:
        self._store = backend.store
        self._builds = backend.builds
        self._runs = backend.runs
        folder = Path(__file__).with_name("pages_for_people")
        self._templates = Environment(
            loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined
        )
        self._templates.filters |= {"clock": clock, "markdown": markdown}

    def routes(self) -> list[Route]:
        """Return the routes; git's own, which look alike, have to come first."""
        run = "/{owner}/{repo}/actions/runs/{run_id:int}"
        return [
            Route("/", self._index),
            Route("/{owner}/{repo}", self._repository),
            Route("/{owner}/{repo}/commit/{sha}", self._repository),
            Route(run, self._run),
            Route(f"{run}/log", self._log),
            Route("/{owner}/{repo}/actions", self._repository),
            Route("/{owner}/{repo}/actions/{rest:path}", self._repository),
        ]

    def _index(self, request: Request) -> Response:
        return self._page("index.html", request, runs=self._newest_first(None))

    def _repository(self, request: Request) -> Response:
        repository = self._find(request)
        if repository is None:
            return _not_found()
        self._builds.settle(repository)
        git = self._store.git(repository)
        sha = request.path_params.get("sha", repository.default_branch)
        commit = git.commit(sha) if sha in git.branches() or sha.isalnum() else None
        files = git.files(commit.sha) if commit else {}
        readme = next((files[name].blob for name in TEXTS if name in files), None)
        return self._page(
            "repository.html",
            request,
            repository=repository,
            commit=commit,
            files=sorted(files),
            readme=(git.read_blob(readme) or b"").decode("utf-8", "replace") if readme else "",
            runs=self._newest_first(repository.full_name),
        )

    def _run(self, request: Request) -> Response:
        run = self._store.run(request.path_params["run_id"])
        if run is None or self._find(request) is None:
            return _not_found()
        log = self._runs.folder(run.id).read_log()
        return self._page("run.html", request, run=run, log=log, summaries=summaries(log))

    def _log(self, request: Request) -> Response:
        run = self._store.run(request.path_params["run_id"])
        if run is None:
            return _not_found()
        log = self._runs.folder(run.id).read_log()
        return PlainTextResponse(log, headers=HEADERS)

    def _find(self, request: Request) -> Repository | None:
        name = f"{request.path_params['owner']}/{request.path_params['repo']}"
        return self._store.repository(name.removesuffix(".git"))

    def _newest_first(self, full_name: str | None) -> list[Any]:
        return list(reversed(self._store.runs(full_name)))

    def _page(self, template: str, request: Request, **values: Any) -> Response:
        links = Links(str(request.base_url).rstrip("/"))
        repositories = self._store.repositories()
        page = self._templates.get_template(template).render(
            links=links, repositories=repositories, **values
        )
        return HTMLResponse(page, headers=HEADERS)


def _not_found() -> Response:
    return PlainTextResponse("not found\n", 404, headers=HEADERS)


def summaries(log: str) -> list[str]:
    """Return the job summaries, as Markdown, that act wrote to a log."""
    found: list[list[str]] = []
    job: str | None = None
    for line in log.splitlines():
        before, mark, begun = line.partition(SUMMARY)
        if mark and before.startswith("["):
            job = before
            found.append([begun])
        elif job is not None and line.startswith(f"{job} "):
            job = None
        elif job is not None:
            found[-1].append(line)
    return ["\n".join(lines) for lines in found]


def markdown(text: str) -> Markup:
    """Render Markdown; HTML in it is escaped, and links go to the web only."""
    return Markup(MARKDOWN.render(text))  # noqa: S704 - rendered with html off


def clock(seconds: float) -> str:
    """Return the time of day, in UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%H:%M:%S")
