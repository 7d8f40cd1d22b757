"""git against servers that take the connection and say nothing."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from builder.errors import GitHubUnreachable
from builder.publish.checkout import Git
from tests.conftest import FakeTime


@pytest.fixture
def silent_url() -> Iterator[str]:
    """A server that accepts connections into its backlog and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_git__a_silent_server_is_given_up(
    silent_url: str, tmp_path: Path, fake_time: FakeTime
) -> None:
    """A server that says nothing for `stall_seconds` is out of reach for now: it is tried again."""
    git = Git(silent_url, fake_time.clock, remaining=lambda: 20.0, stall_seconds=1.0)
    with pytest.raises(GitHubUnreachable, match="too slow"):
        git.clone("ada/app", tmp_path / "clone")
    assert fake_time.slept == [1.0, 2.0, 4.0, 8.0, 16.0]


def test_git__a_command_ends_with_its_time(
    silent_url: str, tmp_path: Path, fake_time: FakeTime
) -> None:
    """A command over its time is ended with the helper that talks to the server."""
    git = Git(silent_url, fake_time.clock, remaining=lambda: 0.0)
    start = time.monotonic()
    with pytest.raises(GitHubUnreachable, match="git clone took longer than 1 s"):
        git.clone("ada/app", tmp_path / "clone")
    assert time.monotonic() - start < 15
