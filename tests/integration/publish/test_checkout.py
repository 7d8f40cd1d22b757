"""git against real bare repositories: what arrives there is asked of git on the remote."""

import os
import shutil
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from builder.errors import GitHubRefused, GitHubUnreachable
from builder.publish.checkout import Git
from builder.publish.naming import commit_message
from builder.rounds import Round
from builder.site import Site
from tests.conftest import FakeTime, RequestOf
from tests.integration.publish.conftest import APP, AppRemote
from tests.scripted_server import Scripted, ScriptedServer

TOKEN = "ghp_secret"


def test_git__tells_absent_from_out_of_reach(
    scripted_server: ScriptedServer, tmp_path: Path, fake_time: FakeTime
) -> None:
    """No such repository is an answer, unless the API knows it; a failing server is a failure."""
    git = Git(scripted_server.url, fake_time.clock, remaining=lambda: 5.0 - sum(fake_time.slept))
    scripted_server.script = [Scripted(404)]
    assert git.clone(APP, tmp_path / "clone") is None
    assert fake_time.slept == []
    with pytest.raises(GitHubUnreachable, match="no repository ada/app, though the API"):
        git.clone(APP, tmp_path / "clone", exists=True)
    assert fake_time.slept == [1.0, 2.0]
    scripted_server.script = [Scripted(500)]
    with pytest.raises(GitHubUnreachable, match=r"git clone failed: .*500"):
        git.clone(APP, tmp_path / "clone")


def test_git__a_token_that_is_refused_is_no_absence(
    scripted_server: ScriptedServer, tmp_path: Path, fake_time: FakeTime
) -> None:
    """Who is asked for credentials although a token was sent has a token that does not do."""
    challenge = {"WWW-Authenticate": 'Basic realm="GitHub"'}
    scripted_server.script = [Scripted(401, headers=challenge)]
    assert Git(scripted_server.url, fake_time.clock).clone(APP, tmp_path / "clone") is None
    with pytest.raises(GitHubRefused) as refused:
        Git(scripted_server.url, fake_time.clock, "expired").clone(APP, tmp_path / "clone")
    assert "Contents: write" in refused.value.fix


@pytest.fixture
def silent_url() -> Iterator[str]:
    """A server that accepts connections into its backlog and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_git__a_silent_server_is_given_up(
    silent_url: str, tmp_path: Path, fake_time: FakeTime
) -> None:
    """A server that says nothing for `stall_seconds` is out of reach for now: it is tried again."""
    git = Git(silent_url, fake_time.clock, remaining=lambda: 3.0, stall_seconds=1.0)
    with pytest.raises(GitHubUnreachable, match="too slow"):
        git.clone(APP, tmp_path / "clone")
    assert fake_time.slept == [1.0, 2.0]


def test_git__a_command_ends_with_its_time(
    silent_url: str, tmp_path: Path, fake_time: FakeTime
) -> None:
    """A command over its time is ended with the helper that talks to the server."""
    git = Git(silent_url, fake_time.clock, remaining=lambda: 0.0)
    start = time.monotonic()
    with pytest.raises(GitHubUnreachable, match="git clone took longer than 1 s"):
        git.clone(APP, tmp_path / "clone")
    assert time.monotonic() - start < 15


def test_git__token_is_in_no_argument_and_no_file(
    app: AppRemote, tmp_path: Path, request_of: RequestOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It goes by the environment of git alone: no command line, no file of the clone holds it."""
    seen, real = tmp_path / "seen.txt", shutil.which("git")
    wrapper = tmp_path / "bin" / "git"
    wrapper.parent.mkdir()
    wrapper.write_text(f'#!/bin/sh\necho "$@" >> {seen}\necho "$GIT_CONFIG_VALUE_0" >> {seen}.env\n'
                       f'exec {real} "$@"\n')  # fmt: skip
    wrapper.chmod(0o755)
    monkeypatch.setenv("PATH", f"{wrapper.parent}:{os.environ['PATH']}")
    checkout = app.clone(TOKEN)
    app.push({"a.txt": b""}, request_of(), checkout)
    assert "push --quiet" in seen.read_text()
    assert "Authorization: Basic" in Path(f"{seen}.env").read_text()
    encoded = Path(f"{seen}.env").read_text().split()[-1]
    files = [seen, *(path for path in checkout.folder.rglob("*") if path.is_file())]
    held = [path for path in files if {TOKEN, encoded} & set(path.read_text("latin-1").split())]
    assert not held
    assert TOKEN not in repr(checkout.git)


def test_checkout__one_commit_a_round(app: AppRemote, request_of: RequestOf) -> None:
    """Each round is one commit on main with its trailer, and the files are the site's."""
    first, second = request_of(), request_of(round=2, nonce="n2")
    checkout = app.clone()
    assert (checkout.head, checkout.has_mark) == (None, False)
    one = app.push({"index.html": b"1", "old.txt": b"x"}, first, checkout)
    two = app.push({"index.html": b"2"}, second)
    assert app.ask("rev-list", "--reverse", "main").split() == [one, two]
    assert app.ask("show", "main:index.html") == "2"
    assert app.listed() == ["index.html"]
    again = app.clone()
    assert again.has_mark
    assert again.commit_of(first.build_id) == one
    assert again.commit_of(second.build_id) == two
    assert again.commit_of("0" * 16) is None
    assert again.commit_before(second.build_id) == one
    assert again.commit_before(first.build_id) is None
    assert [past.round for past in again.base().rounds] == [1, 2]
    assert dict(again.site_at(one)) == {"index.html": b"1", "old.txt": b"x"}
    assert dict(again.site_at("0" * 40)) == {}


def test_checkout__round_one_again_replaces_what_came_of_it(
    app: AppRemote, request_of: RequestOf
) -> None:
    """A re-sent round 1 goes on top and takes the notes of later rounds away."""
    app.push({"a.txt": b"1"}, request_of())
    app.push({"b.txt": b"2"}, request_of(round=2))
    app.push({"c.txt": b"3"}, request_of(nonce="other"))
    assert app.listed() == ["c.txt"]
    assert [past.round for past in app.clone().base().rounds] == [1]
    assert app.ask("rev-list", "--count", "main") == "3"


def test_checkout__a_commit_that_was_not_pushed_is_replaced(
    app: AppRemote, request_of: RequestOf
) -> None:
    """Committing twice before the push leaves one commit, also in an empty repository."""
    checkout, built = app.clone(), Round.of(request_of())
    checkout.commit(Site({"refused.txt": b""}), built, commit_message(built))
    sha = app.push({"kept.txt": b""}, request_of(), checkout)
    assert app.ask("rev-list", "main") == sha
    assert app.listed() == ["kept.txt"]


def test_checkout__a_default_branch_that_somebody_renamed(
    app: AppRemote, request_of: RequestOf
) -> None:
    """The round goes on from the branch that holds the app, and `main` is there again."""
    one = app.push({"index.html": b"1"}, request_of())
    app.ask("branch", "--move", "main", "trunk")
    checkout = app.clone()
    assert (checkout.head, checkout.has_mark) == (one, True)
    two = app.push({"index.html": b"2"}, request_of(round=2), checkout)
    assert app.ask("rev-list", "main").split() == [two, one]
