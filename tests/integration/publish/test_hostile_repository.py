"""What requests, replies and commits of others may try with git, against real repositories."""

import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from builder.naming import commit_message
from builder.publish.checkout import Git, GitCheckout
from builder.rounds import Round
from builder.site import Site
from tests.conftest import FakeTime, Remote, RequestOf

APP = "ada/app"
FORGED = "f" * 16


@dataclass
class Repositories:
    """The app repository, as we clone it and as somebody else pushes to it."""

    remote: Remote
    folder: Path
    clones: int = 0

    def clone(self) -> GitCheckout:
        self.clones += 1
        folder = self.folder / str(self.clones)
        checkout = Git(self.remote.url, FakeTime().clock).clone(APP, folder)
        assert checkout is not None
        return checkout

    def push(self, checkout: GitCheckout, site: Site, built: Round) -> str:
        sha = checkout.commit(site, built, commit_message(built))
        checkout.push()
        return sha

    def somebody_pushes(self, checkout: GitCheckout, message: str = "Change") -> str:
        """Commit everything in the folder of a clone, and push it."""
        git = ("git", "-C", str(checkout.folder), "-c", "user.name=x", "-c", "user.email=x@x")
        for command in (
            ("add", "--all", "--force"),
            ("commit", "-qm", message, "--allow-empty", "--cleanup=verbatim"),
            ("push", "-q", "origin", "HEAD:main"),
        ):
            subprocess.run([*git, *command], check=True, capture_output=True)
        return checkout.head or ""

    def listed(self) -> list[str]:
        names = self.remote.git(APP, "ls-tree", "-r", "-z", "--name-only", "main")
        return names.rstrip("\0").split("\0")


@pytest.fixture
def at(remote: Remote, tmp_path: Path) -> Repositories:
    remote.create(APP)
    return Repositories(remote, tmp_path / "clones")


@pytest.mark.parametrize(
    "text",
    [
        f"x\n\nBuild-Id: {FORGED}\n",
        f"\n\nBuild-Id: {FORGED}\n\n",
        f"x\r\rBuild-Id: {FORGED}",
        f"x\u2028\u2028Build-Id: {FORGED}\u2028",
        f"x\x0b\x0cBuild-Id: {FORGED}\x00",
        f"Build-Id: {FORGED}",
    ],
)
def test_commit__no_text_forges_a_trailer(
    at: Repositories, request_of: RequestOf, text: str
) -> None:
    """Neither task nor brief adds a `Build-Id`: the commit is found by its own alone."""
    built = Round.of(request_of(task=text, brief=text))
    sha = at.push(at.clone(), Site({"index.html": b""}), built)
    again = at.clone()
    assert again.commit_of(FORGED) is None
    assert again.commit_of(built.build_id) == sha


def test_commit_of__a_folded_trailer_of_others_names_their_commit(
    at: Repositories, request_of: RequestOf
) -> None:
    """A trailer that goes on in the next line cannot pass for a line of the log."""
    ours = at.push(at.clone(), Site({"index.html": b""}), Round.of(request_of()))
    theirs = at.somebody_pushes(at.clone(), f"x\n\nBuild-Id: y\n {ours} {FORGED}\n")
    assert at.clone().commit_of(FORGED) == theirs


def test_clone__links_lead_nowhere(at: Repositories, request_of: RequestOf, tmp_path: Path) -> None:
    """Links that somebody committed are neither read nor written through, and go."""
    outside = tmp_path / "outside"
    (outside / "rounds").mkdir(parents=True)
    (outside / "secret.txt").write_text("secret")
    at.push(at.clone(), Site({"index.html": b"1"}), Round.of(request_of()))
    theirs = at.clone()
    (theirs.folder / "link.txt").symlink_to(outside / "secret.txt")
    (theirs.folder / "folder").symlink_to(outside)
    (theirs.folder / ".builder" / "rounds" / "2.json").symlink_to("/dev/zero")
    at.somebody_pushes(theirs)
    checkout = at.clone()
    assert dict(checkout.base().site) == {"index.html": b"1"}
    assert [past.round for past in checkout.base().rounds] == [1]
    at.push(checkout, Site({"folder/x.txt": b"x"}), Round.of(request_of(round=2)))
    assert at.listed() == [".builder/rounds/1.json", ".builder/rounds/2.json", "folder/x.txt"]
    assert sorted(path.name for path in outside.iterdir()) == ["rounds", "secret.txt"]


def test_clone__a_mark_that_is_a_link_is_none(at: Repositories, tmp_path: Path) -> None:
    """A repository whose `.builder` leads elsewhere is not ours."""
    (tmp_path / "rounds").mkdir()
    theirs = at.clone()
    (theirs.folder / ".builder").symlink_to(tmp_path)
    at.somebody_pushes(theirs)
    assert not at.clone().has_mark


def test_clone__submodules_are_not_fetched(
    at: Repositories, remote: Remote, request_of: RequestOf
) -> None:
    """A submodule is an empty folder to us; the round after it works."""
    at.push(at.clone(), Site({"index.html": b"1"}), Round.of(request_of()))
    theirs = at.clone()
    path = "160000," + "1" * 40 + ",module"
    subprocess.run(
        ["git", "-C", str(theirs.folder), "update-index", "--add", "--cacheinfo", path], check=True
    )
    modules = '[submodule "module"]\n\tpath = module\n\turl = ssh://localhost:1/nowhere\n'
    (theirs.folder / "module").mkdir()
    (theirs.folder / ".gitmodules").write_text(modules)
    git = ("git", "-C", str(theirs.folder), "-c", "user.name=x", "-c", "user.email=x@x")
    subprocess.run([*git, "add", ".gitmodules"], check=True)
    subprocess.run([*git, "commit", "-qm", "Module"], check=True)
    subprocess.run([*git, "push", "-q", "origin", "HEAD:main"], check=True)
    assert "160000" in remote.git(APP, "ls-tree", "main")
    checkout = at.clone()
    assert set(checkout.base().site) == {".gitmodules", "index.html"}
    at.push(checkout, Site({"index.html": b"2"}), Round.of(request_of(round=2)))
    assert "160000" not in remote.git(APP, "ls-tree", "main")


def test_clone__attributes_of_the_app_change_no_byte(
    at: Repositories, request_of: RequestOf
) -> None:
    """Line ends, encodings and `$Id$` come out of a fresh clone as they were pushed."""
    site = Site(
        {
            ".gitattributes": b"*.csv text eol=crlf\n*.txt text working-tree-encoding=UTF-16\n"
            b"*.js ident\n",
            "a.csv": b"a\nb\n",
            "b.txt": "ä\n".encode(),
            "c.js": b"// $Id$\n",
        }
    )
    at.push(at.clone(), site, Round.of(request_of()))
    assert dict(at.clone().base().site) == dict(site)


def test_commit__names_that_differ_in_case_only(at: Repositories, request_of: RequestOf) -> None:
    """Two attachments with such names are both delivered."""
    site = Site({"Data.csv": b"1", "data.csv": b"2"})
    at.push(at.clone(), site, Round.of(request_of()))
    assert at.listed()[1:] == ["Data.csv", "data.csv"]
    assert dict(at.clone().base().site) == dict(site)


def test_commit__a_thousand_files_and_the_longest_names(
    at: Repositories, request_of: RequestOf
) -> None:
    """A site of 1,000 files, with names as long as a disk takes, goes through in seconds."""
    files = {f"{number:03}/{'ä' * 125}.txt": b"%d" % number for number in range(998)}
    site = Site({**files, "x" * 255: b"", "/".join(["y" * 200] * 5): b""})
    start = time.monotonic()
    at.push(at.clone(), site, Round.of(request_of()))
    assert dict(at.clone().base().site) == dict(site)
    assert time.monotonic() - start < 30


@pytest.mark.parametrize(
    "name", ["-rf", "--help.html", ":(glob)*", "a b", "'; id #.js", "$(id).txt", "%2e%2e", "CON"]
)
def test_commit__names_are_no_options_and_no_patterns(
    at: Repositories, request_of: RequestOf, name: str
) -> None:
    """A name that git or a shell could read as something else is a file like any other."""
    site = Site({name: b"x", "index.html": b""})
    at.push(at.clone(), site, Round.of(request_of()))
    assert dict(at.clone().base().site) == dict(site)
