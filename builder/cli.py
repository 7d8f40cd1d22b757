"""The command line: parses, runs a command, and is the one place that catches.

Exit codes: 0 done; 1 a failure that is explained; 2 usage or settings; 3 unexpected, with a
traceback; 130 interrupted.
"""

import argparse
import os
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from builder.actions import ActionsLog
from builder.errors import BriefshipError, SettingsError
from builder.pipeline import GENERATE, NOTIFY, PREPARE, PUBLISH
from builder.ports import Clock
from builder.repair import REPAIR, REPUBLISH
from builder.wiring import stages
from builder.wiring.command import Command
from builder.work import Run, Work

STAGES = {"run": (PREPARE, GENERATE, PUBLISH, REPAIR, REPUBLISH, NOTIFY)}
"""The stages of a command that is more than the stage of its name."""
OPTIONAL = (REPAIR, REPUBLISH)
"""Stages that may improve what is published, and whose failure does not undo it."""
RUN: Mapping[str, Callable[[Command], None]] = {
    PREPARE: stages.prepare,
    GENERATE: stages.generate,
    PUBLISH: stages.publish,
    REPAIR: stages.repair,
    REPUBLISH: stages.republish,
    NOTIFY: stages.notify,
    "prompt": stages.prompt,
}
HELP = {
    PREPARE: "find or make the app repository, enable Pages, and check the token's rights",
    GENERATE: "make the site into WORK/site",
    PUBLISH: "push WORK/site as one commit, wait until Pages serves it",
    REPAIR: "if the app's own workflow failed, have a model repair the app, into WORK/repair",
    REPUBLISH: "push WORK/repair, if there is one, and wait until Pages serves it",
    NOTIFY: "answer the evaluation URL, also after a failed stage",
    "run": "prepare to notify, in one process",
    "prompt": "print what a model would be asked",
}
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
    command = Command(options, environ, Run(Work(options.work.resolve()), log, clock), log)
    try:
        return _in_a_row(STAGES.get(options.command, (options.command,)), command)
    except KeyboardInterrupt:
        return 130


def _in_a_row(names: Sequence[str], command: Command) -> int:
    """Run the stages; after a failure, only `notify`. Return the first exit code that is not 0."""
    codes: list[int] = []
    for name in names:
        if name == NOTIFY or not any(codes):
            codes.append(_caught(name, command))
    if NOTIFY in names:
        stages.conclude(command)
    return next(filter(None, codes), 0)


def _caught(stage: str, command: Command) -> int:
    """Run a stage, report its failure, and return the exit code."""
    try:
        RUN[stage](command)
    except Exception as error:  # noqa: BLE001 - the last resort: reported, and still answered
        if stage in OPTIONAL and command.run.work.has_task:
            return _given_up(stage, error, command)
        return _failed(stage, error, command)
    return 0


def _failed(stage: str, error: Exception, command: Command) -> int:
    command.run.work.record(stage, error)
    if isinstance(error, BriefshipError):
        command.log.error(stage, f"{error}. {error.fix}")
        return 2 if isinstance(error, SettingsError) else 1
    command.log.line(traceback.format_exc())
    command.log.error(stage, f"unexpected {type(error).__name__}: see the traceback")
    return 3


def _given_up(stage: str, error: Exception, command: Command) -> int:
    """Note why a stage that may fail has failed."""
    report = command.run.work.report()
    known = isinstance(error, BriefshipError)
    command.run.note(report, f"{stage} was given up: {error if known else type(error).__name__}")
    command.run.work.save(report)
    if not known:
        command.log.line(traceback.format_exc())
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m builder",
        description="Build the app that a request asks for, publish it, and answer the evaluator.",
        epilog="Settings come from the environment: see the table in README.md. "
        "Exit codes: 0 done; 1 a failure that is explained; 2 usage or settings; "
        "3 unexpected, with a traceback; 130 interrupted.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, summary in HELP.items():
        _add_options(commands.add_parser(name, help=summary, description=summary))
    return parser


def _add_options(command: argparse.ArgumentParser) -> None:
    source = command.add_mutually_exclusive_group().add_argument
    text = "the event of repository_dispatch or workflow_dispatch (default: GITHUB_EVENT_PATH)"
    source("--event", type=Path, metavar="FILE", help=text)
    source("--request", type=Path, metavar="FILE", help="a bare request, as JSON")
    add = command.add_argument
    text = "the folder that stages hand over in (default: work)"
    add("--work", type=Path, metavar="DIR", default=Path("work"), help=text)
    text = "take the model's reply from a file; give it again for the replies to repairs"
    add("--reply", type=_file, metavar="FILE", action="append", default=[], help=text)
    text = "build again, even where the request has a commit with nothing to improve"
    add("--force", action="store_true", help=text)


def _file(text: str) -> Path:
    path = Path(text)
    if not path.is_file():
        raise argparse.ArgumentTypeError(f"{text} is not a file")
    return path
