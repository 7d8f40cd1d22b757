"""git against real bare repositories: what arrives there is asked of git on the remote."""

import os
import subprocess
from pathlib import Path

import pytest

from builder.errors import GitHubRefused, GitHubUnreachable, PushOvertaken, SecretsRefused
from builder.naming import commit_message
from builder.publish.checkout import Git, GitCheckout
from builder.request import Request
from builder.rounds import Round
from builder.site import Site
from tests.conftest import FakeTime, Remote, RequestOf
from tests.scripted_server import Scripted, ScriptedServer

APP = "ada/app"


def cloned(remote: Remote, folder: Path) -> GitCheckout:
    checkout = Git(remote.url, FakeTime().clock).clone(APP, folder)
    assert checkout is not None
    return checkout


def publish(checkout: GitCheckout, request: Request, **files: bytes) -> str:
    site = Site({name.replace("_", "."): content for name, content in files.items()})
    sha = checkout.commit(site, Round.of(request), commit_message(Round.of(request)))
    checkout.push()
    return sha


def test_git__tells_absent_from_out_of_reach(
    scripted_server: ScriptedServer, tmp_path: Path, fake_time: FakeTime
) -> None:
    """No such repository is an answer; a server that keeps failing is a failure."""
    git = Git(scripted_server.url, fake_time.clock, remaining=lambda: 5.0 - sum(fake_time.slept))
    scripted_server.script = [Scripted(404)]
    assert git.clone(APP, tmp_path / "clone") is None
    assert fake_time.slept == []
    scripted_server.script = [Scripted(500)]
    with pytest.raises(GitHubUnreachable, match=r"git clone failed: .*500"):
        git.clone(APP, tmp_path / "clone")
    assert fake_time.slept == [1.0, 2.0]


def test_git__waits_for_what_the_api_knows(
    scripted_server: ScriptedServer, tmp_path: Path, fake_time: FakeTime
) -> None:
    """A repository that exists for the API is looked for again before git gives up."""
    git = Git(scripted_server.url, fake_time.clock)
    scripted_server.script = [Scripted(404)]
    with pytest.raises(GitHubUnreachable, match="no repository ada/app, though the API"):
        git.clone(APP, tmp_path / "clone", exists=True)
    assert fake_time.slept == [1.0, 2.0, 4.0, 8.0, 16.0]


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


def test_checkout__one_commit_a_round(
    remote: Remote, tmp_path: Path, request_of: RequestOf
) -> None:
    """Each round is one commit on main with its trailer, and the files are the site's."""
    remote.create(APP)
    first, second = request_of(), request_of(round=2, nonce="n2")
    checkout = cloned(remote, tmp_path / "a")
    assert (checkout.head, checkout.has_mark) == (None, False)
    one = publish(checkout, first, index_html=b"1", old_txt=b"x")
    two = publish(cloned(remote, tmp_path / "b"), second, index_html=b"2")
    assert remote.git(APP, "rev-list", "--reverse", "main").split() == [one, two]
    assert remote.git(APP, "show", "main:index.html") == "2"
    names = remote.git(APP, "ls-tree", "-r", "--name-only", "main").split()
    assert names == [".builder/rounds/1.json", ".builder/rounds/2.json", "index.html"]
    again = cloned(remote, tmp_path / "c")
    assert again.commit_of(first.build_id) == one
    assert again.commit_of(second.build_id) == two
    assert again.commit_of("0" * 16) is None
    assert [past.round for past in again.base().rounds] == [1, 2]


def test_checkout__round_one_again_replaces_what_came_of_it(
    remote: Remote, tmp_path: Path, request_of: RequestOf
) -> None:
    """A re-sent round 1 goes on top and takes the notes of later rounds away."""
    remote.create(APP)
    publish(cloned(remote, tmp_path / "a"), request_of(), a_txt=b"1")
    publish(cloned(remote, tmp_path / "b"), request_of(round=2), b_txt=b"2")
    publish(cloned(remote, tmp_path / "c"), request_of(nonce="other"), c_txt=b"3")
    names = remote.git(APP, "ls-tree", "-r", "--name-only", "main").split()
    assert names == [".builder/rounds/1.json", "c.txt"]
    assert remote.git(APP, "rev-list", "--count", "main").strip() == "3"


def test_checkout__bytes_arrive_as_they_are(
    remote: Remote, tmp_path: Path, request_of: RequestOf
) -> None:
    """Neither .gitattributes nor .gitignore of the app changes or hides a file."""
    remote.create(APP)
    site = Site(
        {
            ".gitattributes": b"* text=auto eol=lf\n*.bin filter=lfs\n",
            ".gitignore": b"*.csv\n",
            "data.csv": b"a\r\nb\r\n",
            "x.bin": bytes(range(256)),
        }
    )
    checkout = cloned(remote, tmp_path / "a")
    request = request_of()
    checkout.commit(site, Round.of(request), commit_message(Round.of(request)))
    checkout.push()
    for path, content in site.items():
        shown = subprocess.run(
            ["git", "-C", str(remote.folder / f"{APP}.git"), "cat-file", "blob", f"main:{path}"],
            check=True,
            capture_output=True,
        )
        assert shown.stdout == content
    assert dict(cloned(remote, tmp_path / "b").base().site) == dict(site)


def test_checkout__refused_push_is_explained(
    remote: Remote, tmp_path: Path, request_of: RequestOf
) -> None:
    """What the remote says is in the error."""
    remote.create(APP)
    hook = remote.folder / f"{APP}.git" / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\necho GH013: Push cannot contain secrets >&2\nexit 1\n")
    hook.chmod(0o755)
    checkout = cloned(remote, tmp_path / "a")
    with pytest.raises(SecretsRefused, match="GH013"):
        publish(checkout, request_of(), a_txt=b"")


def test_checkout__the_second_of_two_pushes(
    remote: Remote, tmp_path: Path, request_of: RequestOf
) -> None:
    """Who comes second is told so, catches up, and pushes on top: no commit is lost."""
    remote.create(APP)
    publish(cloned(remote, tmp_path / "0"), request_of(), a_txt=b"0")
    ours, theirs = cloned(remote, tmp_path / "a"), cloned(remote, tmp_path / "b")
    their_sha = publish(theirs, request_of(round=2, nonce="t"), a_txt=b"1")
    second = request_of(round=3)
    with pytest.raises(PushOvertaken):
        publish(ours, second, b_txt=b"2")
    ours.catch_up()
    assert ours.head == their_sha
    our_sha = publish(ours, second, b_txt=b"2")
    assert remote.git(APP, "rev-list", "--max-count=2", "main").split() == [our_sha, their_sha]


def test_checkout__a_commit_that_was_not_pushed_is_replaced(
    remote: Remote, tmp_path: Path, request_of: RequestOf
) -> None:
    """Committing twice before the push leaves one commit, also in an empty repository."""
    remote.create(APP)
    checkout, request = cloned(remote, tmp_path / "a"), request_of()
    for name in ("refused.txt", "kept.txt"):
        sha = checkout.commit(
            Site({name: b""}), Round.of(request), commit_message(Round.of(request))
        )
    checkout.push()
    assert remote.git(APP, "rev-list", "main").split() == [sha]
    names = remote.git(APP, "ls-tree", "-r", "--name-only", "main").split()
    assert names == [".builder/rounds/1.json", "kept.txt"]


def test_checkout__site_at_an_earlier_commit(
    remote: Remote, tmp_path: Path, request_of: RequestOf
) -> None:
    """The files of a commit can be read back; an unknown one has none."""
    remote.create(APP)
    checkout = cloned(remote, tmp_path / "a")
    first = publish(checkout, request_of(), a_txt=b"1")
    publish(checkout, request_of(round=2), a_txt=b"2", b_txt=b"2")
    assert dict(checkout.site_at(first)) == {"a.txt": b"1"}
    assert dict(checkout.site_at("0" * 40)) == {}


def test_git__token_is_in_no_argument_and_no_file(
    remote: Remote, tmp_path: Path, request_of: RequestOf, fake_time: FakeTime
) -> None:
    """The clone's config, the remote's URL and the process's repr hold no token."""
    remote.create(APP)
    git = Git(remote.url, fake_time.clock, token="ghp_secret")
    checkout = git.clone(APP, tmp_path / "a")
    assert checkout is not None
    publish(checkout, request_of(), a_txt=b"")
    written = [path for path in (tmp_path / "a").rglob("*") if path.is_file()]
    assert not [path for path in written if b"ghp_secret" in path.read_bytes()]
    assert "ghp_secret" not in repr(git)
    assert "ghp_secret" not in "".join(os.environ.values())
