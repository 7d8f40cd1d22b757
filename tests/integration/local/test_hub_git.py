"""git over HTTP with the real git command: clones, pushes, who may."""

import os
import subprocess
from pathlib import Path

import httpx
import pytest

from tests.integration.local.conftest import World


def test_git__pushes_and_clones(world: World, api: httpx.Client) -> None:
    """What was pushed comes back in a clone, large files too; the first branch is the default."""
    api.post("/user/repos", json={"name": "app"})
    large = os.urandom(3_000_000)  # above http.postBuffer: git sends it in chunks
    files = {"index.html": b"<h1>", "folder/large.bin": large}
    commit = world.push("ada/app", files, branch="trunk")
    url, clone = f"{world.at.server_url}/ada/app.git", world.folder / "clone"
    world.git("clone", "-q", url, str(clone), token=None)
    assert (clone / "folder/large.bin").read_bytes() == large
    assert world.git("rev-parse", "HEAD", cwd=clone) == commit
    assert api.get("/repos/ada/app").json()["default_branch"] == "trunk"


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
    work = world.folder / "work"
    world.git("init", "-q", "-b", "main", str(work))
    world.git("commit", "-qm", "x", "--allow-empty", cwd=work)
    url = f"{world.at.server_url}/ada/app.git"
    with pytest.raises(subprocess.CalledProcessError) as refused:
        world.git("push", "-q", url, "HEAD:main", token=token, cwd=work)
    assert said in refused.value.stderr.decode()


def test_add_repository__takes_the_tracked_files(world: World, tmp_path: Path) -> None:
    """The working tree's state of tracked files becomes one commit; others stay out."""
    source, clone = tmp_path / "source", tmp_path / "clone"
    (source / "sub").mkdir(parents=True)
    for name in ("kept", "sub/changed", "deleted", "untracked"):
        (source / name).write_text("old")
    (source / "kept").chmod(0o755)
    world.git("init", "-q", cwd=source)
    world.git("add", "kept", "sub/changed", "deleted", cwd=source)
    (source / "sub/changed").write_text("new")
    (source / "deleted").unlink()
    world.hub.add_repository("ada/app", source=source)
    world.git("clone", "-q", f"{world.at.server_url}/ada/app.git", str(clone))
    assert world.git("ls-files", "-s", cwd=clone).startswith("100755")
    assert sorted(world.git("ls-files", cwd=clone).split()) == ["kept", "sub/changed"]
    assert (clone / "sub/changed").read_text() == "new"
