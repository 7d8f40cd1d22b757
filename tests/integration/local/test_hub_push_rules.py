"""What the local GitHub refuses in a push, as the real git command tells it."""

import random
import string
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from builder.errors import SecretsRefused, WorkflowsRefused
from builder.publish.git_failures import explain
from local.hub.records import Permissions
from tests.integration.local.conftest import TOKEN, World

CONTENTS: Permissions = {"contents": "write"}
FLOW = ".github/workflows/x.yml"
LETTERS = string.ascii_letters + string.digits
DRAWN = random.Random(4711)  # noqa: S311 - no secret: what stands for one is put together here


def drawn(count: int, letters: str = LETTERS) -> str:
    """Return characters that look random; no whole secret stands in this file."""
    return "".join(DRAWN.choices(letters, k=count))


KEY_ID = "AKIA" + drawn(16, string.ascii_uppercase + string.digits)
KEY = drawn(38) + "/+"
SECRETS = {
    "GitHub Personal Access Token": "ghp_" + drawn(36),
    "Slack API Token": "-".join(["xoxb", drawn(12, string.digits), drawn(12, "123"), drawn(24)]),
    "Stripe API Key": "_".join(["sk", "live", drawn(24)]),
    "npm Access Token": "npm_" + drawn(36),
    "SendGrid API Key": ".".join(["SG", drawn(22), drawn(43)]),
}
FINE_GRAINED = "_".join(["github", "pat", drawn(22), drawn(59)])


@dataclass
class Pusher:
    """A checkout of ada/app whose pushes may be refused."""

    world: World
    folder: Path

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
        refs = refs or ("HEAD:main",)
        try:
            self.world.git("push", url, *refs, token=token, cwd=self.folder)
        except subprocess.CalledProcessError as refused:
            return str(refused.stderr)
        return ""

    def tip(self, branch: str = "main") -> str:
        url = f"{self.world.at.server_url}/ada/app.git"
        return self.world.git("ls-remote", url, f"refs/heads/{branch}").split("\t")[0]


@pytest.fixture
def pusher(world: World) -> Pusher:
    world.hub.add_repository("ada/app")
    folder = world.folder / "pusher"
    world.git("init", "-q", "-b", "main", str(folder))
    return Pusher(world, folder)


def test_workflow_rule__refuses_in_githubs_words(pusher: Pusher) -> None:
    """Without `workflows: write` a push with a workflow file is refused; the branch stays."""
    first = pusher.commit({"index.html": "one"})
    weak = pusher.world.token(CONTENTS)
    assert pusher.push(token=weak) == ""
    pusher.commit({FLOW: "on: push"})
    said = pusher.push(token=weak)
    assert (
        "! [remote rejected] HEAD -> main (refusing to allow a Personal Access Token to create or "
        f"update workflow `{FLOW}` without `workflow` scope)"
    ) in said
    assert type(explain("push", said)) is WorkflowsRefused
    assert pusher.tip() == first
    assert pusher.push() == ""


def test_workflow_rule__looks_at_what_changes(pusher: Pusher) -> None:
    """A workflow that stands may stay, go to another branch, and go; a change is refused."""
    pusher.commit({"index.html": "one", FLOW: "on: push"})
    assert pusher.push() == ""
    weak = pusher.world.token(CONTENTS)
    pusher.commit({"index.html": "two"})
    assert pusher.push(token=weak) == ""
    assert pusher.push("HEAD:refs/heads/other", token=weak) == ""
    pusher.commit({FLOW: "on: [push]"})
    assert "refusing to allow" in pusher.push(token=weak)
    pusher.commit({FLOW: None})
    assert pusher.push(token=weak) == ""


def test_workflow_rule__each_ref_for_itself(pusher: Pusher) -> None:
    """Of two branches in one push, the one without a workflow is taken."""
    plain = pusher.commit({"index.html": "one"})
    pusher.commit({FLOW: "on: push"})
    said = pusher.push(f"{plain}:refs/heads/plain", "HEAD:main", token=pusher.world.token(CONTENTS))
    assert "[new branch]" in said
    assert "HEAD -> main (refusing" in said
    assert pusher.tip("plain") == plain
    assert pusher.tip() == ""


def test_rules__leave_the_rest_to_git(pusher: Pusher) -> None:
    """A push that is no fast-forward, a forced one, a tag and a deletion go as ever."""
    first = pusher.commit({"index.html": "one"})
    second = pusher.commit({"index.html": "two"})
    assert pusher.push("HEAD:main", "HEAD:refs/tags/v1", "HEAD:refs/heads/gone") == ""
    assert "rejected" in pusher.push(f"{first}:main")
    assert pusher.tip() == second
    assert pusher.push(f"+{first}:main", ":refs/heads/gone") == ""
    assert (pusher.tip(), pusher.tip("gone")) == (first, "")


@pytest.mark.parametrize(
    ("kind", "secret"), [*SECRETS.items(), ("GitHub Personal Access Token", FINE_GRAINED)]
)
def test_protection__knows_kinds(pusher: Pusher, kind: str, secret: str) -> None:
    """A well-known credential is refused by kind and path; the words do not hold it."""
    commit = pusher.commit({"a.txt": "x", "conf/my keys.js": f"// keys\nconst key = '{secret}'\n"})
    said = pusher.push()
    assert "remote: error: GH013: Repository rule violations found for refs/heads/main." in said
    assert f"remote:       —— {kind} ——" in said
    assert f"remote:          - commit: {commit}" in said
    assert "(push declined due to repository rule violations)" in said
    assert secret not in said
    assert pusher.tip() == ""
    explained = explain("push", said)
    assert isinstance(explained, SecretsRefused)
    assert explained.found == ((kind, "conf/my keys.js"),)


def test_protection__a_pair_of_aws(pusher: Pusher) -> None:
    """Key id and key together are refused, also when a later commit takes them out again."""
    pusher.commit({"a.env": f"AWS_ACCESS_KEY_ID={KEY_ID}\nAWS_SECRET_ACCESS_KEY={KEY}\n"})
    pusher.commit({"a.env": "none\n"})
    said = pusher.push()
    assert "path: a.env:1" in said
    assert "path: a.env:2" in said
    explained = explain("push", said)
    assert isinstance(explained, SecretsRefused)
    assert [kind for kind, _ in explained.found] == [
        "Amazon AWS Access Key ID",
        "Amazon AWS Secret Access Key",
    ]


@pytest.mark.parametrize(
    "text",
    [
        f"AWS_ACCESS_KEY_ID={KEY_ID}\nno key beside it\n",
        f"{KEY_ID}\ncommit {'0123456789abcdef' * 2}01234567\n",
        "ghp_short sk_test_" + "0" * 24,
        f"x{SECRETS['GitHub Personal Access Token']}",
        "++ b/strange\n-- a/strange\n@@ -1 +1 @@\ncommit 1234\n",
    ],
)
def test_protection__takes_what_is_no_secret(pusher: Pusher, text: str) -> None:
    """Half a pair, test keys and look-alikes pass."""
    commit = pusher.commit({"a.env": text})
    assert pusher.push() == ""
    assert pusher.tip() == commit


def test_protection__looks_at_new_commits_only(pusher: Pusher) -> None:
    """What stands in the repository before is not held against a push."""
    source = pusher.world.folder / "source"
    source.mkdir()
    (source / "old.txt").write_text(SECRETS["npm Access Token"])
    pusher.world.hub.add_repository("ada/app", source=source)
    url = f"{pusher.world.at.server_url}/ada/app.git"
    pusher.world.git("pull", "-q", url, "main", cwd=pusher.folder)
    pusher.commit({"new.txt": "new"})
    assert pusher.push() == ""
