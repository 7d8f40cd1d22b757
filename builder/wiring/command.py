"""One call of the command line: its options, settings and task, and the time left."""

from argparse import Namespace
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from builder import event
from builder.actions import ActionsLog
from builder.deadline import Deadline
from builder.errors import InvalidEvent
from builder.ports import Clock
from builder.publish.checkout import Git, GitCheckout
from builder.publish.naming import repository_name
from builder.report import Step
from builder.request import Addressee, Dispatch, Request
from builder.settings import Settings
from builder.work import Run

if TYPE_CHECKING:
    from builder.publish.github_api import GitHubApi

FETCH_SECONDS = 60.0
"""Timeout for fetching a stored request, or the published app."""


@dataclass(frozen=True)
class Command:
    """One call of the command line."""

    options: Namespace
    environ: Mapping[str, str]
    run: Run
    log: ActionsLog

    @property
    def clock(self) -> Clock:
        return self.run.clock

    @cached_property
    def settings(self) -> Settings:
        """The settings; a warning is logged once for each that cannot be used."""
        settings = Settings.from_environ(self.environ)
        for reason in settings.ignored:
            self.log.warn(reason)
        return settings

    def begin(self) -> Dispatch:
        """Read the task, mask what is private in it, and begin its work directory anew."""
        self.run.work.clear()
        task = self.read()
        report = self.run.work.begin(task)
        report.steps = self._steps_before(task)
        report.run_url = self.settings.run_url
        self.run.work.save(report)
        self._note_settings()
        return task

    def begin_after(self, step: str) -> Dispatch:
        """Return the task, which `step` may already have begun here for the same build."""
        work = self.run.work
        if not work.is_at(step) or self.read().id != work.task().id:
            return self.begin()
        self._note_settings()
        return work.task()

    def resume(self) -> Dispatch:
        """Return the task that an earlier stage began. Raises NothingToDo, InvalidEvent."""
        task = self.run.work.task()
        self._mask(task.addressee())
        self._note_settings()
        return task

    def read(self) -> Dispatch:
        """Read the task without fetching its request, and mask what is private in it."""
        now = self.clock.now()
        if self.options.request:
            task = event.read_request(self.options.request, now)
        elif path := self.options.event or self.environ.get("GITHUB_EVENT_PATH"):
            self.log.mask(event.secret_of(Path(path)))
            task = event.read_event(Path(path), now)
        else:
            fix = "Give --event FILE or --request FILE (see --help)."
            raise InvalidEvent("there is no task", fix=fix)
        for addressee in filter(None, (task.request, task.answer_to)):
            self._mask(addressee)
        return task

    def fetched(self, task: Dispatch) -> Dispatch:
        """Return `task` with its request, fetched if it is stored; mask what is private in it."""
        if task.blob is None:
            return task
        self.settings.require("GITHUB_REPOSITORY", "GITHUB_TOKEN")
        rest = self.github_api(self.settings.github_token, lambda: FETCH_SECONDS)
        request = event.fetch(task, self.settings.github_repository, rest)
        self._mask(request)
        return task.with_request(request)

    def deadline(self, task: Dispatch) -> Deadline:
        """Return the deadline, counted from the receipt of the request, or from now in a re-run."""
        start = None if self.settings.is_rerun else task.received_at
        return self.clock.deadline(self.settings.deadline_seconds, start)

    def app_name(self, task: str) -> str:
        return repository_name(task, self.settings.repository_name)

    def published(self, request: Request, seconds: float = FETCH_SECONDS) -> GitCheckout | None:
        """Clone the app repository without a token, as anybody can."""
        owner = self.settings.builder_owner
        if owner is None:
            self.log.warn("BUILDER_OWNER is not set, so the published app is not looked at")
            return None
        git = self.git(None, self.clock.deadline(min(seconds, FETCH_SECONDS)).remaining)
        return git.clone(f"{owner}/{self.app_name(request.task)}", self.run.work.checkout)

    def git(self, token: str | None, remaining: Callable[[], float]) -> Git:
        """Return git for GitHub's server; `remaining` returns the seconds that it may take."""
        settings = self.settings
        return Git(settings.github_server_url, self.clock, token, remaining, settings.call_seconds)

    def github_api(self, token: str, remaining: Callable[[], float]) -> "GitHubApi":
        """Return GitHub's REST API; `remaining` returns the seconds that calls may take."""
        from builder.publish.github_api import GitHubApi

        return GitHubApi(
            token,
            self.settings.github_api_url,
            clock=self.clock,
            remaining=remaining,
            call_seconds=self.settings.call_seconds,
        )

    def _mask(self, addressee: Addressee) -> None:
        self.log.mask(addressee.email, addressee.nonce)

    def _note_settings(self) -> None:
        """Record in the report which settings this stage cannot use."""
        report = self.run.work.report()
        known = [*report.ignored_settings, *self.settings.ignored]
        report.ignored_settings = list(dict.fromkeys(known))
        self.run.work.save(report)

    def _steps_before(self, task: Dispatch) -> list[Step]:
        """Return the steps before the builder: waiting for a runner, and the installation."""
        if self.settings.job_started_at is None:
            return []
        job_start = datetime.fromtimestamp(self.settings.job_started_at, UTC)
        install = Step(name="install", seconds=round(self.clock.since(job_start), 1))
        if self.settings.is_rerun:
            return [install]
        queued = max(0.0, (job_start - task.received_at).total_seconds())
        return [Step(name="queue", seconds=round(queued, 1)), install]
