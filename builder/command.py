"""One call of the command line: its options, its settings, its task, the time that is left."""

from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from builder import blob
from builder.actions import ActionsLog, read_event
from builder.deadline import Deadline
from builder.errors import InvalidEvent, NoModelAnswered
from builder.llm.messages import Message, Reply
from builder.naming import repository_name
from builder.ports import Checkout, Clock
from builder.publish.checkout import Git
from builder.report import Report, Step
from builder.request import Addressee, Dispatch, Request
from builder.settings import Settings
from builder.work import Run

if TYPE_CHECKING:
    from builder.generate.generation import Ask
    from builder.publish.github_api import GitHubApi

FETCH_SECONDS = 60.0
"""Longest that fetching a stored request, or what stands published, may take."""


@dataclass(frozen=True)
class Command:
    """One call of the command line."""

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
        report.steps = self._steps_before(task)
        self._note_settings(report)
        return task

    def resume(self) -> Dispatch:
        """Return the task that an earlier stage began. Raises NothingToDo, InvalidEvent."""
        task = self.run.work.task()
        self.mask(task.addressee())
        self._note_settings(self.run.work.report())
        return task

    def _note_settings(self, report: Report) -> None:
        """Note in the report which settings this stage cannot use."""
        known = [*report.ignored_settings, *self.settings.ignored]
        report.ignored_settings = list(dict.fromkeys(known))
        self.run.work.save(report)

    def _steps_before(self, task: Dispatch) -> list[Step]:
        """Tell what passed before the builder: the queue for a runner, and the installation."""
        if self.settings.job_started_at is None:
            return []
        job_start = datetime.fromtimestamp(self.settings.job_started_at, UTC)
        install = Step(name="install", seconds=round(self.clock.since(job_start), 1))
        if self.settings.is_rerun:
            return [install]
        queued = max(0.0, (job_start - task.received_at).total_seconds())
        return [Step(name="queue", seconds=round(queued, 1)), install]

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
        self.settings.require("GITHUB_REPOSITORY", "GITHUB_TOKEN")
        rest = self.github_api(self.settings.github_token, lambda: FETCH_SECONDS)
        request = blob.fetch(task, self.settings.github_repository, rest)
        self.mask(request)
        return task.with_request(request)

    @cached_property
    def recorded(self) -> "Ask | None":
        """What answers in a model's place, from the files of --reply; None without any."""
        waiting = list(self.options.reply)

        def ask(_: Sequence[Message], __: float) -> Reply:
            if not waiting:
                raise NoModelAnswered([("--reply", "no further file")])
            file = waiting.pop(0)
            text = file.read_text(encoding="utf-8")
            return Reply(text=text, model=f"reply {file.name}", seconds=0.0)

        return ask if waiting else None

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
        full_name = f"{owner}/{self.repository_name(request.task)}"
        git = self.git(None, lambda: FETCH_SECONDS)
        return git.clone(full_name, self.run.work.checkout)

    def git(self, token: str | None, remaining: Callable[[], float]) -> Git:
        """Return git for GitHub's server; `remaining` tells the seconds that it may take."""
        settings = self.settings
        return Git(settings.server_url, self.clock, token, remaining, settings.call_seconds)

    def github_api(self, token: str, remaining: Callable[[], float]) -> "GitHubApi":
        """Return GitHub's REST API; `remaining` tells the seconds that calls may take."""
        from builder.publish.github_api import GitHubApi

        return GitHubApi(
            token,
            self.settings.api_url,
            clock=self.clock,
            remaining=remaining,
            call_seconds=self.settings.call_seconds,
        )
