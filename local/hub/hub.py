"""The local GitHub as its users hold it: accounts, tokens, repositories, runs, addresses."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from local.faults import FaultPlan
from local.faulty import Faulty
from local.hub.access import RateLimits
from local.hub.app import LoggedRequest, create_app
from local.hub.builds import Builds
from local.hub.objects import Links
from local.hub.records import Account, Permissions, Store, Token, WorkflowRun, digest
from local.hub.rest import Backend
from local.hub.runner_browsers import RunnerBrowsers
from local.hub.runs import ActionsState, Runner, Runs
from local.server import serve


@dataclass(frozen=True)
class HubOptions:
    """How the hub behaves.

    `time_scale` is what GitHub's own waits are multiplied by: builds and purges of Pages, the
    edge's cache, the minute of a secondary limit; 0 means that builds and purges take no time.
    `rate_limit` is in calls an hour, `secondary_limit` in writes a minute (None: without).
    `run_environ` is added to the environment of every workflow run, of which `max_runs` go on at
    once. `faults` says which calls and builds go wrong.
    """

    time_scale: float = 0.0
    run_environ: Mapping[str, str] = field(default_factory=dict)
    max_runs: int = 2
    rate_limit: int = 5000
    secondary_limit: int | None = None
    actions: ActionsState = ActionsState.ON
    browsers: RunnerBrowsers = RunnerBrowsers.HOST
    clock: Callable[[], float] = time.time
    faults: FaultPlan = field(default_factory=FaultPlan)


@dataclass(frozen=True)
class Addresses:
    """Where a hub is served: what GITHUB_API_URL and GITHUB_SERVER_URL hold, and the sites."""

    server_url: str
    api_url: str
    pages_url: str


class Hub:
    """GitHub; what it knows is in memory, its git repositories and runs lie in a folder."""

    def __init__(self, folder: Path, options: HubOptions | None = None) -> None:
        self._options = given = options or HubOptions()
        self._log: list[LoggedRequest] = []
        self._store = Store(folder, given.clock)
        runner = Runner(given.run_environ, given.max_runs, given.actions, given.browsers)
        self._runs = Runs(self._store, runner)
        self._backend = Backend(
            self._store,
            Builds(self._store, given.time_scale, given.faults),
            self._runs,
            RateLimits(given.rate_limit, given.secondary_limit, given.time_scale, given.clock),
        )

    @property
    def requests(self) -> list[LoggedRequest]:
        """REST and git calls so far, in order."""
        return list(self._log)

    @contextmanager
    def serve(self, port: int = 0) -> Iterator[Addresses]:
        """Serve on loopback; runs are carried out as long as this lasts, then cancelled."""
        app = create_app(self._backend, self._log, self._options.time_scale)
        with serve(Faulty(app, self._options.faults), port) as url:
            links = Links(url)
            with self._runs.carried_out(links):
                yield Addresses(links.server, links.api, links.pages)

    def add_user(self, login: str) -> None:
        self._add_account(login, "User")

    def add_organization(self, login: str) -> None:
        self._add_account(login, "Organization")

    def _add_account(self, login: str, kind: Literal["User", "Organization"]) -> None:
        account = Account(self._store.new_id(), login, kind, self._options.clock())
        self._store.accounts[login.lower()] = account

    def add_token(
        self,
        text: str,
        owner: str,
        permissions: Permissions,
        repositories: Sequence[str] | None = None,
    ) -> None:
        """Register a fine-grained token for what `owner` has, or `repositories` of it.

        That of an organization acts for the first user.
        """
        account = self._store.account(owner)
        users = [known.login for known in self._store.accounts.values() if known.type == "User"]
        self._store.tokens[digest(text)] = Token(
            owner=account.login,
            user=account.login if account.type == "User" else users[0],
            permissions=permissions,
            repositories=None if repositories is None else list(repositories),
        )

    def add_repository(
        self, full_name: str, source: Path | None = None, *, private: bool = False
    ) -> None:
        """Make a repository, with the tracked files of the checkout `source` as its one commit.

        One that is there gets the files as a new commit, when they differ.
        """
        owner, _, name = full_name.partition("/")
        repository = self._store.repository(full_name) or self._store.new_repository(
            self._store.account(owner), name, private=private
        )
        if source is not None:
            repository.git.commit_folder(source.resolve(), repository.default_branch)
            repository.tips = repository.git.branches()

    def set_secret(self, full_name: str, name: str, value: str) -> None:
        """Set a secret that workflows of the repository read as `secrets.NAME`."""
        self._store.repositories[full_name.lower()].secrets[name] = value

    def set_variable(self, full_name: str, name: str, value: str) -> None:
        """Set a variable that workflows of the repository read as `vars.NAME`."""
        self._store.repositories[full_name.lower()].variables[name] = value

    def runs(self, full_name: str) -> list[WorkflowRun]:
        """Return the workflow runs of a repository, oldest first."""
        return self._store.runs_of(full_name)

    def wait_for_run(self, run_id: int, timeout: float) -> WorkflowRun:
        """Wait until a run is completed. Raises TimeoutError after `timeout` seconds."""
        return self._runs.wait_for(run_id, timeout)
