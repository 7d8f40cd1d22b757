"""The command line: parses, runs a command, and is the one place that catches.

Exit codes: 0 done; 1 a failure that is explained; 2 usage or settings; 3 unexpected, with a
traceback.
"""

import argparse
import gc
import os
import sys
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from builder.actions import ActionsLog
from builder.errors import BriefshipError, SettingsError
from builder.ports import Clock
from builder.stages import GENERATE, NOTIFY, PUBLISH, RunContext
from builder.wiring.context import Context
from builder.work import Work

CLOCK = Clock(now=lambda: datetime.now(UTC), sleep=time.sleep)


def main(
    arguments: Sequence[str] | None = None,
    environ: Mapping[str, str] = os.environ,
    clock: Clock = CLOCK,
) -> int:
    """Run the command line; return the exit code."""
    options = _parser().parse_args(arguments)
    summary = environ.get("GITHUB_STEP_SUMMARY")
    log = ActionsLog(
        on_runner=environ.get("GITHUB_ACTIONS") == "true",
        summary=Path(summary) if summary else None,
    )
    work = Work(options.work.resolve())
    context = Context(options, environ, RunContext(work, log, clock), log)
    try:
        options.run(context)
    except BriefshipError as error:
        return _explained(error, options.command, context)
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # noqa: BLE001 - the last resort: told, and still answered
        work.record(options.command, error)
        log.line(traceback.format_exc())
        log.error(options.command, f"unexpected {type(error).__name__}: see the traceback")
        return 3
    return 0


def _explained(error: BriefshipError, command: str, context: Context) -> int:
    from builder.rendering import Renderer

    context.desk.work.record(command, error)
    context.log.error(command, f"{error}. {error.fix}")
    told = {"stage": command, "error": str(error), "fix": error.fix}
    context.log.summarize(Renderer().render("failure.md.j2", **told))
    return 2 if isinstance(error, SettingsError) else 1


def _generate(context: Context) -> None:
    from builder.wiring.generating import generate

    generate(context)


def _publish(context: Context) -> None:
    from builder.wiring.publishing import publish

    publish(context)


def _notify(context: Context) -> None:
    from builder.wiring.notifying import notify

    notify(context)


def _prompt(context: Context) -> None:
    from builder.wiring.generating import prompt

    prompt(context)


def _run(context: Context) -> None:
    """Run the stages in a row; whatever fails, the evaluator is answered."""
    failure: Exception | None = None
    stage: Callable[[Context], None]
    for name, stage in ((GENERATE, _generate), (PUBLISH, _publish)):
        try:
            stage(context)
        except Exception as error:  # noqa: BLE001 - raised again once the evaluator has its answer
            context.desk.work.record(name, error)
            failure = error
            break
    _notify(context)
    if failure is not None:
        raise failure


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m builder",
        description="Build the app that a request asks for, publish it, and answer the evaluator.",
        epilog="Settings come from the environment: see the table in README.md. "
        "Exit codes: 0 done, 1 a failure that is explained, 2 usage or settings, 3 unexpected.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, run, summary in (
        (GENERATE, _generate, "make the site into WORK/site"),
        (PUBLISH, _publish, "push WORK/site as one commit, wait until Pages serves it"),
        (NOTIFY, _notify, "answer the evaluation URL, also after a failed stage"),
        ("run", _run, "generate, publish and notify in one process"),
        ("prompt", _prompt, "print what a model would be asked"),
    ):
        command = commands.add_parser(name, help=summary, description=summary.capitalize() + ".")
        command.set_defaults(run=run)
        _add_options(command)
        if name == "prompt":
            command.add_argument(
                "--base",
                type=Path,
                metavar="DIR",
                help="a checkout of the app as it stands (default: cloned, in a later round)",
            )
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
    command.add_argument(
        "--reply",
        type=Path,
        metavar="FILE",
        action="append",
        default=[],
        help="take the model's reply from a file; give it again for the replies to repairs",
    )


def _briefly() -> int:
    """Run as a process of minutes, which makes few cycles of garbage.

    The collector would walk all classes of the libraries time and again while they are imported,
    and once more at the exit: a fifth of the time of a command that has nobody to wait for.
    """
    gc.disable()
    try:
        return main()
    finally:
        gc.freeze()


if __name__ == "__main__":
    sys.exit(_briefly())
