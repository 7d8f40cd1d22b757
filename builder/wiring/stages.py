"""Puts each command together.

Libraries that are slow to import are imported where a command needs them.
"""

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from typing import TYPE_CHECKING

from builder import pipeline
from builder import repair as repairing
from builder.contract.contract import Contract
from builder.contract.starter_files import boilerplate
from builder.credentials import Credentials
from builder.errors import PushFailed
from builder.pipeline import PREPARE
from builder.ports import AppRepository, Clock
from builder.publish.checkout import GitCheckout
from builder.report import Report
from builder.request import Dispatch
from builder.rounds import NOTHING, Base
from builder.site import Site
from builder.wiring.command import Command

if TYPE_CHECKING:
    import httpx

PREPARE_SECONDS = 60.0
"""How long preparing may take: after that, publish has to try again."""
AFTER_GENERATE_SECONDS = 190.0
"""Left for what follows: a first publication takes a minute, and the callback may be retried."""
AFTER_PUBLISH_SECONDS = 40.0
"""Left for the callback and its retries."""
LOOK_SECONDS = 5.0
"""How long a repair may take, however late it is, to find that there is no time for one."""
MAX_DOWNLOAD = 16 * 1024 * 1024
"""Bytes of a log: those of a usual run are some 100 kB."""
PUBLISH_SECONDS = 240.0
"""How long publishing may take, however late it is: late beats never."""


def prepare(command: Command) -> None:
    """Create the app repository and enable Pages."""
    task = command.begin()
    first = boilerplate(command.clock.now().year)
    with _host(command, task.task, PREPARE_SECONDS) as host:
        pipeline.prepare(command.run, host, Site(first))


def generate(command: Command) -> None:
    """Make the site of this round in the work directory."""
    task = command.fetched(command.begin_after(PREPARE))
    command.run.work.keep(task)
    request = task.inline()
    pipeline.generate(
        command.run,
        request,
        find=lambda: command.published(request),
        maker=_maker(command, task),
        force=command.options.force or command.settings.force or command.settings.runner_debug,
    )


def repair(command: Command) -> None:
    """Repair the published app by its workflow's log, in a folder of the work directory."""
    task = command.resume()
    request = task.inline()
    seconds = command.deadline(task).budget(keep=AFTER_GENERATE_SECONDS, at_least=LOOK_SECONDS)
    find = partial(command.published, request, seconds)
    repairing.repair(command.run, request, find=find, maker=_maker(command, task))


def _maker(command: Command, task: Dispatch) -> Callable[[Base, Report], pipeline.Maker]:
    seconds = command.deadline(task).budget(keep=AFTER_GENERATE_SECONDS, at_least=0.0)

    def maker(base: Base, report: Report) -> pipeline.Maker:
        from builder.wiring.maker import SiteMaker

        return SiteMaker(command, task.inline(), base, report, seconds)

    return maker


def prompt(command: Command) -> None:
    """Print what a model would be asked."""
    from builder.wiring.maker import SiteMaker

    task = command.fetched(command.read())
    request = task.inline()
    published = command.published(request) if request.round > 1 else None
    base = published.base() if published else NOTHING
    maker = SiteMaker(command, request, base, Report.of(task))
    for message in maker.author.first(Contract.of(request, base.rounds)):
        command.log.line(f"=== {message.role}\n{message.text}")


def publish(command: Command) -> None:
    """Push the site of the work directory and wait until Pages serves it."""
    task = command.resume()
    seconds = command.deadline(task).budget(keep=AFTER_PUBLISH_SECONDS, at_least=PUBLISH_SECONDS)
    with _host(command, task.task, seconds) as host:
        pipeline.publish(command.run, host)


def republish(command: Command) -> None:
    """Push what repair has left, if anything, and wait until Pages serves it."""
    if not command.run.work.repair.has_task:
        return
    task = command.resume()
    seconds = command.deadline(task).budget(keep=AFTER_PUBLISH_SECONDS, at_least=0.0)
    with _host(command, task.task, seconds) as host:
        repairing.republish(command.run, host)


@contextmanager
def _host(command: Command, task: str, seconds: float) -> Iterator[pipeline.Host]:
    """Yield GitHub as the host of a task's app, for `seconds` and with the builder's token."""
    from builder.publish.pages import Pages
    from builder.publish.published_site import PublishedSite

    settings, clock = command.settings, command.clock
    settings.require("BUILDER_TOKEN")
    token = settings.builder_token
    remaining = clock.deadline(seconds).remaining
    api = command.github_api(token, remaining)
    name = command.app_name(task)

    def clone(app: AppRepository) -> GitCheckout:
        git = command.git(token, remaining)
        checkout = git.clone(app.full_name, command.run.work.checkout, exists=True)
        if checkout is None:
            raise PushFailed(f"git finds no repository {app.full_name}")
        return checkout

    with _http() as http:
        yield pipeline.Host(
            find_or_create=lambda: api.find_or_create(settings.builder_owner, name),
            clone=clone,
            pages=lambda app, workflows: Pages(api, app.full_name, workflows=workflows),
            visit=lambda url, site, sha: PublishedSite(http, url, site, sha, settings.call_seconds),
            download=lambda url: downloaded(http, url, clock, settings.call_seconds),
            remaining=remaining,
            credentials=Credentials({"BUILDER_TOKEN": token}),
        )


def notify(command: Command) -> None:
    """Answer the evaluator, also after a failed stage."""
    from builder.notify import CallbackClient

    if not command.run.work.has_task:
        # Generate did not get as far as reading the event, which says whom to answer.
        command.begin()
    task = command.resume()
    # A stage that was killed had no time to.
    repairing.settle(command.run)
    with _http() as http:
        client = CallbackClient(
            http,
            command.clock,
            command.deadline(task).remaining,
            command.log.line,
            allow_private=command.settings.allow_private_callbacks,
            request_seconds=command.settings.call_seconds,
        )
        pipeline.notify(command.run, deliver=client.deliver)


def conclude(command: Command) -> None:
    """Write the summary, and log the verdict as the last thing."""
    from builder.rendering import render

    work, log = command.run.work, command.log
    if not work.has_task:
        return
    report = work.report()
    judgement = report.judge(is_over=True)
    work.save(report)
    log.summarize(work.save_summary(render("summary.md.j2", report=report)))
    log.conclude(judgement.verdict, judgement.reasons)


def _http() -> "httpx.Client":
    """Return a client without any credential."""
    import httpx

    return httpx.Client(verify=_certificates())


def downloaded(http: "httpx.Client", url: str, clock: Clock, seconds: float) -> bytes:
    """Return what is at an address. Raises OSError, also where it is too long or too slow."""
    import httpx

    until, content = clock.deadline(seconds), bytearray()
    try:
        with http.stream("GET", url, timeout=seconds, follow_redirects=True) as answer:
            for part in answer.raise_for_status().iter_bytes():
                content += part
                if len(content) > MAX_DOWNLOAD or until.remaining() < 0:
                    raise OSError("it is too long, or comes too slowly")
        return bytes(content)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise OSError(f"no answer ({type(error).__name__})") from error


@cache
def _certificates() -> ssl.SSLContext:
    """Load the certificates once, since that takes longer than a call."""
    import httpx

    return httpx.create_ssl_context()
