"""Fixtures of the receiver's tests: a scripted GitHub, a receiver in a thread or in a process."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import httpx
import pytest

from local.demo.machine import PROJECT
from local.receiver_process import RunningReceiver, receiver
from tests import scripted_server
from tests.integration.receiver.scripted import ScriptedGitHub
from tests.receiver_parts import DispatcherInMemory, base_environ, serving

Start = Callable[..., RunningReceiver]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start `python -m receiver` on a free port; keyword arguments are its environment."""
    logs = (tmp_path / f"receiver-{number}.log" for number in count())
    with ExitStack() as stack:
        yield lambda **environ: stack.enter_context(
            receiver(base_environ() | environ, PROJECT, next(logs))
        )


@pytest.fixture
def github() -> Iterator[ScriptedGitHub]:
    with scripted_server.serving(ScriptedGitHub()) as server:
        yield server


@pytest.fixture
def kept() -> DispatcherInMemory:
    return DispatcherInMemory()


@pytest.fixture
def client(kept: DispatcherInMemory) -> Iterator[httpx.Client]:
    """A client of a receiver that hands its tasks to `kept`."""
    with serving(kept) as client:
        yield client
