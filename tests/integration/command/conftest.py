"""The command beside a local GitHub: a workflow repository, an app, tokens, a receiver."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from briefship.command import main
from local.hub import Addresses, Hub, HubOptions
from local.hub.records import Permissions
from receiver.dispatch import GitHubDispatcher
from receiver.github import GitHub
from tests.integration.local.conftest import World
from tests.receiver_parts import REPOSITORY, SECRET, TOKEN, serving, settings_for

OPERATOR = "an-operators-token"
OPERATES: Permissions = {
    **{"actions": "write", "administration": "read"},
    **{"secrets": "read", "actions_variables": "read"},
}
WORKFLOW = """
name: build
on: {repository_dispatch: {types: [build-task]}}
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - run: |
          echo "attempt $GITHUB_RUN_ATTEMPT, debug ${RUNNER_DEBUG:-off}"
          cat >report.json <<'EOF'
          REPORT
          EOF
      - uses: actions/upload-artifact@v7
        with: {name: report, path: report.json}
"""
REPORT = {
    **{"build_id": "0" * 16, "task": "sum-of-rain", "round": 1, "verdict": "partly verified"},
    **{"steps": [{"name": "install", "seconds": 6.1}, {"name": "generate", "seconds": 61.0}]},
    **{"repo_url": "http://repo", "commit_sha": "c0ffee", "pages_url": "http://site/"},
    "verdict_reasons": ["no model read the request\033]0;owned\007"],
}


@dataclass
class Called:
    """How a call of the command ended, and what it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class Desk:
    """An operator's desk: the command, and the GitHub that it is about."""

    hub: Hub
    at: Addresses
    world: World
    folder: Path
    capture: pytest.CaptureFixture[str]
    environ: dict[str, str] = field(default_factory=dict)

    def __call__(self, *arguments: str, **environ: str) -> Called:
        """Call the command with further variables."""
        self.capture.readouterr()
        code = main(arguments, self.environ | environ, self.folder)
        return Called(code, *self.capture.readouterr())

    def wait(self) -> None:
        """Wait for the newest run."""
        self.hub.wait_for_run(self.hub.runs(REPOSITORY)[-1].id, 60)


DeskOn = Callable[..., Desk]


@pytest.fixture
def desk_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[DeskOn]:
    """Make a desk on a hub with such options, and this as the build workflow."""
    with ExitStack() as stack:

        def make(workflow: str = WORKFLOW, **options: Any) -> Desk:
            hub = Hub(tmp_path / "hub", HubOptions(**options))
            hub.add_user("ada")
            pusher: Permissions = {"contents": "write", "workflows": "write"}
            hub.add_token("token-of-ada", "ada", pusher)
            hub.add_token(TOKEN, "ada", {"contents": "write"}, [REPOSITORY])
            hub.add_token(OPERATOR, "ada", OPERATES)
            source = tmp_path / "source/.github/workflows"
            source.mkdir(parents=True)
            (source / "build.yml").write_text(workflow.replace("REPORT", json.dumps(REPORT)))
            hub.add_repository(REPOSITORY, source.parents[1])
            at = stack.enter_context(hub.serve())
            folder = tmp_path / "desk"
            folder.mkdir()
            world = World(hub, at, time.time, tmp_path)  # type: ignore[arg-type]
            dispatcher = GitHubDispatcher(GitHub(settings_for(at.api_url)))
            receiver = stack.enter_context(serving(dispatcher, github_api_url=at.api_url))
            environ = {
                "GH_TOKEN": OPERATOR,
                "GITHUB_API_URL": at.api_url,
                "GITHUB_SERVER_URL": at.server_url,
                "DISPATCH_REPOSITORY": REPOSITORY,
                "TASK_SECRET": SECRET,
                "RECEIVER_URL": str(receiver.base_url),
            }
            return Desk(hub, at, world, folder, capsys, environ)

        yield make


@pytest.fixture
def desk(desk_on: DeskOn) -> Desk:
    """A desk where everything is as it should be."""
    return desk_on()
