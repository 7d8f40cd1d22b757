"""The command line: wires the adapters, runs stages, and is the one place that catches.

Exit codes: 0 done; 1 a failure that is explained; 2 usage or settings; 3 unexpected, with a
traceback.
"""

import argparse
import os
import sys
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from builder import stages
from builder.actions import ActionsLog, read_event
from builder.deadline import Deadline
from builder.errors import BriefshipError, InvalidEvent, SettingsError
from builder.ports import AppRepository, Checkout, Clock
from builder.report import Report
from builder.request import Dispatch, Request
from builder.settings import Settings
from builder.work import Work

CLOCK = Clock(now=lambda: datetime.now(UTC), sleep=time.sleep)
NOTIFY_KEEPS = 40.0
"""Seconds of the deadline that are kept for the callback and its retries."""
PUBLISH_HAS_AT_LEAST = 240.0
"""Seconds that publishing has however late it is: late beats never."""
GIT_CLONE_SECONDS = 60.0


def main(arguments: Sequence[str] | None = None, environ: Mapping[str, str] = os.environ) -> int:
    """Run the command line; return the exit code."""
    options = _parser().parse_args(arguments)
    options.environ = environ
    log = _log(environ)
    work = Work(options.work.resolve())
    try:
        options.run(options, stages.Desk(work, log, CLOCK))
    except SettingsError as error:
        return _explained(error, options.command, work, log, exit_code=2)
    except BriefshipError as error:
        return _explained(error, options.command, work, log, exit_code=1)
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # noqa: BLE001 - the last resort: told, and the callback still goes out
        work.record(options.command, error)
        log.line(traceback.format_exc())
        log.error(options.command, f"unexpected {type(error).__name__}: see the traceback")
        return 3
    return 0


def _explained(
    error: BriefshipError, command: str, work: Work, log: ActionsLog, *, exit_code: int
) -> int:
    from builder.rendering import Renderer

    work.record(command, error)
    log.error(command, f"{error}. {error.fix}")
    log.summarize(
        Renderer().render("failure.md.j2", stage=command, error=str(error), fix=error.fix)
    )
    return exit_code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m builder",
        description="Build the app that a request asks for, publish it, and answer the evaluator.",
        epilog="Settings come from the environment: see the table in README.md. "
        "Exit codes: 0 done, 1 a failure that is explained, 2 usage or settings, 3 unexpected.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, run, summary in (
        ("generate", _generate, "make the site into WORK/site"),
        ("publish", _publish, "push WORK/site as one commit, wait until Pages serves it"),
        ("notify", _notify, "answer the evaluation URL, also after a failed stage"),
        ("run", _run, "generate, publish and notify in one process"),
    ):
        command = commands.add_parser(name, help=summary, description=summary.capitalize() + ".")
        command.set_defaults(run=run)
        _add_options(command)
    return parser


def _add_options(command: argparse.ArgumentParser) -> None:
    source = command.add_mutually_exclusive_group()
    source.add_argument(
        "--event",
        type=Path,
        metavar="FILE",
        help="the event of repository_dispatch or workflow_dispatch (default: GITHUB_EVENT_PATH)",
    )
    source.add_argument("--request", type=Path, metavar="FILE", help="a bare request, as JSON")
    command.add_argument(
        "--work",
        type=Path,
        metavar="DIR",
        default=Path("work"),
        help="the folder that stages hand over in (default: work)",
    )


def _log(environ: Mapping[str, str]) -> ActionsLog:
    summary = environ.get("GITHUB_STEP_SUMMARY")
    return ActionsLog(
        on_runner=environ.get("GITHUB_ACTIONS") == "true",
        summary=Path(summary) if summary else None,
    )


def _task(options: argparse.Namespace, now: datetime) -> Dispatch:
    """Read the task from --request, --event or GITHUB_EVENT_PATH."""
    if options.request:
        return Dispatch.of(Request.from_wire(read_event(options.request)), now)
    path = options.event or options.environ.get("GITHUB_EVENT_PATH")
    if not path:
        raise InvalidEvent(
            "there is no task", fix="Give --event FILE or --request FILE (see --help)."
        )
    return Dispatch.from_event(read_event(Path(path)), now)


def _begin(options: argparse.Namespace, desk: stages.Desk) -> tuple[Dispatch, Request]:
    """Read the task, mask what is private in it, and begin its work directory."""
    task = _task(options, desk.clock.now())
    request = task.inline()
    _mask(options, request)
    desk.work.begin(task)
    return task, request


def _mask(options: argparse.Namespace, request: Request) -> None:
    _log(options.environ).mask(request.email, request.nonce)


def _deadline(settings: Settings, task: Dispatch) -> Deadline:
    """Count from the request; a re-run starts anew."""
    start = CLOCK.now() if settings.is_rerun else task.received_at
    return Deadline.counted_from(start, CLOCK.now, settings.deadline_seconds)


def _generate(options: argparse.Namespace, desk: stages.Desk) -> None:
    from builder import templated
    from builder.checkout import Git
    from builder.naming import repository_name
    from builder.rendering import Renderer

    desk.work.clear()
    settings = Settings.from_environ(options.environ)
    task, request = _begin(options, desk)
    render = Renderer().render

    def clone() -> Checkout | None:
        if settings.builder_owner is None:
            return None
        name = repository_name(request.task, settings.repository_name)
        git = Git(settings.server_url, CLOCK, remaining=lambda: GIT_CLONE_SECONDS)
        return git.clone(f"{settings.builder_owner}/{name}", desk.work.checkout)

    stages.generate(
        desk,
        task,
        request,
        clone=clone,
        build=lambda request, base: templated.build(request, base, render),
    )


def _publish(options: argparse.Namespace, desk: stages.Desk) -> None:
    import httpx

    from builder import repository
    from builder.checkout import Git, GitCheckout
    from builder.errors import PushFailed
    from builder.live import LiveSite
    from builder.naming import repository_name
    from builder.pages import Pages
    from builder.rest import GitHubRest

    settings = Settings.from_environ(options.environ, required=["BUILDER_TOKEN"])
    task = desk.work.task()
    _mask(options, task.inline())
    deadline = _deadline(settings, task)
    ends_at = deadline.budget(keep=NOTIFY_KEEPS, at_least=PUBLISH_HAS_AT_LEAST)
    remaining = Deadline.counted_from(CLOCK.now(), CLOCK.now, ends_at).remaining
    rest = GitHubRest(settings.builder_token, settings.api_url, clock=CLOCK, remaining=remaining)
    git = Git(settings.server_url, CLOCK, settings.builder_token, remaining)
    name = repository_name(task.task, settings.repository_name)

    def clone(app: AppRepository) -> GitCheckout:
        checkout = git.clone(app.full_name, desk.work.checkout)
        if checkout is None:
            raise PushFailed(f"git finds no repository {app.full_name}, though the API does")
        return checkout

    with httpx.Client(follow_redirects=True) as http:
        host = stages.Host(
            find_or_create=lambda: repository.find_or_create(rest, settings.builder_owner, name),
            clone=clone,
            pages=lambda app, by_workflow: Pages(rest, app.full_name, by_workflow=by_workflow),
            visit=lambda url, site: LiveSite(http, url, site),
            remaining=remaining,
        )
        stages.publish(desk, host)


def _notify(options: argparse.Namespace, desk: stages.Desk) -> None:
    import httpx

    from builder.callback import Courier
    from builder.rendering import Renderer

    settings = Settings.from_environ(options.environ)
    if not desk.work.has_task:
        # Generate did not get as far as the request: what the event says suffices to answer.
        _begin(options, desk)
    task = desk.work.task()
    _mask(options, task.inline())
    remaining = _deadline(settings, task).remaining

    with httpx.Client() as http:
        courier = Courier(http, CLOCK, remaining, allow_private=settings.allow_private_callbacks)

        def deliver(request: Request, report: Report) -> int:
            return courier.deliver(
                request.evaluation_url,
                report.callback_for(request),
                build_id=request.build_id,
                progress=desk.log.line,
            )

        try:
            stages.notify(desk, deliver=deliver)
        finally:
            summary = Renderer().render("summary.md.j2", report=desk.work.report())
            _log(options.environ).summarize(summary)


def _run(options: argparse.Namespace, desk: stages.Desk) -> None:
    """Run the stages in a row; whatever fails, the evaluator is answered."""
    failure: Exception | None = None
    stage: Callable[[argparse.Namespace, stages.Desk], None]
    for name, stage in ((stages.GENERATE, _generate), (stages.PUBLISH, _publish)):
        try:
            stage(options, desk)
        except Exception as error:  # noqa: BLE001 - raised again once the evaluator has its answer
            desk.work.record(name, error)
            failure = error
            break
    _notify(options, desk)
    if failure is not None:
        raise failure


if __name__ == "__main__":
    sys.exit(main())
