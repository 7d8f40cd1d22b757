"""The command line of the local GitHub: hub, evaluator, demo.

Exit codes: 0 done and good; 1 something failed; 2 usage or settings; 130 interrupted.
"""

import argparse
import asyncio
import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import TypeVar

from rich.console import Console

from builder.errors import BriefshipError, SettingsError
from local.demo.machine import PROJECT
from local.demo.narrator import Narrator
from local.demo.story import DemoOptions, demo
from local.evaluator import requests
from local.evaluator.app import create_app
from local.evaluator.ledger import Ledger
from local.evaluator.score import RoundScore, all_good
from local.evaluator.session import opened
from local.hub import Hub
from local.options import hub_options, parse
from local.provision import REPOSITORY, provision
from local.server import serve

T = TypeVar("T")
Command = Callable[[argparse.Namespace, Console], bool]
SECRET = "TASK_SECRET"  # noqa: S105 - a variable's name, not its value
REQUESTS = tuple(PROJECT / f"tests/requests/sum-of-sales-001.round{n}.json" for n in (1, 2))
"""The demo's own."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    options = parse(arguments)
    # Whoever ends us means what Ctrl-C means: stop what was started.
    signal.signal(signal.SIGTERM, _interrupt)
    console = Console()
    try:
        good = COMMANDS[options.command](options, console)
    except SettingsError as error:
        return _explained(error, 2)
    except BriefshipError as error:
        return _explained(error, 1)
    except KeyboardInterrupt:
        return 130
    return 0 if good else 1


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _explained(error: BriefshipError, exit_code: int) -> int:
    print(f"{error}. {error.fix}", file=sys.stderr)
    return exit_code


def _hub(options: argparse.Namespace, console: Console) -> bool:
    """Serve until Ctrl-C."""
    source = options.source or PROJECT
    credentials = options.state / "credentials.json"
    github = Hub(options.state, hub_options(options))
    provision(github, source, credentials)
    narrator = Narrator(console)
    with _listening(github.serve(options.port), options.port) as at:
        narrator.say(f"overview             {at.server_url}/")
        narrator.say(f"GITHUB_SERVER_URL    {at.server_url}")
        narrator.say(f"GITHUB_API_URL       {at.api_url}")
        narrator.say(f"DISPATCH_REPOSITORY  {REPOSITORY}, made from {source}")
        narrator.say(f"tokens and secret    {credentials} (its user alone may read it)")
        narrator.say(
            "The receiver takes the capital names from its environment. Ctrl-C ends the hub."
        )
        threading.Event().wait()
    return True


def _evaluator(options: argparse.Namespace, console: Console) -> bool:
    """Send, wait, check; print the tables."""
    narrator = Narrator(console)
    ledger = Ledger(options.state)
    with _listening(serve(create_app(ledger), options.port), options.port) as url:
        address = options.evaluation_url or f"{url}/evaluation"
        narrator.say(f"callbacks come in at {address}")
        scores = asyncio.run(_evaluate(options, ledger, address, narrator))
    for score in scores:
        console.print(score.to_table())
    if options.json:
        text = json.dumps([score.to_json() for score in scores], indent=1)
        options.json.write_text(text, encoding="utf-8")
    return all_good(scores)


async def _evaluate(
    options: argparse.Namespace, ledger: Ledger, evaluation_url: str, narrator: Narrator
) -> list[RoundScore]:
    secret = _secret(options.request)
    async with opened(
        options.receiver,
        secret,
        ledger,
        narrator.say,
        timeout=options.timeout,
        expects_model=not options.accept_fallback,
    ) as session:
        return [
            await session.play(requests.read(file, evaluation_url, fresh_nonce=options.fresh_nonce))
            for file in options.request
        ]


def _secret(files: Sequence[Path]) -> str:
    """Return the secret of the environment, else the first file's. Raises SettingsError."""
    given = os.environ.get(SECRET) or str(requests.read_wire(files[0]).get("secret") or "")
    if not given:
        reason = f"no secret: neither {SECRET} in the environment nor a field secret in the file"
        fix = f"Set {SECRET} to the secret that the receiver knows."
        raise SettingsError(reason, names=[SECRET], fix=fix)
    return given


@contextmanager
def _listening(server: AbstractContextManager[T], port: int) -> Iterator[T]:
    """Run `server`. Raises SettingsError when its port is taken."""
    with ExitStack() as stack:
        try:
            at = stack.enter_context(server)
        except OSError as error:
            reason = f"cannot listen on port {port} ({error.strerror})"
            raise SettingsError(reason, names=(), fix="Take another --port.") from error
        yield at


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


COMMANDS: Mapping[str, Command] = {"hub": _hub, "evaluator": _evaluator, "demo": _demo}


if __name__ == "__main__":
    sys.exit(main())
