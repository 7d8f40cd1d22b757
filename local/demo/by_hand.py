"""Keeps everything running: a request to send by hand, and news of runs and callbacks."""

import json
import secrets
import shlex
import time
from pathlib import Path

from rich.console import Console
from rich.text import Text

from local.demo.machine import Machine
from local.evaluator import requests
from local.evaluator.session import Progress
from local.hub.records import Permissions
from local.hub.run_folder import write_private
from local.provision import OWNER, REPOSITORY

LOOK_EVERY = 0.5
ENVIRON = "demo.env"
OPERATES: Permissions = {
    **{"actions": "write", "administration": "write", "contents": "write", "pages": "write"},
    **{"workflows": "write", "secrets": "write", "actions_variables": "write"},
}


def curl_line(machine: Machine) -> str:
    """Return a shell command that sends a small request."""
    fields = {"task": "hello-by-hand", "checks": ["js: document.title === 'Hello'"]}
    brief = 'Publish a page titled "Hello" that greets its reader.'
    request = requests.of_brief(brief, machine.evaluation_url, **fields)
    body = request.to_wire() | {"secret": machine.credentials.task_secret}
    words = ["curl", "-sS", machine.receiver_url, "-H", "Content-Type: application/json"]
    return shlex.join([*words, "-d", json.dumps(body)])


def environ_of(machine: Machine) -> dict[str, str]:
    """Return what `briefship` needs to operate this machine's GitHub, with a token of its own."""
    credentials, operator = machine.credentials, f"github_pat_{secrets.token_hex(24)}"
    machine.hub.add_token(operator, OWNER, OPERATES)
    return {
        "GITHUB_API_URL": machine.github.api_url,
        "GITHUB_SERVER_URL": machine.github.server_url,
        "GH_TOKEN": operator,
        "BUILDER_TOKEN": credentials.builder_token,
        "DISPATCH_TOKEN": credentials.dispatch_token,
        "DISPATCH_REPOSITORY": REPOSITORY,
        "TASK_SECRET": credentials.task_secret,
        "RECEIVER_URL": machine.receiver_url.removesuffix("/handle_task"),
        "ALLOW_PRIVATE_CALLBACKS": "1",
    }


def keep_running(machine: Machine, console: Console, say: Progress, output: Path) -> None:
    """Accept requests from anybody and report their runs and callbacks, until Ctrl-C."""
    machine.ledger.accepts_unknown = True
    environ = environ_of(machine) | {"EVALUATION_URL": machine.evaluation_url}
    lines = (f"{name}={shlex.quote(value)}\n" for name, value in environ.items())
    write_private(output / ENVIRON, "".join(lines))
    say("everything keeps running; Ctrl-C ends it. Send a request of your own:")
    console.print(Text(curl_line(machine)), soft_wrap=True)
    say("Or use the command, in another terminal:")
    call = f"set -a; . {shlex.quote(str(output / ENVIRON))}; set +a; .venv/bin/briefship status"
    console.print(Text(call), soft_wrap=True)
    reported = set(_news(machine))
    try:
        while True:
            time.sleep(LOOK_EVERY)
            for line in _news(machine):
                if line not in reported:
                    reported.add(line)
                    say(line)
    except KeyboardInterrupt:
        say("stopping")


def _news(machine: Machine) -> list[str]:
    """Return a line for the state of each run and for each callback."""
    runs = machine.hub.runs(REPOSITORY)
    lines = [f"“{run.title}” {run.conclusion or run.status}: {run.url}" for run in runs]
    for entry in machine.ledger.entries:
        body = entry.body if isinstance(entry.body, dict) else {}
        words = ("task", "round", "status", "verdict", "pages_url", "error")
        about = " ".join(str(body[word]) for word in words if body.get(word))
        lines.append(f"callback at {entry.received_at:%H:%M:%S}: {about}")
    return lines
