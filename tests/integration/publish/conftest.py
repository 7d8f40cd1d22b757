"""The app repository: how we clone and push it, and what somebody else pushes."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from builder.publish.checkout import Git, GitCheckout
from builder.publish.naming import commit_message
from builder.request import Request
from builder.rounds import Round
from builder.site import Site
from tests.conftest import FakeTime, Remote

APP = "ada/app"
SOMEBODY = ("-c", "user.name=x", "-c", "user.email=x@x")


@dataclass
class AppRemote:
    """A bare repository of an app, and clones of it."""

    remote: Remote
    folder: Path
    clones: int = 0

    def clone(self, token: str | None = None) -> GitCheckout:
        self.clones += 1
        folder = self.folder / str(self.clones)
        checkout = Git(self.remote.url, FakeTime().clock, token).clone(APP, folder)
        assert checkout is not None
        return checkout

    def push(self, site: dict[str, bytes], request: Request, on: GitCheckout | None = None) -> str:
        """Push the commit of a round; return its SHA."""
        checkout, built = on or self.clone(), Round.of(request)
        sha = checkout.commit(Site(site), built, commit_message(built))
        checkout.push()
        return sha

    def somebodys(self) -> Path:
        """Return the working tree of a clone that somebody else has made."""
        self.clones += 1
        folder = self.folder / str(self.clones)
        url = f"{self.remote.url}/{APP}.git"
        subprocess.run(["git", "clone", "-q", url, str(folder)], check=True, capture_output=True)
        return folder

    def pushed_by_somebody(self, folder: Path, *commands: tuple[str, ...]) -> str:
        """Run git commands in a clone as somebody else, then push; return the head."""
        for command in (*commands, ("push", "-q", "origin", "HEAD:main")):
            git = ("git", "-C", str(folder), *SOMEBODY)
            subprocess.run([*git, *command], check=True, capture_output=True)
        return self.ask("rev-parse", "main")

    def ask(self, *arguments: str) -> str:
        """Ask git on the remote."""
        return self.remote.git(APP, *arguments).strip()

    def listed(self) -> list[str]:
        names = self.ask("ls-tree", "-r", "-z", "--name-only", "main")
        return [name for name in names.split("\0") if name and not name.startswith(".builder/")]


@pytest.fixture
def app(remote: Remote, tmp_path: Path) -> AppRemote:
    remote.create(APP)
    return AppRemote(remote, tmp_path / "clones")
