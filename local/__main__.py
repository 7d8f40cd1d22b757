"""The command line for evaluator and demo.

Exit codes: 0 done and good; 1 something failed; 2 usage or settings; 130 interrupted.
"""

import argparse
import asyncio
import errno
import json
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import FrameType

from rich.console import Console

from builder.errors import BriefshipError, SettingsError
from local.demo.machine import PROJECT
from local.demo.story import DemoOptions, demo
from local.evaluator import requests
from local.evaluator.callbacks import Ledger, create_app
from local.evaluator.score import RoundScore, all_good
from local.evaluator.session import Session, timed
from local.options import hub_options, parse
from local.server import serve

Command = Callable[[argparse.Namespace, Console], bool]
SECRET = "TASK_SECRET"  # noqa: S105 - a variable's name, not its value
REQUESTS = tuple(PROJECT / f"tests/requests/sum-of-sales-001.round{n}.json" for n in (1, 2))
"""The demo's own."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    options = parse(arguments)
    # SIGTERM means the same as Ctrl-C: stop what was started. Of a command in the background
    # (`make demo &`) the shell has SIGINT ignored.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _interrupt)
    try:
        good = COMMANDS[options.command](options, Console())
    except BriefshipError as error:
        print(f"{error}. {error.fix}", file=sys.stderr)
        return 2 if isinstance(error, SettingsError) else 1
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        print(f"port {options.port} is taken. Take another --port.", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0 if good else 1


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _evaluator(options: argparse.Namespace, console: Console) -> bool:
    """Send, wait, check; print the tables."""
    ledger = Ledger()
    with serve(create_app(ledger), options.port) as url:
        address = options.evaluation_url or f"{url}/evaluation"
        console.print(f"callbacks come in at {address}", soft_wrap=True)
        scores = asyncio.run(_evaluate(options, ledger, address, console))
    for score in scores:
        console.print(score.to_table())
    if options.json:
        text = json.dumps([score.to_json() for score in scores], indent=1)
        options.json.write_text(text, encoding="utf-8")
    return all_good(scores)


async def _evaluate(
    options: argparse.Namespace, ledger: Ledger, evaluation_url: str, console: Console
) -> list[RoundScore]:
    session = Session(
        options.receiver,
        _secret(options.request[0]),
        ledger,
        timed(console),
        options.timeout,
        expects_model=not options.accept_fallback,
    )
    return [
        await session.play(requests.read(file, evaluation_url, fresh_nonce=options.fresh_nonce))
        for file in options.request
    ]


def _secret(file: Path) -> str:
    """Return the secret of the environment, else the file's. Raises SettingsError."""
    given = os.environ.get(SECRET) or str(requests.read_wire(file).get("secret") or "")
    if not given:
        reason = f"no secret: neither {SECRET} in the environment nor a field secret in the file"
        fix = f"Set {SECRET} to the secret that the receiver knows."
        raise SettingsError(reason, names=[SECRET], fix=fix)
    return given


def _demo(options: argparse.Namespace, console: Console) -> bool:
    chosen = DemoOptions(
        requests=options.request or REQUESTS,
        brief=options.brief,
        output=options.output,
        keep=options.keep,
        timeout=options.timeout,
        hub=hub_options(options),
        environ=dict(os.environ),
    )
    return demo(chosen, console)


COMMANDS: Mapping[str, Command] = {"evaluator": _evaluator, "demo": _demo}


if __name__ == "__main__":
    sys.exit(main())
