"""The options of `python -m local`."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

SECRET_VARIABLE = "TASK_SECRET"  # noqa: S105 - its name, not its value


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line; usage errors end the process with exit code 2."""
    return _parser().parse_args(arguments)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m local",
        description="GitHub on one machine, the evaluator beside it, a demo of the whole chain.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_hub(commands)
    _add_evaluator(commands)
    _add_demo(commands)
    return parser


def _add_hub(commands: "Commands") -> None:
    text = "play GitHub on loopback: REST, git, Pages, and workflow runs by act"
    hub = commands.add_parser("hub", help=text, description=f"{text[0].upper()}{text[1:]}.")
    hub.add_argument("--state", type=Path, required=True, metavar="DIR", help="where all is kept")
    hub.add_argument("--port", type=int, default=8200, help="default 8200; 0 takes a free one")
    hub.add_argument(
        "--source",
        type=Path,
        metavar="DIR",
        help="the checkout that becomes the workflow repository (default: this one)",
    )
    hub.add_argument("--time-scale", type=float, default=1 / 30, metavar="F", help="of waits")


def _add_evaluator(commands: "Commands") -> None:
    text = "send requests, take the callbacks, check what was delivered"
    evaluator = commands.add_parser(
        "evaluator", help=text, description=f"{text[0].upper()}{text[1:]}."
    )
    add = evaluator.add_argument
    add("--receiver", required=True, metavar="URL", help="where the requests are POSTed to")
    add(
        "--request",
        type=Path,
        action="extend",
        nargs="+",
        required=True,
        metavar="FILE",
        help="sent in the order given, each after the callback of the one before",
    )
    add("--port", type=int, default=8100, help="for callbacks; default 8100, 0 takes a free one")
    add("--evaluation-url", metavar="URL", help="what to send when callbacks come by a tunnel")
    add(
        "--secret-env",
        default=SECRET_VARIABLE,
        metavar="NAME",
        help="the variable with the secret (default TASK_SECRET, else the file's own)",
    )
    add("--timeout", type=float, default=600.0, metavar="S", help="for each callback; default 600")
    add("--fresh-nonce", action="store_true", help="make each request another build")
    add(
        "--state",
        type=Path,
        default=Path(".work/evaluator"),
        metavar="DIR",
        help="keeps what was sent and what came (default .work/evaluator)",
    )
    add("--json", type=Path, metavar="FILE", help="write the scores as JSON too")


def _add_demo(commands: "Commands") -> None:
    text = "take two rounds of a task through every part on this machine"
    command = commands.add_parser("demo", help=text, description=f"{text[0].upper()}{text[1:]}.")
    add = command.add_argument
    add("--keep", action="store_true", help="leave everything running until Ctrl-C")
    add(
        "--output",
        type=Path,
        default=Path("demo-output"),
        metavar="DIR",
        help="for pictures, logs and scores (default demo-output)",
    )
    add(
        "--request",
        type=Path,
        action="extend",
        nargs="+",
        metavar="FILE",
        help="other requests than the demo's own",
    )
    add("--timeout", type=float, default=600.0, metavar="S", help="for each callback; default 600")
