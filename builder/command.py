"""One call of the command line: its options, its settings, its task, the time that is left."""

from argparse import Namespace
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from builder.actions import ActionsLog, read_event
from builder.deadline import Deadline
from builder.errors import InvalidEvent
from builder.naming import repository_name
from builder.ports import Checkout, Clock
from builder.publish.checkout import Git
from builder.report import Step
from builder.request import Addressee, Dispatch, Request
from builder.settings import Settings
from builder.work import Run

CLONE_SECONDS = 60.0
"""Longest that the look at what stands published may take."""


@dataclass(frozen=True)
class Command:
    """One call of the command line: its options, its environment, its task."""

    options: Namespace
    environ: Mapping[str, str]
    run: Run
    log: ActionsLog

    @property
    def clock(self) -> Clock:
        """The clock of the run."""
        return self.run.clock

    @cached_property
    def settings(self) -> Settings:
        """The settings; what cannot be used in them is warned of once."""
        settings = Settings.from_environ(self.environ)
        for told in settings.ignored:
            self.log.warn(told)
        return settings

    def begin(self) -> Dispatch:
        """Read the task, mask what is private in it, and begin its work directory."""
        task = self.read()
        report = self.run.work.begin(task)
        report.steps = self._before_us(task)
        self.run.work.save(report)
        return task

    def report_settings(self) -> None:
        """Note in the report which settings this stage cannot use."""
        report = self.run.work.report()
        known = [*report.ignored_settings, *self.settings.ignored]
        report.ignored_settings = list(dict.fromkeys(known))
        self.run.work.save(report)

    def _before_us(self, task: Dispatch) -> list[Step]:
        """Tell what passed before the builder: the queue for a runner, and the installation."""
        if self.settings.job_started_at is None:
            return []
        job_start = datetime.fromtimestamp(self.settings.job_started_at, UTC)
        steps = [Step(name="install", seconds=round(self.clock.since(job_start), 1))]
        if not self.settings.is_rerun:
            queued = max(0.0, (job_start - task.received_at).total_seconds())
            steps.insert(0, Step(name="queue", seconds=round(queued, 1)))
        return steps

    def read(self) -> Dispatch:
        """Read the task from --request, --event or GITHUB_EVENT_PATH, and mask what is private.

        A request that is stored is not fetched.
        """
        now = self.clock.now()
        if self.options.request:
            task = Dispatch.of(Request.from_wire(read_event(self.options.request)), now)
        else:
            task = Dispatch.from_event(read_event(self._event_path()), now)
        for addressee in filter(None, (task.request, task.answer_to)):
            self.mask(addressee)
        return task

    def _event_path(self) -> Path:
        path = self.options.event or self.environ.get("GITHUB_EVENT_PATH")
        if not path:
            raise InvalidEvent(
                "there is no task", fix="Give --event FILE or --request FILE (see --help)."
            )
        return Path(path)

    def mask(self, addressee: Addressee) -> None:
        """Have the runner blot out what is private."""
        self.log.mask(addressee.email, addressee.nonce)

    def fetched(self, task: Dispatch) -> Dispatch:
        """Return `task` with its request, which may be stored, and mask what is private in it."""
        if task.blob is None:
            return task
        from builder import blob

        self.settings.require("GITHUB_REPOSITORY", "GITHUB_TOKEN")
        request = blob.fetch(
            task,
            repository=self.settings.github_repository,
            api_url=self.settings.api_url,
            token=self.settings.github_token,
            clock=self.clock,
            call_seconds=self.settings.call_seconds,
        )
        self.mask(request)
        return task.with_request(request)

    def deadline(self, task: Dispatch) -> Deadline:
        """Count from the moment the request was received; a re-run starts anew."""
        start = self.clock.now() if self.settings.is_rerun else task.received_at
        return Deadline.counted_from(start, self.clock.now, self.settings.deadline_seconds)

    def repository_name(self, task: str) -> str:
        """Return the name of the app repository of a task."""
        return repository_name(task, self.settings.repository_name)

    def published(self, request: Request) -> Checkout | None:
        """Clone the app repository as everybody sees it, without a token."""
        owner = self.settings.builder_owner
        if owner is None:
            self.log.warn("BUILDER_OWNER is not set: what stands published is not looked at")
            return None
        git = Git(
            self.settings.server_url,
            self.clock,
            remaining=lambda: CLONE_SECONDS,
            stall_seconds=self.settings.call_seconds,
        )
        full_name = f"{owner}/{self.repository_name(request.task)}"
        return git.clone(full_name, self.run.work.checkout)
