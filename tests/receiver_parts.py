"""What the receiver's tests share: its settings, a dispatcher in memory, what a sender posts."""

import asyncio
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
import uvicorn
from pydantic import SecretStr

from builder.request import Dispatch
from receiver.app import create_app
from receiver.dispatch import Dispatcher
from receiver.server import server_config
from receiver.settings import Settings

SECRET = "s3cret-of-the-course"
TOKEN = "github_pat_of_the_receiver"
REPOSITORY = "ada/briefship"
RECEIVED_AT = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
PRIVATE = (SECRET, TOKEN, "ada@example.com", "n-4711")
"""What no log and no error may repeat."""


def submission(**fields: Any) -> dict[str, Any]:
    """Make what a sender posts; keyword arguments replace or, when None, remove fields."""
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


@dataclass
class DispatcherInMemory:
    """The port `Dispatcher`; `error`, when set, is raised instead.

    While `may_answer` is not set a dispatch waits for it.
    """

    tasks: list[Dispatch] = field(default_factory=list)
    checks: int = 0
    error: Exception | None = None
    is_closed: bool = False
    is_called: threading.Event = field(default_factory=threading.Event)
    may_answer: threading.Event | None = None

    async def dispatch(self, task: Dispatch) -> None:
        self.is_called.set()
        if self.may_answer is not None:
            await asyncio.to_thread(self.may_answer.wait, 20)
        if self.error is not None:
            raise self.error
        self.tasks.append(task)

    async def check(self) -> list[str]:
        self.checks += 1
        if self.error is not None:
            raise self.error
        return []

    async def aclose(self) -> None:
        self.is_closed = True


def settings_for(api_url: str = "http://127.0.0.1:9", **fields: Any) -> Settings:
    known: dict[str, Any] = {
        "task_secret": SecretStr(SECRET),
        "dispatch_token": SecretStr(TOKEN),
        "dispatch_repository": REPOSITORY,
        "github_api_url": api_url,
    }
    return Settings(**(known | fields))


@contextmanager
def serving(
    dispatcher: Dispatcher, *, head_seconds: int = 10, **settings: Any
) -> Iterator[httpx.Client]:
    """Serve as in production, in a thread; yield a client of it."""
    ours = settings_for(**settings)
    config = server_config(create_app(ours, dispatcher, now=lambda: RECEIVED_AT), ours)
    config.timeout_keep_alive = head_seconds
    server = uvicorn.Server(config)
    listening = socket.create_server(("127.0.0.1", 0), backlog=100)
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    try:
        with httpx.Client(base_url=url, timeout=30) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join()


def base_environ() -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "TASK_SECRET": SECRET,
        "DISPATCH_TOKEN": TOKEN,
        "DISPATCH_REPOSITORY": REPOSITORY,
        "GITHUB_API_URL": "http://127.0.0.1:9",
    }
