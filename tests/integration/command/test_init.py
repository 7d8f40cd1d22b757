"""`init` against the local GitHub: the workflow repository that it leaves, and what it keeps."""

import stat
import subprocess
from argparse import Namespace
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

import pytest

from briefship.context import Context
from briefship.init import init
from local.hub import Addresses, Hub
from local.hub.records import Permissions, Repository
from tests.integration.command.conftest import WORKFLOW, Called, Desk
from tests.integration.local.conftest import World

REPOSITORY = "ada/builds"
SETS_UP: Permissions = {
    **{"administration": "write", "contents": "write", "workflows": "write"},
    **{"secrets": "write", "actions_variables": "write", "actions": "write"},
}
BUILDS: Permissions = {"administration": "write", "contents": "write", "pages": "write"}


@dataclass
class NewUser:
    """A checkout of briefship, an account, and tokens that were made by hand."""

    hub: Hub
    at: Addresses
    checkout: Path
    desk: Desk
    environ: dict[str, str] = field(default_factory=dict)

    def init(self, *arguments: str, **environ: str) -> Called:
        words = ("--repository", REPOSITORY, "--no-input", *arguments)
        return self.desk("init", *words, **environ)

    @property
    def repository(self) -> Repository:
        return self.hub._store.repository(REPOSITORY)

    @property
    def kept(self) -> dict[str, str]:
        lines = (self.checkout / ".env").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines)


def git(folder: Path, *arguments: str) -> str:
    known = ("-c", "user.name=x", "-c", "user.email=x@x")
    command = ["git", "-C", str(folder), *known, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def user(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[NewUser]:
    checkout = tmp_path / "checkout"
    (checkout / ".github/workflows").mkdir(parents=True)
    (checkout / ".github/workflows/build.yml").write_text(WORKFLOW)
    git(checkout, "init", "-q", "-b", "work")
    git(checkout, "add", "-A")
    git(checkout, "commit", "-qm", "A checkout")
    hub = Hub(tmp_path / "hub")
    hub.add_user("ada")
    hub.add_token("operator", "ada", SETS_UP)
    hub.add_token("builder", "ada", BUILDS)
    hub.add_token("dispatcher", "ada", {"contents": "write"}, [REPOSITORY])
    with hub.serve() as at:
        environ = {
            **{"GITHUB_API_URL": at.api_url, "GITHUB_SERVER_URL": at.server_url},
            **{"GH_TOKEN": "operator", "BUILDER_TOKEN": "builder", "DISPATCH_TOKEN": "dispatcher"},
            **{"CHROMIUM": "none", "OPENAI_API_KEY": "the-models-key"},
        }
        world = World(hub, at, None, tmp_path)  # type: ignore[arg-type]
        yield NewUser(hub, at, checkout, Desk(hub, at, world, checkout, capsys, environ))


def test_init__makes_a_repository_that_the_doctor_finds_whole(user: NewUser) -> None:
    """A private repository with the commit of the checkout, sealed secrets, variables, and a
    `.env` for the receiver; a second call changes what is asked and nothing else."""
    models = ("--models", "tiny", "--base-url", "http://127.0.0.1:9/v1")
    called = user.init(*models)
    assert user.repository.private
    assert user.repository.git.branches() == {"main": git(user.checkout, "rev-parse", "HEAD")}
    assert user.repository.secrets == {
        "BUILDER_TOKEN": "builder",
        "OPENAI_API_KEY": "the-models-key",
    }
    assert user.repository.variables == {"MODELS": "tiny", "OPENAI_BASE_URL": models[-1]}
    first = user.kept
    assert set(first) == {"DISPATCH_REPOSITORY", "DISPATCH_TOKEN", "TASK_SECRET"}
    assert stat.S_IMODE((user.checkout / ".env").stat().st_mode) == 0o600
    faults = [line for line in called.out.splitlines() if line.startswith("✗")]
    assert [line[2:12] for line in faults] == ["model tiny"]
    for token in ("operator", "dispatcher", "the-models-key", first["TASK_SECRET"]):
        assert token not in called.out + called.err
    again = user.init("--models", "other")
    assert "found " in again.out
    assert user.repository.variables["MODELS"] == "other"
    assert user.kept == first


def test_init__asks_for_tokens_and_says_how_to_make_them(user: NewUser) -> None:
    """What is missing is asked for: repository, models, and each token, with its permissions by
    name and a form filled in; what is secret is hidden, what is typed is used."""
    answers = {
        **{"The workflow": REPOSITORY, "Models in": "tiny", "Base URL": "http://127.0.0.1:9/v1"},
        **{"Its key": "the-key", "GH_TOKEN": "operator", "BUILDER_TOKEN": "builder"},
        **{"DISPATCH_TOKEN": "dispatcher"},
    }
    asked: dict[str, bool] = {}

    def ask(question: str, hidden: bool) -> str:
        (begin,) = [begin for begin in answers if question.startswith(begin)]
        asked[begin] = hidden
        return answers[begin]

    few = {name: url for name, url in user.desk.environ.items() if name.startswith("GITHUB_")}
    flags = dict.fromkeys(("repository", "owner", "models", "base_url"))
    options = Namespace(public=True, json=False, no_input=False, **flags)
    out = StringIO()
    with ExitStack() as stack:
        init(options, Context(few | {"CHROMIUM": "none"}, user.checkout, out, stack), ask)
    told = out.getvalue()
    assert list(asked) == list(answers)
    assert list(asked.values()) == [False, False, False, True, True, True, True]
    assert user.repository.secrets["OPENAI_API_KEY"] == "the-key"
    assert "with Administration, Contents, Pages: read and write" in told
    assert "target_name=ada&administration=write&contents=write&pages=write" in told
    assert "only the repository ada/builds" in told
    assert not user.repository.private
    assert user.kept["DISPATCH_TOKEN"] == "dispatcher"
    assert told.count("✗") == told.count("✗ model tiny at 127.0.0.1:9") == 1


@pytest.mark.parametrize(
    ("environ", "code", "said"),
    [
        ({"GH_TOKEN": ""}, 2, "Set GH_TOKEN in the environment or in .env"),
        ({"BUILDER_TOKEN": ""}, 2, "Set BUILDER_TOKEN in the environment or in .env"),
        ({"GH_TOKEN": "builder"}, 1, "Give GH_TOKEN Contents and Workflows: write on ada/builds"),
    ],
)
def test_init__what_is_missing(
    user: NewUser, environ: dict[str, str], code: int, said: str
) -> None:
    """A token that is missing or may too little ends it, told with what to do."""
    called = user.init(**environ)
    assert (called.code, said in called.err) == (code, True), called.err


def test_init__without_the_receivers_token_goes_on(user: NewUser) -> None:
    """The token that can only be made afterwards may follow later."""
    called = user.init(DISPATCH_TOKEN="")
    assert called.code == 0, called
    assert "later      DISPATCH_TOKEN is not set" in called.out
    assert set(user.kept) == {"DISPATCH_REPOSITORY", "TASK_SECRET"}


def test_init__overwrites_nothing(user: NewUser) -> None:
    """A repository with commits of its own keeps them; a folder that is no checkout is told."""
    user.hub.add_repository(REPOSITORY, user.checkout)
    before = user.repository.git.branches()
    (user.checkout / "more.txt").write_text("x")
    called = user.init()
    assert (called.code, "is not overwritten" in called.err) == (1, True), called.err
    assert user.repository.git.branches() == before
    (user.checkout / ".github/workflows/build.yml").unlink()
    assert "is no checkout of briefship" in user.init().err
