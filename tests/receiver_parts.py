"""What the receiver's tests share: its settings, a dispatcher in memory, what a sender posts."""

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pydantic import SecretStr

from builder.errors import GitHubError
from builder.request import Dispatch
from receiver.settings import Settings

SECRET = "s3cret-of-the-course"
TOKEN = "github_pat_of_the_receiver"
REPOSITORY = "ada/briefship"
PRIVATE = (SECRET, TOKEN, "ada@example.com", "n-4711")
"""What no log and no error may repeat."""

SubmissionOf = Callable[..., dict[str, Any]]


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

    With `may_answer` a dispatch waits for it.
    """

    tasks: list[Dispatch] = field(default_factory=list)
    checks: int = 0
    error: GitHubError | None = None
    is_closed: bool = False
    is_called: asyncio.Event = field(default_factory=asyncio.Event)
    may_answer: asyncio.Event | None = None

    async def dispatch(self, task: Dispatch) -> None:
        self.is_called.set()
        if self.may_answer is not None:
            await self.may_answer.wait()
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


def base_environ() -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "TASK_SECRET": SECRET,
        "DISPATCH_TOKEN": TOKEN,
        "DISPATCH_REPOSITORY": REPOSITORY,
        "GITHUB_API_URL": "http://127.0.0.1:9",
    }
