"""Puts the parts together for each command: settings, adapters, the stages of the pipeline.

Libraries that take long to import are imported where a command needs them.
"""

from pathlib import Path

from builder import pipeline
from builder.command import Command
from builder.contract.contract import Contract
from builder.credentials import Credentials
from builder.deadline import Deadline
from builder.errors import BriefshipError, NothingToDo, PushFailed
from builder.ports import AppRepository, Checkout
from builder.publish.checkout import Git
from builder.report import Report
from builder.request import Addressee
from builder.rounds import NOTHING, Base

AFTER_GENERATE_SECONDS = 190.0
"""Of the deadline, for what follows: a first publication takes a minute, the callback retries."""
AFTER_PUBLISH_SECONDS = 40.0
"""Of the deadline, for the callback and its retries."""
PUBLISH_SECONDS = 240.0
"""What publishing has however late it is: late beats never."""


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
    with httpx.Client() as http:
        host = pipeline.Host(
            find_or_create=lambda: api.find_or_create(settings.builder_owner, name),
            clone=lambda app: _clone(git, app, command.run.work.checkout),
            pages=lambda app, workflows: Pages(api, app.full_name, workflows=workflows),
            visit=lambda url, site, sha: PublishedSite(http, url, site, sha, settings.call_seconds),
            remaining=remaining,
            credentials=Credentials({"BUILDER_TOKEN": settings.builder_token}),
        )
        pipeline.publish(command.run, host)


def _clone(git: Git, app: AppRepository, folder: Path) -> Checkout:
    checkout = git.clone(app.full_name, folder, exists=True)
    if checkout is None:
        raise PushFailed(f"git finds no repository {app.full_name}")
    return checkout


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
    judgement = report.judge(is_over=True)
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
