"""The command line: parses, runs a command, and is the one place that catches.

Exit codes: 0 done and good; 1 a failure that is explained, or something that is not good;
2 usage or settings; 3 unexpected, with a traceback; 130 interrupted.
"""

import argparse
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from briefship import look, parts
from briefship.context import Context, environment
from briefship.doctor.examination import CHECKS, doctor
from briefship.init import init
from briefship.send import send
from builder.errors import BriefshipError, SettingsError

COMMANDS: Mapping[str, Callable[[argparse.Namespace, Context], int]] = {
    "init": init,
    "doctor": doctor,
    "send": send,
    "status": look.status,
    "logs": look.logs,
    "rerun": look.rerun,
    "history": parts.history,
    "serve": parts.serve,
    "demo": parts.demo,
}
EPILOG = """\
examples:
  briefship init --repository you/builds      set everything up on GitHub, from this checkout
  briefship doctor                            try each thing that a run needs
  briefship serve                             run the receiver on this machine
  briefship send tests/requests/tiny-library.round1.json --fresh-nonce
  briefship status                            the newest runs, with their verdicts
  briefship status 3f2a9c0d1e4b5a67 --watch   one build, until it is over
  briefship rerun 3f2a9c0d1e4b5a67 --force    build it again, even if it is verified
  briefship demo --keep                       everything on this machine, without GitHub

Settings come from the environment and from .env in this folder; README has the tables.
  GH_TOKEN              your own token: Actions read and write, for status, logs and rerun
  DISPATCH_REPOSITORY   the workflow repository, owner/name
  RECEIVER_URL          where the receiver is (default http://127.0.0.1:8000)
  TASK_SECRET           the secret that the receiver accepts, for send
  NO_COLOR              no colours

exit codes: 0 done and good; 1 a failure that is explained, or something that is not good;
2 usage or settings; 3 unexpected, with a traceback; 130 interrupted"""


def main(arguments: Sequence[str], environ: Mapping[str, str], folder: Path) -> int:
    """Run the command line in `folder`; return the exit code."""
    options = _parse(arguments)
    try:
        with ExitStack() as stack:
            context = Context(environment(environ, folder), folder, sys.stdout, stack)
            return COMMANDS[options.command](options, context)
    except BriefshipError as error:
        print(f"briefship: {error}. {error.fix}", file=sys.stderr)
        return 2 if isinstance(error, SettingsError) else 1
    except KeyboardInterrupt:
        return 130
    except Exception:  # noqa: BLE001 - the last resort
        traceback.print_exc()
        return 3


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    if arguments[:1] == ["demo"]:
        # Its options are its own.
        return argparse.Namespace(command="demo", arguments=arguments[1:])
    return _parser().parse_args(arguments)


def _parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="briefship",
        description="Set up, check and operate briefship: briefs in, published apps out.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(name: str, text: str) -> Callable[..., argparse.Action]:
        return commands.add_parser(name, help=text, description=text).add_argument

    _describe_init(add("init", "make the workflow repository from this checkout, and set it up"))
    option = add("doctor", "try each thing that a run needs, and say what to do")
    text = f"what to look at (default: all of {', '.join(CHECKS)})"
    text_live = "also create, publish and delete a public repository, send an answer, and measure"
    option("--live", action="store_true", help=text_live)
    text_url = "where --live sends the answer (default: to a listener on this machine)"
    option("--callback-url", metavar="URL", help=text_url)
    option("checks", nargs="*", type=_check, metavar="CHECK", help=text)
    option("--json", action="store_true", help="print JSON")
    _describe_send(add("send", "hand a request to the receiver"))
    option = add("status", "show the newest runs, or one with its stages and links")
    option("id", nargs="?", metavar="ID", help="a build id, a run id or a task")
    option("--watch", action="store_true", help="follow runs until they are over")
    option("--count", type=int, default=10, metavar="N", help="how many runs (default 10)")
    option("--json", action="store_true", help="print JSON")
    option = add("logs", "print the log of a run")
    option("id", metavar="ID", help="a build id, a run id or a task")
    option = add("rerun", "start a run again, with the same request")
    option("id", metavar="ID", help="a build id, a run id or a task")
    text = "build again, even where the request has a commit with nothing to improve"
    option("--force", action="store_true", help=text)
    option("--json", action="store_true", help="print JSON")
    option = add("history", "add a run to the history page (build.yml does, where HISTORY is 1)")
    option("report", type=Path, metavar="report.json", help="the report that the run has left")
    add("serve", "run the receiver (see python -m receiver --help for its settings)")
    add("demo", "take requests through every part on this machine, without GitHub")
    return top


def _describe_init(option: Callable[..., argparse.Action]) -> None:
    option("--repository", metavar="OWNER/NAME", help="the workflow repository to make or set up")
    option("--public", action="store_true", help="make it public: everybody reads briefs and logs")
    option("--owner", metavar="NAME", help="whose the app repositories are (default: OWNER)")
    option("--models", metavar="A,B", help="models in order of preference (MODELS)")
    option("--base-url", metavar="URL", help="their server (OPENAI_BASE_URL); the key is asked")
    text = "ask nothing: tokens and keys come from the environment or .env"
    option("--no-input", action="store_true", help=text)
    option("--json", action="store_true", help="print what the doctor finds as JSON")


def _check(name: str) -> str:
    if name not in CHECKS:
        raise argparse.ArgumentTypeError(f"{name!r} is none of {', '.join(CHECKS)}")
    return name


def _describe_send(option: Callable[..., argparse.Action]) -> None:
    option("request", type=Path, metavar="REQUEST.json", help="the request, with or without secret")
    option("--to", metavar="URL", help="the receiver's /handle_task (default: RECEIVER_URL's)")
    option("--fresh-nonce", action="store_true", help="make it another build than the last time")
    option("--evaluation-url", metavar="URL", help="where to answer instead")
    option("--json", action="store_true", help="print the receiver's answer")
