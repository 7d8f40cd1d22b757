"""One machine with the builder on it, the local GitHub and an evaluator."""

import contextlib
import io
import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from builder.cli import main
from local.hub import Hub
from local.hub.hub import Addresses
from local.hub.records import Permissions
from tests.scripted_server import ScriptedServer

TOKEN = "ghp_0123456789abcdefghijklmnopqrstuvwxyz"
ALL: Permissions = {"administration": "write", "contents": "write", "pages": "write"}
CSV = "data:text/csv,city,rain%0AOslo,3%0ARome,1.5%0A"


@dataclass
class Done:
    """How a command ended and what it printed."""

    returncode: int
    stdout: str


@dataclass
class Machine:
    """One machine with the builder on it, the local GitHub and an evaluator."""

    hub: Hub
    at: Addresses
    evaluator: ScriptedServer
    folder: Path
    environ: dict[str, str]

    def request(self, **fields: Any) -> dict[str, Any]:
        return {
            "email": "ada@example.com",
            "secret": "the-shared-secret",
            "task": "rain",
            "round": 1,
            "nonce": "nonce-4711",
            "brief": 'Publish a page titled "Rain" that shows the sum of rain in data.csv in #sum.',
            "checks": ["Repo has MIT license"],
            "evaluation_url": f"{self.evaluator.url}/evaluation",
            "attachments": [{"name": "data.csv", "url": CSV}],
        } | fields

    def run(
        self,
        request: object,
        command: str = "run",
        *options: str,
        work: str = "work",
        **environ: str,
    ) -> Done:
        """Run the builder's command line in this process."""
        path = self.folder / "request.json"
        path.write_text(request if isinstance(request, str) else json.dumps(request))
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            source = ["--request", str(path), "--work", str(self.folder / work)]
            code = main([command, *source, *options], self.environ | environ)
        return Done(code, out.getvalue())

    @property
    def answers(self) -> list[Any]:
        return [call.json for call in self.evaluator.received]

    def git(self, *arguments: str, name: str = "tds-project1-rain") -> str:
        folder = self.folder / "asked"
        url = f"{self.at.server_url}/ada/{name}.git"
        if not folder.exists():
            subprocess.run(["git", "clone", "-q", url, str(folder)], check=True)
        subprocess.run(["git", "-C", str(folder), "pull", "-q"], check=True)
        return subprocess.run(
            ["git", "-C", str(folder), *arguments], check=True, capture_output=True, text=True
        ).stdout

    def calls(self, *methods: str) -> list[str]:
        return [
            f"{call.method} {call.path}" for call in self.hub.requests if call.method in methods
        ]
