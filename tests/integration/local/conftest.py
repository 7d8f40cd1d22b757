"""A served hub with two owners, a clock that only moves when told, and tokens."""

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from local.faults import FaultPlan
from local.hub import Addresses, Hub, HubOptions
from local.hub.bare import AUTHOR, git
from local.hub.records import Permissions

ALL: Permissions = {
    "administration": "write",
    "contents": "write",
    "pages": "write",
    "actions": "write",
    "workflows": "write",
    "secrets": "write",
    "actions_variables": "write",
}
TOKEN = "token-of-ada"
Publish = Callable[[dict[str, bytes]], str]


@dataclass
class Clock:
    """Seconds since the epoch, as they are set."""

    now: float = 1_795_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class World:
    """A hub that is being served."""

    hub: Hub
    at: Addresses
    clock: Clock
    folder: Path
    faults: FaultPlan = field(default_factory=FaultPlan)

    def client(self, token: str | None = TOKEN) -> httpx.Client:
        """Return a client of the REST API."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx.Client(base_url=self.at.api_url, headers=headers, timeout=30)

    def token(self, permissions: Permissions, repositories: list[str] | None = None) -> str:
        """Register another token of ada."""
        text = f"token-{len(permissions)}-{sorted(permissions)}"
        self.hub.add_token(text, "ada", permissions, repositories)
        return text

    def page(self, path: str) -> httpx.Response:
        """Get a path below the sites' address."""
        return httpx.get(f"{self.at.pages_url}/{path}")

    def git(self, *arguments: str, token: str | None = TOKEN, cwd: Path | None = None) -> str:
        """Run git as the builder does, the token in no argument. Raises CalledProcessError."""
        environ = dict(AUTHOR)
        if token:
            secret = base64.b64encode(f"x-access-token:{token}".encode()).decode()
            environ |= {
                "GIT_CONFIG_COUNT": "1",
                "GIT_CONFIG_KEY_0": "http.extraheader",
                "GIT_CONFIG_VALUE_0": f"Authorization: Basic {secret}",
            }
        return git(*arguments, cwd=cwd, env=environ).decode().strip()

    def push(self, full_name: str, files: dict[str, bytes], branch: str = "main") -> str:
        """Commit files on top of what is there and push them; return the commit."""
        checkout = self.folder / "checkouts" / full_name
        if not checkout.exists():
            self.git("init", "-q", f"--initial-branch={branch}", str(checkout))
        for path, content in files.items():
            (checkout / path).parent.mkdir(parents=True, exist_ok=True)
            (checkout / path).write_bytes(content)
        self.git("add", "-A", cwd=checkout)
        self.git("commit", "-qm", "Change", "--allow-empty", cwd=checkout)
        url = f"{self.at.server_url}/{full_name}.git"
        self.git("push", "-q", url, f"HEAD:{branch}", cwd=checkout)
        return self.git("rev-parse", "HEAD", cwd=checkout)


def filled(folder: Path, options: HubOptions) -> Hub:
    """Return a hub with the user ada, the organization lab, and a token for all of ada's."""
    hub = Hub(folder, options)
    hub.add_user("ada")
    hub.add_organization("lab")
    hub.add_token(TOKEN, "ada", ALL)
    return hub


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A hub on its own port; GitHub's waits are whole, on its clock."""
    clock, faults = Clock(), FaultPlan()
    options = HubOptions(time_scale=1, clock=clock, faults=faults)
    hub = filled(tmp_path / "hub", options)
    with hub.serve() as at:
        yield World(hub, at, clock, tmp_path, faults)


@pytest.fixture
def api(world: World) -> Iterator[httpx.Client]:
    """The REST API as ada's token opens it."""
    with world.client() as client:
        yield client


@pytest.fixture
def publish(world: World, api: httpx.Client) -> Publish:
    """Push files to ada/app and switch its Pages on; return the commit."""
    world.hub.add_repository("ada/app")

    def run(files: dict[str, bytes]) -> str:
        commit = world.push("ada/app", files)
        source = {"branch": "main", "path": "/"}
        api.post("/repos/ada/app/pages", json={"source": source}).raise_for_status()
        return commit

    return run
