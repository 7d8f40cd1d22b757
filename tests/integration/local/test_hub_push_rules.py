"""What the local GitHub refuses in a push, as the real git command tells it."""

import random
import string
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from builder.errors import SecretsRefused, WorkflowsRefused
from builder.publish.git_failures import explain
from local.push_rules.protection import checksum
from tests.integration.local.conftest import TOKEN, World

FLOW = ".github/workflows/x.yml"
DRAWN = random.Random(4711)  # noqa: S311 - no secret: what stands for one is put together here


def drawn(count: int) -> str:
    """Return characters that look random; no whole secret stands in this file."""
    return "".join(DRAWN.choices(string.ascii_letters + string.digits, k=count))


CLASSIC = drawn(30)
SECRETS = [
    ("GitHub Personal Access Token", f"ghp_{CLASSIC}{checksum(CLASSIC)}"),
    ("GitHub Personal Access Token", "_".join(["github", "pat", drawn(22), drawn(59)])),
    ("Stripe API Key", "_".join(["sk", "live", drawn(24)])),
    ("npm Access Token", "npm_" + drawn(36)),
]


@dataclass
class Pusher:
    """A checkout of ada/app whose pushes may be refused; `weak` is for contents alone."""

    world: World
    folder: Path
    weak: str

    def commit(self, files: dict[str, str | None]) -> str:
        """Write the files, remove those without text, commit; return the commit."""
        for path, text in files.items():
            file = self.folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            if text is None:
                file.unlink()
            else:
                file.write_text(text)
        self.world.git("add", "-A", cwd=self.folder)
        self.world.git("commit", "-qm", "Change", cwd=self.folder)
        return self.world.git("rev-parse", "HEAD", cwd=self.folder)

    def push(self, *refs: str, token: str = TOKEN) -> str:
        """Return what git said of a push that was refused; nothing where it was taken."""
        url = f"{self.world.at.server_url}/ada/app.git"
        try:
            self.world.git("push", url, *(refs or ["HEAD:main"]), token=token, cwd=self.folder)
        except subprocess.CalledProcessError as refused:
            return str(refused.stderr.decode())
        return ""

    def tip(self, branch: str = "main") -> str:
        url = f"{self.world.at.server_url}/ada/app.git"
        return self.world.git("ls-remote", url, f"refs/heads/{branch}").split("\t")[0]


@pytest.fixture
def pusher(world: World) -> Pusher:
    world.hub.add_repository("ada/app")
    folder = world.folder / "pusher"
    world.git("init", "-q", "-b", "main", str(folder))
    return Pusher(world, folder, world.token({"contents": "write"}))


def test_workflow_rule__refuses_what_changes(pusher: Pusher) -> None:
    """Without `workflows: write` a new or changed workflow is refused in GitHub's words; one that
    stands may stay, go to another branch, and go."""
    first = pusher.commit({"index.html": "one"})
    assert pusher.push(token=pusher.weak) == ""
    pusher.commit({FLOW: "on: push"})
    said = pusher.push(token=pusher.weak)
    assert (
        "! [remote rejected] HEAD -> main (refusing to allow a Personal Access Token to create or "
        f"update workflow `{FLOW}` without `workflow` scope)"
    ) in said
    assert type(explain("push", said)) is WorkflowsRefused
    assert pusher.tip() == first
    assert pusher.push() == ""
    pusher.commit({"index.html": "two"})
    assert pusher.push("HEAD:main", "HEAD:refs/heads/other", token=pusher.weak) == ""
    pusher.commit({FLOW: "on: [push]"})
    assert "refusing to allow" in pusher.push(token=pusher.weak)
    pusher.commit({FLOW: None})
    assert pusher.push(token=pusher.weak) == ""


def test_rules__each_ref_for_itself_and_the_rest_is_gits(pusher: Pusher) -> None:
    """A refused branch takes no other one with it; forced pushes, tags, deletions go as ever."""
    first = pusher.commit({"index.html": "one"})
    second = pusher.commit({"index.html": "two"})
    assert pusher.push("HEAD:main", "HEAD:refs/tags/v1", "HEAD:refs/heads/gone") == ""
    assert "rejected" in pusher.push(f"{first}:main")
    assert pusher.tip() == second
    assert pusher.push(f"+{first}:main", ":refs/heads/gone") == ""
    assert (pusher.tip(), pusher.tip("gone")) == (first, "")
    pusher.commit({FLOW: "on: push"})
    said = pusher.push(f"{second}:refs/heads/plain", "HEAD:main", token=pusher.weak)
    assert "[new branch]" in said
    assert (pusher.tip("plain"), pusher.tip()) == (second, first)


@pytest.mark.parametrize(("kind", "secret"), SECRETS, ids=["old", "new", "stripe", "npm"])
def test_protection__knows_kinds(pusher: Pusher, kind: str, secret: str) -> None:
    """A well-known credential is refused by kind and path, also where a later commit takes it out
    again; the words do not hold it."""
    commit = pusher.commit({"a.txt": "x", "conf/my keys.js": f"// keys\nconst key = '{secret}'\n"})
    pusher.commit({"conf/my keys.js": "none"})
    said = pusher.push()
    assert "remote: error: GH013: Repository rule violations found for refs/heads/main." in said
    assert f"remote:       —— {kind} ——" in said
    assert f"remote:          - commit: {commit}" in said
    assert "(push declined due to repository rule violations)" in said
    assert secret not in said
    assert pusher.tip() == ""
    explained = explain("push", said)
    assert isinstance(explained, SecretsRefused)
    assert str(explained).endswith(f": {kind} in conf/my keys.js")


def test_protection__takes_what_is_no_secret_or_stands(pusher: Pusher) -> None:
    """Test keys and look-alikes pass; what stands in the repository is not held against a push."""
    source = pusher.world.folder / "source"
    source.mkdir()
    (source / "old.txt").write_text(SECRETS[0][1])
    pusher.world.hub.add_repository("ada/other", source=source)
    url = f"{pusher.world.at.server_url}/ada/other.git"
    pusher.world.git("pull", "-q", url, "main", cwd=pusher.folder)
    pusher.commit({"a.env": f"ghp_short ghp_{'0' * 36} sk_test_{'0' * 24} x{SECRETS[0][1]}"})
    pusher.world.git("push", url, "HEAD:main", cwd=pusher.folder)
    head = pusher.world.git("rev-parse", "HEAD", cwd=pusher.folder).strip()
    assert pusher.world.git("ls-remote", url, "refs/heads/main").split()[0] == head
