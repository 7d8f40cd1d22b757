"""Pages for people, at GitHub's own paths: repositories, their runs, logs and job summaries."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from local.hub.objects import Addresses
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


class Overview:
    """The pages: everybody may see them, it is all on this machine."""

    def __init__(self, backend: Backend) -> None:
        self._store = backend.store
        self._builds = backend.builds
        folder = Path(__file__).with_name("pages_for_people")
        self._templates = Environment(
            loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined
        )
        self._templates.filters["markdown"] = markdown

    def routes(self) -> list[Route]:
        """Return the routes; git's own, which look alike, have to come first."""
        return [
            Route("/", self._index),
            Route("/{owner}/{repo}", self._repository),
            Route("/{owner}/{repo}/actions", self._repository),
            Route("/{owner}/{repo}/actions/runs/{run_id:int}", self._run),
        ]

    def _index(self, request: Request) -> Response:
        return self._page("index.html", request, runs=list(self._store.runs.values()))

    def _repository(self, request: Request) -> Response:
        repository = self._find(request)
        self._builds.settle(repository)
        git = repository.git
        commit = git.commit(repository.default_branch)
        files = git.files(commit.sha) if commit else {}
        readme = git.read_blob(files["README.md"].blob) if "README.md" in files else None
        return self._page(
            "repository.html",
            request,
            repository=repository,
            commit=commit,
            files=sorted(files),
            readme=(readme or b"").decode("utf-8", "replace"),
            runs=self._store.runs_of(repository),
        )

    def _run(self, request: Request) -> Response:
        repository, run = self._find(request), self._store.runs.get(request.path_params["run_id"])
        if run is None or run.repository is not repository:
            raise HTTPException(404)
        log = run.folder.read_log()
        return self._page("run.html", request, run=run, log=log, summaries=summaries(log))

    def _find(self, request: Request) -> Repository:
        name = f"{request.path_params['owner']}/{request.path_params['repo']}"
        found = self._store.repositories.get(name.removesuffix(".git").lower())
        if found is None:
            raise HTTPException(404)
        return found

    def _page(self, template: str, request: Request, **values: Any) -> Response:
        repositories = list(self._store.repositories.values())
        page = self._templates.get_template(template).render(
            at=Addresses.of(request), repositories=repositories, **values
        )
        return HTMLResponse(page, headers=HEADERS)


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
