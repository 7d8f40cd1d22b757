"""git over HTTP with the real git command: clones, pushes, who may."""

import os
import subprocess
from pathlib import Path

import httpx
import pytest

from tests.integration.local.conftest import World


def test_git__pushes_and_clones(world: World, api: httpx.Client) -> None:
    """What was pushed comes back in a clone, large files and other branches too."""
    api.post("/user/repos", json={"name": "app"})
    large = os.urandom(3_000_000)  # above http.postBuffer: git sends it in chunks
    commit = world.push("ada/app", {"index.html": b"<h1>", "folder/large.bin": large})
    url = f"{world.at.server_url}/ada/app.git"
    world.git("clone", "-q", url, str(world.folder / "clone"), token=None)
    assert (world.folder / "clone/folder/large.bin").read_bytes() == large
    assert world.git("rev-parse", "HEAD", cwd=world.folder / "clone") == commit
    assert world.git("ls-remote", "--symref", url, "HEAD", token=None).startswith(
        "ref: refs/heads/main"
    )


def test_git__the_first_branch_becomes_the_default_one(world: World, api: httpx.Client) -> None:
    """A repository whose first branch is not main has that one as its default."""
    api.post("/user/repos", json={"name": "app"})
    world.push("ada/app", {"a": b"a"}, branch="trunk")
    assert api.get("/repos/ada/app").json()["default_branch"] == "trunk"
    world.git("clone", "-q", f"{world.at.server_url}/ada/app.git", str(world.folder / "clone"))
    assert (world.folder / "clone/a").exists()


@pytest.mark.parametrize(
    ("token", "said"),
    [
        (None, "could not read Username"),
        ("nonsense", "could not read Username"),
        ("reads", "The requested URL returned error: 403"),
    ],
)
def test_git__who_may_not_push(world: World, token: str | None, said: str) -> None:
    """Pushing takes `contents: write`; without credentials git asks for them."""
    world.hub.add_repository("ada/app")
    world.hub.add_token("reads", "ada", {"contents": "read"})
    world.git("init", "-q", "-b", "main", str(world.folder / "work"))
    world.git("commit", "-qm", "x", "--allow-empty", cwd=world.folder / "work")
    url = f"{world.at.server_url}/ada/app.git"
    with pytest.raises(subprocess.CalledProcessError) as refused:
        world.git("push", "-q", url, "HEAD:main", token=token, cwd=world.folder / "work")
    assert said in refused.value.stderr


def test_git__a_private_repository(world: World) -> None:
    """It opens to its owner's token only; to others it is not there."""
    world.hub.add_repository("ada/hidden", private=True)
    world.hub.add_token("other", "lab", {"contents": "write"})
    url = f"{world.at.server_url}/ada/hidden.git/info/refs?service=git-upload-pack"
    asked = {token: httpx.get(url, auth=("x", token)) for token in ("token-of-ada", "other")}
    assert asked["token-of-ada"].status_code == 200
    assert asked["other"].status_code == 404
    anonymous = httpx.get(url)
    assert anonymous.status_code == 401
    assert anonymous.headers["WWW-Authenticate"] == 'Basic realm="GitHub"'


def test_add_repository__takes_the_tracked_files(world: World, tmp_path: Path) -> None:
    """The working tree's state of tracked files becomes one commit; others stay out."""
    source = tmp_path / "source"
    (source / "sub").mkdir(parents=True)
    for name in ("kept", "sub/changed", "deleted", "untracked"):
        (source / name).write_text("old")
    (source / "kept").chmod(0o755)
    world.git("init", "-q", cwd=source)
    world.git("add", "kept", "sub/changed", "deleted", cwd=source)
    (source / "sub/changed").write_text("new")
    (source / "deleted").unlink()
    for _ in range(2):  # the second time nothing has changed
        world.hub.add_repository("ada/app", source=source)
    clone = tmp_path / "clone"
    world.git("clone", "-q", f"{world.at.server_url}/ada/app.git", str(clone))
    assert world.git("rev-list", "--count", "HEAD", cwd=clone) == "1"
    assert world.git("ls-files", "-s", cwd=clone).startswith("100755")
    assert sorted(world.git("ls-files", cwd=clone).split()) == ["kept", "sub/changed"]
    assert (clone / "sub/changed").read_text() == "new"
