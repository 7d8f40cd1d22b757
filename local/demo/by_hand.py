"""Keeps everything running: a request to send by hand, and news of runs and callbacks."""

import json
import shlex
import time

from rich.console import Console
from rich.text import Text

from local.demo.machine import Machine
from local.evaluator import requests
from local.evaluator.session import Progress
from local.provision import REPOSITORY

LOOK_EVERY = 0.5


def curl_line(machine: Machine) -> str:
    """Return a shell command that sends a small request."""
    fields = {"task": "hello-by-hand", "checks": ["js: document.title === 'Hello'"]}
    brief = 'Publish a page titled "Hello" that greets its reader.'
    request = requests.of_brief(brief, machine.evaluation_url, **fields)
    body = request.to_wire() | {"secret": machine.credentials.task_secret}
    words = ["curl", "-sS", machine.receiver_url, "-H", "Content-Type: application/json"]
    return shlex.join([*words, "-d", json.dumps(body)])


def keep_running(machine: Machine, console: Console, say: Progress) -> None:
    """Accept requests from anybody and report their runs and callbacks, until Ctrl-C."""
    machine.ledger.accepts_unknown = True
    say("everything goes on running; Ctrl-C ends it. Send a request of your own:")
    console.print(Text(curl_line(machine)), soft_wrap=True)
    told = set(_news(machine))
    try:
        while True:
            time.sleep(LOOK_EVERY)
            for line in _news(machine):
                if line not in told:
                    told.add(line)
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
