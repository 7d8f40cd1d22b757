"""The options of `python -m local`."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from local.faults import BuildFault, FaultPlan
from local.hub import ActionsState, HubOptions, RunnerBrowsers

TIME_SCALE = 1 / 30
"""GitHub's waits here: a first publication of Pages takes two seconds instead of a minute."""


def hub_options(options: argparse.Namespace) -> HubOptions:
    faults = FaultPlan()
    faults.on_builds(*options.builds)
    return HubOptions(
        time_scale=options.time_scale,
        secondary_limit=options.secondary_limit,
        actions=options.actions,
        browsers=options.browsers,
        faults=faults,
    )


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line; usage errors end the process with exit code 2."""
    parser = argparse.ArgumentParser(
        prog="python -m local",
        description="GitHub on one machine, the evaluator beside it, a demo of the whole chain.",
    )
    add = parser.add_subparsers(dest="command", required=True, metavar="COMMAND").add_parser
    text = "send requests, with the secret of TASK_SECRET or of their file, and check the delivery"
    _describe_evaluator(add("evaluator", help=text, description=text))
    text = "take two rounds of a task, or a brief of your own, through every part on this machine"
    _describe_demo(add("demo", help=text, description=text))
    return parser.parse_args(arguments)


def _describe_github(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("how the local GitHub behaves").add_argument
    text = "what GitHub's waits are multiplied by (default 1/30; 1 is as slow as GitHub)"
    add("--time-scale", type=float, default=TIME_SCALE, metavar="F", help=text)
    text = "writes a minute (shortened by the scale) before a secondary rate limit; default none"
    add("--secondary-limit", type=int, metavar="N", help=text)
    text = f"Actions: {', '.join(ActionsState)}"
    add("--actions", type=ActionsState, default=ActionsState.ON, metavar="STATE", help=text)
    text = f"the browsers of a run: {', '.join(RunnerBrowsers)}"
    add("--browsers", type=RunnerBrowsers, default=RunnerBrowsers.HOST, metavar="WHICH", help=text)
    text = f"what becomes of the first Pages builds, one each: {', '.join(BuildFault)}"
    add("--builds", type=BuildFault, nargs="+", default=[], metavar="FAULT", help=text)


def _describe_evaluator(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--receiver", required=True, metavar="URL", help="where the requests are POSTed to")
    text = "sent in the order given, each after the callback of the one before"
    add("--request", type=Path, required=True, nargs="+", metavar="FILE", help=text)
    add("--port", type=int, default=8100, help="for callbacks; default 8100, 0 takes a free one")
    add("--evaluation-url", metavar="URL", help="what to send when callbacks come by a tunnel")
    add("--timeout", type=float, default=600.0, metavar="S", help="for each callback; default 600")
    add("--fresh-nonce", action="store_true", help="make each request another build")
    add("--accept-fallback", action="store_true", help="a site that no model made is no failure")
    add("--json", type=Path, metavar="FILE", help="write the scores as JSON too")


def _describe_demo(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--keep", action="store_true", help="leave everything running until Ctrl-C")
    text = "for pictures, logs and scores (default demo-output)"
    add("--output", type=Path, default=Path("demo-output"), metavar="DIR", help=text)
    what = parser.add_mutually_exclusive_group().add_argument
    text = "other requests than the demo's own"
    what("--request", type=Path, nargs="+", metavar="FILE", help=text)
    text = "a brief of your own, built by the model of MODELS, OPENAI_BASE_URL, OPENAI_API_KEY"
    what("--brief", metavar="TEXT", help=text)
    add("--timeout", type=float, default=600.0, metavar="S", help="for each callback; default 600")
    _describe_github(parser)
