"""The machine that runs of the builder are tested on."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.hub import Hub
from tests.integration.core.machine import ALL, TOKEN, Machine
from tests.scripted_server import Scripted, ScriptedServer


@pytest.fixture
def machine(tmp_path: Path, scripted_server: ScriptedServer) -> Iterator[Machine]:
    hub = Hub(tmp_path / "hub")
    hub.add_user("ada")
    hub.add_token(TOKEN, "ada", ALL)
    scripted_server.script = [Scripted(200)]
    with hub.serve() as at:
        environ = {
            "PATH": os.environ["PATH"],
            "BUILDER_TOKEN": TOKEN,
            "BUILDER_OWNER": "ada",
            "GITHUB_API_URL": at.api_url,
            "GITHUB_SERVER_URL": at.server_url,
            "ALLOW_PRIVATE_CALLBACKS": "1",
            "CHROMIUM": "none",
            "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
        }
        yield Machine(hub, at, scripted_server, tmp_path, environ)
