"""What every command starts from: its options, its settings, its task."""

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
from builder.ports import Clock
from builder.report import Step
from builder.request import Addressee, Dispatch, Request
from builder.settings import Settings
from builder.stages import RunContext


@dataclass(frozen=True)
class Context:
    """One call of the command line."""

    options: Namespace
    environ: Mapping[str, str]
    desk: RunContext
    log: ActionsLog

    @property
    def clock(self) -> Clock:
        """The clock of the run."""
        return self.desk.clock

    @cached_property
    def settings(self) -> Settings:
        """The settings. Raises SettingsError."""
        return Settings.from_environ(self.environ)

    def begin(self) -> Dispatch:
        """Read the task, mask what is private in it, and begin its work directory."""
        task = self.read()
        report = self.desk.work.begin(task)
        report.steps = self._before_us(task)
        self.desk.work.save(report)
        return task

    def _before_us(self, task: Dispatch) -> list[Step]:
        """Tell what passed before the builder: the queue for a runner, and the installation."""
        started = self.environ.get("JOB_STARTED_AT", "")
        if not started.isdecimal():
            return []
        job_start = datetime.fromtimestamp(int(started), UTC)
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

    def mask(self, addressee: Addressee) -> None:
        """Have the runner blot out what is private."""
        self.log.mask(addressee.email, addressee.nonce)

    def fetched(self, task: Dispatch) -> Dispatch:
        """Return `task` with its request, which may be stored, and mask what is private in it."""
        if task.blob is None:
            return task
        from builder import blob

        settings = Settings.from_environ(
            self.environ, required=["GITHUB_REPOSITORY", "GITHUB_TOKEN"]
        )
        request = blob.fetch(
            task,
            repository=self.environ["GITHUB_REPOSITORY"],
            api_url=settings.api_url,
            token=self.environ["GITHUB_TOKEN"],
            clock=self.clock,
            call_seconds=settings.call_seconds,
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

    def _event_path(self) -> Path:
        path = self.options.event or self.environ.get("GITHUB_EVENT_PATH")
        if not path:
            raise InvalidEvent(
                "there is no task", fix="Give --event FILE or --request FILE (see --help)."
            )
        return Path(path)
