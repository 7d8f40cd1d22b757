"""What the receiver's tests share: a scripted GitHub, a submission, a running receiver."""

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from builder.errors import GitHubError
from builder.request import Dispatch
from receiver.settings import Settings
from tests.receiver.scripted import ScriptedGitHub, scripted_github

SECRET = "s3cret-of-the-course"
TOKEN = "github_pat_of_the_receiver"
REPOSITORY = "ada/briefship"

SubmissionOf = Callable[..., dict[str, Any]]


@dataclass
class Kept:
    """The port `Dispatcher` in memory; `error`, when set, is raised instead."""

    tasks: list[Dispatch] = field(default_factory=list)
    checks: int = 0
    error: GitHubError | None = None
    is_closed: bool = False

    async def dispatch(self, task: Dispatch) -> None:
        if self.error is not None:
            raise self.error
        self.tasks.append(task)

    async def check(self) -> None:
        self.checks += 1
        if self.error is not None:
            raise self.error

    async def aclose(self) -> None:
        self.is_closed = True


class Running:
    """A receiver in a process of its own, from the line that names its address on."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self._lines: list[str] = []
        self._listening = threading.Event()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        self._listening.wait()
        found = re.search(r"listening on (http://[0-9.:]+)\b", "".join(self._lines))
        if found is None:
            raise RuntimeError(f"the receiver did not start: {self._lines}")
        self.url = found[1]

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self._lines.append(line)
            self._listening.set()
        self._listening.set()

    def stop(self) -> str:
        """Stop it as a host does, and return all that it logged."""
        self.process.send_signal(signal.SIGTERM)
        return self.end()

    def end(self) -> str:
        """Wait for its end and return all that it logged."""
        self.process.wait()
        self._reader.join()
        return "".join(self._lines)


@pytest.fixture
def github() -> Iterator[ScriptedGitHub]:
    with scripted_github() as server:
        yield server


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture
def submission_of() -> SubmissionOf:
    """Make what a sender posts; keyword arguments replace or, when None, remove fields."""

    def make(**fields: Any) -> dict[str, Any]:
        wire = {
            "email": "ada@example.com",
            "secret": SECRET,
            "task": "sum-of-rain",
            "round": 1,
            "nonce": "n-4711",
            "brief": "Publish a page titled “Rain”.",
            "checks": ["Repo has MIT license", {"js": "document.title === 'Rain'"}],
            "evaluation_url": "http://127.0.0.1:9/evaluation",
            "attachments": [{"name": "rain.csv", "url": "data:text/csv;base64,bW0KMTIK"}],
        }
        return {name: value for name, value in (wire | fields).items() if value is not None}

    return make


def settings_for(api_url: str = "http://127.0.0.1:9", **fields: Any) -> Settings:
    return Settings(
        task_secrets=(SECRET,),
        dispatch_token=TOKEN,
        dispatch_repository=REPOSITORY,
        github_api_url=api_url,
        **fields,
    )


Start = Callable[..., Running]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start `python -m receiver` on a free port; keyword arguments are its environment."""
    with ExitStack() as stack:
        yield lambda **environ: stack.enter_context(running(**environ))


@contextmanager
def running(**environ: str) -> Iterator[Running]:
    with subprocess.Popen(
        [sys.executable, "-m", "receiver"],
        env=base_environ() | {"PORT": "0"} | environ,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        receiver = Running(process)
        try:
            yield receiver
        finally:
            process.kill()
            receiver.end()


def base_environ() -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "TASK_SECRET": SECRET,
        "DISPATCH_TOKEN": TOKEN,
        "DISPATCH_REPOSITORY": REPOSITORY,
        "GITHUB_API_URL": "http://127.0.0.1:9",
    }
