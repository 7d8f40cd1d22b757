"""git against real bare repositories: what arrives there is asked of git on the remote."""

import os
import subprocess
from pathlib import Path

import pytest

from builder.checkout import Git, GitCheckout
from builder.errors import GitHubUnreachable, PushFailed
from builder.naming import commit_message
from builder.request import Request
from builder.rounds import Round
from builder.site import Site
from tests.builder.conftest import Remote, Scripted, ScriptedServer
from tests.conftest import RequestOf

APP = "ada/app"


def cloned(remote: Remote, folder: Path) -> GitCheckout:
    checkout = Git(remote.url).clone(APP, folder)
    assert checkout is not None
    return checkout


def publish(checkout: GitCheckout, request: Request, **files: bytes) -> str:
    site = Site({name.replace("_", "."): content for name, content in files.items()})
    sha = checkout.commit(site, Round.of(request), commit_message(request))
    checkout.push()
    return sha


def test_git__tells_absent_from_out_of_reach(
    scripted_server: ScriptedServer, tmp_path: Path
) -> None:
    """No such repository is an answer; a server that fails is a failure."""
    git = Git(scripted_server.url, remaining=lambda: 5.0)
    scripted_server.script = [Scripted(404)]
    assert git.clone(APP, tmp_path / "clone") is None
    scripted_server.script = [Scripted(500)]
    with pytest.raises(GitHubUnreachable, match="could not clone ada/app"):
        git.clone(APP, tmp_path / "clone")


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
    checkout.commit(site, Round.of(request), commit_message(request))
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
    hook.write_text("#!/bin/sh\necho GH013: no >&2\nexit 1\n")
    hook.chmod(0o755)
    checkout = cloned(remote, tmp_path / "a")
    with pytest.raises(PushFailed, match=r"git push failed: .*GH013"):
        publish(checkout, request_of(), a_txt=b"")


def test_git__token_is_in_no_argument_and_no_file(
    remote: Remote, tmp_path: Path, request_of: RequestOf
) -> None:
    """The clone's config, the remote's URL and the process's repr hold no token."""
    remote.create(APP)
    git = Git(remote.url, token="ghp_secret")
    checkout = git.clone(APP, tmp_path / "a")
    assert checkout is not None
    publish(checkout, request_of(), a_txt=b"")
    written = [path for path in (tmp_path / "a").rglob("*") if path.is_file()]
    assert not [path for path in written if b"ghp_secret" in path.read_bytes()]
    assert "ghp_secret" not in repr(git)
    assert "ghp_secret" not in "".join(os.environ.values())
