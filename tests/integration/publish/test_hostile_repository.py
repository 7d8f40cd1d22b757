"""What requests, replies and commits of others may try with git, against real repositories."""

import hashlib
import os
from pathlib import Path

import pytest

from builder.publish.checkout import PROBE_BRANCH
from builder.publish.workflow_rights import PROBE
from tests.conftest import RequestOf
from tests.integration.publish.conftest import AppRemote

FORGED = "f" * 16
EVERYTHING = ("add", "--all", "--force")
CHANGE = ("commit", "-qm", "Change")


@pytest.mark.parametrize(
    "text",
    [
        f"x\n\nBuild-Id: {FORGED}\n",
        f"x\u2028\u2028Build-Id: {FORGED}\u2028",
        f"x\r\rBuild-Id: {FORGED}\x0b\x0cBuild-Id: {FORGED}\x00",
        f"Build-Id: {FORGED}",
    ],
)
def test_commit__no_text_forges_a_trailer(app: AppRemote, request_of: RequestOf, text: str) -> None:
    """Neither task nor brief adds a `Build-Id`: the commit is found by its own alone."""
    request = request_of(task=text, brief=text)
    sha = app.push({"index.html": b""}, request)
    again = app.clone()
    assert again.commit_of(FORGED) is None
    assert again.commit_of(request.build_id) == sha


def test_commit_of__a_folded_trailer_of_others_names_their_commit(
    app: AppRemote, request_of: RequestOf
) -> None:
    """A trailer that goes on in the next line cannot pass for a line of the log."""
    ours = app.push({"index.html": b""}, request_of())
    forged = f"x\n\nBuild-Id: y\n {ours} {FORGED}\n"
    theirs = app.pushed_by_somebody(app.somebodys(), ("commit", "-qm", forged, "--allow-empty"))
    assert app.clone().commit_of(FORGED) == theirs


def test_commit_before__no_trailer_of_others_passes_for_a_commit(
    app: AppRemote, request_of: RequestOf, tmp_path: Path
) -> None:
    """A form feed in a trailer begins no line of the log; what follows it reaches no command."""
    request, victim = request_of(), tmp_path / "victim"
    forged = tmp_path / "message"
    forged.write_text(f"x\n\nBuild-Id: \f--output={victim} \f\u2028--output={victim}\n")
    theirs = app.pushed_by_somebody(
        app.somebodys(), ("commit", "-q", "--allow-empty", "-F", str(forged))
    )
    app.push({"index.html": b""}, request)
    checkout = app.clone()
    before = checkout.commit_before(request.build_id)
    assert before == theirs
    checkout.site_at(before)
    assert not victim.exists()


def test_checkout__merges_and_tags_named_like_branches(
    app: AppRemote, request_of: RequestOf
) -> None:
    """The probe and later rounds go to branches, also where tags have their names and somebody has
    merged; a probe that was left behind goes."""
    app.push({"index.html": b"1"}, request_of())
    theirs = app.somebodys()
    empty = ("commit", "-q", "--allow-empty", "-m")
    theirs_head = app.pushed_by_somebody(
        theirs,
        *(("checkout", "-qb", "side"), (*empty, "x"), ("checkout", "-q", "main"), (*empty, "y")),
        ("merge", "-q", "--no-ff", "-m", "Merge", "side"),
    )
    for ref in ("tags/main", f"tags/{PROBE_BRANCH}", f"heads/{PROBE_BRANCH}"):
        app.ask("update-ref", f"refs/{ref}", f"{theirs_head}^2")
    checkout = app.clone()
    assert checkout.is_let_in(PROBE)
    sha = app.push({"index.html": b"2"}, request_of(round=2), checkout)
    assert app.ask("rev-parse", "refs/heads/main") == sha
    heads = app.ask("for-each-ref", "--format=%(refname)", "refs/heads")
    assert heads.split() == ["refs/heads/main"]
    assert app.ask("rev-parse", f"{sha}^") == theirs_head


def test_clone__a_commit_that_deletes_everything_has_no_files(
    app: AppRemote, request_of: RequestOf
) -> None:
    """A repository that somebody has emptied is one without our mark, not an error."""
    app.push({"index.html": b"1"}, request_of())
    app.pushed_by_somebody(app.somebodys(), ("rm", "-qr", "."), CHANGE)
    checkout = app.clone()
    assert (dict(checkout.base().site), checkout.has_mark) == ({}, False)


def test_commit__what_is_executable_stays_so(app: AppRemote, request_of: RequestOf) -> None:
    """A script that somebody has made executable for a workflow can be run after our round too."""
    app.push({"index.html": b"1"}, request_of())
    theirs = app.somebodys()
    (theirs / "run.sh").write_text("#!/bin/sh\n")
    (theirs / "run.sh").chmod(0o755)
    app.pushed_by_somebody(theirs, EVERYTHING, CHANGE)
    checkout = app.clone()
    app.push({**checkout.base().site, "index.html": b"2"}, request_of(round=2), checkout)
    assert app.ask("ls-tree", "main", "run.sh").startswith("100755 ")
    assert app.ask("ls-tree", "main", "index.html").startswith("100644 ")


@pytest.mark.parametrize(
    "name", [b"a\nb", b"back\\slash", b"\xff.txt", b"docs/.builder/x", b"C:x", "a\u200db".encode()]
)
def test_base__a_name_that_no_site_may_have_stops_no_round(
    app: AppRemote, request_of: RequestOf, name: bytes
) -> None:
    """A file that somebody gave such a name goes, as links do, and the rest of the site stays."""
    app.push({"index.html": b"1"}, request_of())
    theirs = app.somebodys()
    path = Path(os.fsdecode(os.fsencode(theirs) + b"/" + name))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    app.pushed_by_somebody(theirs, EVERYTHING, CHANGE)
    checkout = app.clone()
    assert dict(checkout.base().site) == {"index.html": b"1"}
    app.push({"index.html": b"2"}, request_of(round=2), checkout)
    assert app.listed() == ["index.html"]


def test_clone__links_lead_nowhere(app: AppRemote, request_of: RequestOf, tmp_path: Path) -> None:
    """Links that somebody committed are neither read nor written through, and go."""
    outside = tmp_path / "outside"
    (outside / "rounds").mkdir(parents=True)
    (outside / "secret.txt").write_text("secret")
    app.push({"index.html": b"1"}, request_of())
    theirs = app.somebodys()
    (theirs / "link.txt").symlink_to(outside / "secret.txt")
    (theirs / "folder").symlink_to(outside)
    (theirs / ".builder" / "rounds" / "2.json").symlink_to("/dev/zero")
    app.pushed_by_somebody(theirs, EVERYTHING, CHANGE)
    checkout = app.clone()
    assert dict(checkout.base().site) == {"index.html": b"1"}
    assert [past.round for past in checkout.base().rounds] == [1]
    app.push({"folder/x.txt": b"x"}, request_of(round=2), checkout)
    assert app.listed() == ["folder/x.txt"]
    assert sorted(path.name for path in outside.iterdir()) == ["rounds", "secret.txt"]


def test_clone__a_mark_that_is_a_link_is_none(app: AppRemote, tmp_path: Path) -> None:
    """A repository whose `.builder` leads elsewhere is not ours."""
    (tmp_path / "rounds").mkdir()
    theirs = app.somebodys()
    (theirs / ".builder").symlink_to(tmp_path)
    app.pushed_by_somebody(theirs, EVERYTHING, CHANGE)
    assert not app.clone().has_mark


def test_clone__submodules_are_not_fetched(app: AppRemote, request_of: RequestOf) -> None:
    """A submodule is an empty folder to us; the round after it works."""
    app.push({"index.html": b"1"}, request_of())
    theirs = app.somebodys()
    modules = '[submodule "module"]\n\tpath = module\n\turl = ssh://localhost:1/nowhere\n'
    (theirs / ".gitmodules").write_text(modules)
    module = "160000," + "1" * 40 + ",module"
    added = ("update-index", "--add", "--cacheinfo", module)
    app.pushed_by_somebody(theirs, added, ("add", ".gitmodules"), CHANGE)
    assert "160000" in app.ask("ls-tree", "main")
    checkout = app.clone()
    assert set(checkout.base().site) == {".gitmodules", "index.html"}
    app.push({"index.html": b"2"}, request_of(round=2), checkout)
    assert "160000" not in app.ask("ls-tree", "main")


NAMES = (
    "-rf",
    "--help.html",
    ":(glob)*",
    "a b",
    "'; id #.js",
    '"a".js',
    "$(id).txt",
    "%2e%2e",
    "CON",
)


@pytest.mark.parametrize(
    "site",
    [
        {
            ".gitattributes": b"*.csv text eol=crlf\n*.txt text working-tree-encoding=UTF-16\n"
            b"*.js ident\n*.bin filter=lfs\n",
            ".gitignore": b"*.csv\n",
            "a.csv": b"a\nb\r\n",
            "b.txt": "ä\n".encode(),
            "c.js": b"// $Id$\n",
            "x.bin": bytes(range(256)),
        },
        {"Data.csv": b"1", "data.csv": b"2"},
        dict.fromkeys(NAMES, b"x"),
    ],
    ids=["attributes and ignored files", "names that differ in case only", "names like options"],
)
def test_commit__bytes_and_names_arrive_as_they_are(
    app: AppRemote, request_of: RequestOf, site: dict[str, bytes]
) -> None:
    """Whatever the app's settings for git and its names, a fresh clone has what was pushed."""
    app.push(site, request_of())
    assert app.listed() == sorted(site)
    for path, content in site.items():
        assert app.ask("rev-parse", f"main:{path}") == blob_id(content)
    assert dict(app.clone().base().site) == site


def blob_id(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def test_commit__a_thousand_files_and_the_longest_names(
    app: AppRemote, request_of: RequestOf
) -> None:
    """A site of 1,000 files, with names as long as a disk takes, goes through."""
    site = {f"{number % 9}/{number}{'ä' * 120}.txt": b"%d" % number for number in range(998)}
    site |= {"x" * 255: b"", "/".join(["y" * 200] * 5): b""}
    app.push(site, request_of())
    assert dict(app.clone().base().site) == site
