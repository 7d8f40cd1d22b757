"""The local GitHub as its users hold it: accounts, tokens, repositories, runs, addresses."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from starlette.applications import Starlette
from starlette.routing import Route

from local.faults import Call
from local.faulty import Faulty
from local.hub import (
    actions_api,
    contents_api,
    downloads,
    git_http,
    pages_api,
    repositories,
    settings_api,
)
from local.hub.access import SecondaryLimit
from local.hub.builds import Builds
from local.hub.objects import Addresses
from local.hub.options import HubOptions
from local.hub.overview import Overview
from local.hub.records import Account, PagesBuild, Permissions, Store, Token, WorkflowRun, digest
from local.hub.rest import OPERATIONS, Backend, api_route, no_such_call
from local.hub.runs import Runs
from local.hub.sites import Sites
from local.server import serve

ANSWERING = (repositories, contents_api, pages_api, actions_api, downloads, settings_api)
"""Modules that register operations when they are imported."""
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


class Hub:
    """GitHub: records in memory, git repositories and runs in a folder."""

    def __init__(self, folder: Path, options: HubOptions | None = None) -> None:
        self._options = options or HubOptions()
        self._store = store = Store(folder, self._options.clock)
        self._runs = Runs(store, self._options)
        limit = SecondaryLimit(self._options)
        self._backend = Backend(store, Builds(store, self._options), self._runs, limit)

    @property
    def requests(self) -> list[Call]:
        """REST and git calls so far, in order."""
        return [call for call in self._options.faults.calls if not call.path.startswith("/pages/")]

    @contextmanager
    def serve(self, port: int = 0) -> Iterator[Addresses]:
        """Serve on loopback; runs go on as long as this lasts, and are cancelled then."""
        backend = self._backend
        app = Starlette(
            routes=[
                *(api_route(operation, backend) for operation in OPERATIONS),
                Route("/api/{path:path}", no_such_call, methods=METHODS),
                *Sites(self._store, backend.builds, self._options.time_scale).routes(),
                *git_http.routes(backend),
                *downloads.routes(backend),
                *Overview(backend).routes(),
            ]
        )
        with serve(Faulty(app, self._options.faults), port) as url:
            addresses = Addresses(url)
            with self._runs.carried_out(addresses):
                yield addresses

    def add_user(self, login: str) -> None:
        self._add_account(login, "User")

    def add_organization(self, login: str, *, may_publish_pages: bool = True) -> None:
        self._add_account(login, "Organization", may_publish_pages)

    def _add_account(
        self, login: str, kind: Literal["User", "Organization"], may_publish_pages: bool = True
    ) -> None:
        now = self._options.clock()
        account = Account(self._store.new_id(), login, kind, now, may_publish_pages)
        self._store.accounts[login.lower()] = account

    def add_token(
        self,
        text: str,
        owner: str,
        permissions: Permissions,
        repositories: Sequence[str] | None = None,
        expires_at: float | None = None,
        *,
        of_run: bool = False,
        scopes: Sequence[str] = (),
    ) -> None:
        """Register a token for what `owner` has, or `repositories` of it.

        A classic one has `scopes`. That of an organization acts for the first user; `of_run` makes
        it a workflow run's own.
        """
        account = self._store.account(owner)
        users = [known.login for known in self._store.accounts.values() if known.type == "User"]
        self._store.tokens[digest(text)] = Token(
            owner=account.login,
            user=account.login if account.type == "User" else users[0],
            permissions=permissions,
            repositories=None if repositories is None else tuple(repositories),
            expires_at=expires_at,
            of_run=of_run,
            scopes=tuple(scopes),
        )

    def add_repository(self, full_name: str, source: Path | None = None) -> None:
        """Make a repository, with the tracked files of the checkout `source` as its one commit."""
        owner, _, name = full_name.partition("/")
        repository = self._store.new_repository(self._store.account(owner), name)
        if source is not None:
            repository.git.commit_folder(source.resolve(), repository.default_branch)
            repository.tips = repository.git.branches()

    def set_secret(self, full_name: str, name: str, value: str) -> None:
        """Set a secret that workflows of the repository read as `secrets.NAME`."""
        self._store.repository(full_name).secrets[name] = value

    def set_variable(self, full_name: str, name: str, value: str) -> None:
        """Set a variable that workflows of the repository read as `vars.NAME`."""
        self._store.repository(full_name).variables[name] = value

    def runs(self, full_name: str) -> list[WorkflowRun]:
        return self._store.runs_of(self._store.repository(full_name))

    def builds(self, full_name: str) -> list[PagesBuild]:
        """Return the builds of a repository's Pages site, the first one first."""
        repository = self._store.repository(full_name)
        self._backend.builds.settle(repository)
        return list(repository.site.builds) if repository.site else []

    def wait_for_run(self, run_id: int, timeout: float) -> WorkflowRun:
        """Wait until a run is completed. Raises TimeoutError after `timeout` seconds."""
        return self._runs.wait_for(run_id, timeout)
