"""Puts the parts together for each command: settings, adapters, the stages of the pipeline.

Libraries that take long to import are imported where a command needs them.
"""

from argparse import Namespace
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from builder import pipeline
from builder.actions import ActionsLog, read_event
from builder.credentials import Credentials
from builder.deadline import Deadline
from builder.errors import BriefshipError, InvalidEvent, NothingToDo, PushFailed
from builder.naming import repository_name
from builder.ports import AppRepository, Checkout, Clock
from builder.publish.checkout import Git
from builder.report import Report, Step
from builder.request import Addressee, Dispatch, Request
from builder.rounds import NOTHING, Base
from builder.settings import Settings
from builder.work import Run

CLONE_SECONDS = 60.0
AFTER_GENERATE_SECONDS = 190.0
"""Of the deadline, for what follows: a first publication takes a minute, the callback retries."""
AFTER_PUBLISH_SECONDS = 40.0
"""Of the deadline, for the callback and its retries."""
PUBLISH_SECONDS = 240.0
"""What publishing has however late it is: late beats never."""


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


def generate(command: Command) -> None:
    """Make the site of this round into the work directory."""
    from builder.maker import SiteMaker

    work = command.run.work
    work.clear()
    task = command.begin()
    command.report_settings()
    task = command.fetched(task)
    work.keep(task)
    request = task.inline()
    seconds = command.deadline(task).budget(keep=AFTER_GENERATE_SECONDS, at_least=0.0)
    pipeline.generate(
        command.run,
        task,
        request,
        find=lambda: command.published(request),
        maker=lambda base, report: SiteMaker(command, request, base, report, seconds),
        force=command.options.force or command.settings.force,
    )


def prompt(command: Command) -> None:
    """Print what a model would be asked."""
    from builder.contract.contract import Contract
    from builder.maker import SiteMaker

    task = command.fetched(command.read())
    request = task.inline()
    if command.options.base:
        base = _read_base(command.options.base)
    else:
        published = command.published(request) if request.round > 1 else None
        base = published.base() if published else NOTHING
    maker = SiteMaker(command, request, base, Report.of(task))
    for message in maker.author.first(Contract.of(request, base.rounds)):
        command.log.line(f"=== {message.role}\n{message.text}")


def _read_base(folder: Path) -> Base:
    if not folder.is_dir():
        raise NothingToDo(f"{folder} is no folder", fix="Give --base a checkout of the app.")
    return Base.read(folder)


def publish(command: Command) -> None:
    """Push the site of the work directory and wait until Pages serves it."""
    import httpx

    from builder.publish.github_api import GitHubApi
    from builder.publish.pages import Pages
    from builder.publish.published_site import PublishedSite

    settings, clock = command.settings, command.clock
    task = command.run.work.task()
    command.mask(task.inline())
    command.report_settings()
    settings.require("BUILDER_TOKEN")
    seconds = command.deadline(task).budget(keep=AFTER_PUBLISH_SECONDS, at_least=PUBLISH_SECONDS)
    remaining = Deadline.counted_from(clock.now(), clock.now, seconds).remaining
    api = GitHubApi(
        settings.builder_token,
        settings.api_url,
        clock=clock,
        remaining=remaining,
        call_seconds=settings.call_seconds,
    )
    git = Git(settings.server_url, clock, settings.builder_token, remaining, settings.call_seconds)
    name = command.repository_name(task.task)

    def clone(app: AppRepository) -> Checkout:
        checkout = git.clone(app.full_name, command.run.work.checkout, exists=True)
        if checkout is None:
            raise PushFailed(f"git finds no repository {app.full_name}")
        return checkout

    with httpx.Client() as http:
        host = pipeline.Host(
            find_or_create=lambda: api.find_or_create(settings.builder_owner, name),
            clone=clone,
            pages=lambda app, workflows: Pages(api, app.full_name, workflows=workflows),
            visit=lambda url, site, sha: PublishedSite(http, url, site, sha, settings.call_seconds),
            remaining=remaining,
            credentials=Credentials({"BUILDER_TOKEN": settings.builder_token}),
        )
        pipeline.publish(command.run, host)


def notify(command: Command) -> None:
    """Answer the evaluator, also after a failed stage."""
    import httpx

    from builder.notify import CallbackClient

    work = command.run.work
    if not work.has_task:
        # Generate did not get as far as the event, which says whom to answer.
        command.begin()
    command.report_settings()
    task = work.task()
    command.mask(task.addressee())
    with httpx.Client() as http:
        client = CallbackClient(
            http,
            command.clock,
            command.deadline(task).remaining,
            allow_private=command.settings.allow_private_callbacks,
            request_seconds=command.settings.call_seconds,
        )

        def deliver(addressee: Addressee, report: Report) -> int:
            return client.deliver(
                addressee.evaluation_url,
                report.callback_for(addressee),
                build_id=addressee.build_id,
                progress=command.log.line,
            )

        pipeline.notify(command.run, deliver=deliver)


def conclude(command: Command) -> None:
    """Sum up the run, and say its verdict as the last thing in the log."""
    if not command.run.work.has_task:
        return
    report = command.run.work.report()
    judgement = report.judge()
    command.run.work.save(report)
    _summarize(command, "summary.md.j2", report=report)
    command.log.conclude(judgement.verdict, judgement.reasons)


def explain(command: Command, stage: str, error: BriefshipError) -> None:
    """Tell in the job summary why a stage failed, and what to do."""
    _summarize(command, "failure.md.j2", stage=stage, error=str(error), fix=error.fix)


def _summarize(command: Command, template: str, **values: object) -> None:
    if command.log.has_summary:
        from builder.rendering import Renderer

        command.log.summarize(Renderer().render(template, **values))
