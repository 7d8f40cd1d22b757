"""The builder between a GitHub and an evaluator that fail as planned, on a clock that hurries."""

import base64
import contextlib
import hashlib
import io
import json
import os
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from builder.cli import main
from builder.request import Blob, Dispatch, Request
from local.evaluator.callbacks import Ledger, ReceivedCallback, create_app
from local.faults import FaultPlan, Rule
from local.faulty import Faulty
from local.hub import Addresses, Hub, HubOptions
from local.hub.bare import git
from local.hub.records import Permissions
from local.server import serve
from tests.integration.faults.running import HurryingTime, Published, Run, Started

TOKEN = "ghp_0123456789abcdefghijklmnopqrstuvwxyz"
RUN_TOKEN = "ghs_zyxwvutsrqponmlkjihgfedcba9876543210"
SECRET = "the-shared-secret"
ALL: Permissions = {"administration": "write", "contents": "write", "pages": "write"}
HELD = [f"x-access-token:{token}".encode() for token in (TOKEN, RUN_TOKEN)]
SECRETS = (TOKEN, RUN_TOKEN, SECRET, *(base64.b64encode(held).decode() for held in HELD))
"""What no output may hold."""

Source = Callable[[Request, Path], list[str]]
"""Puts a request into a folder; returns the arguments by which the builder finds it."""


@dataclass
class Arena:
    """GitHub, an evaluator, and a folder for what the builder does between them."""

    hub: Hub
    at: Addresses
    github: FaultPlan
    ledger: Ledger
    evaluation_url: str
    evaluator: FaultPlan
    folder: Path
    http: httpx.Client

    def request(self, task: str, **fields: Any) -> Request:
        """Return a request that the evaluator waits for an answer to."""
        wire = {
            "email": "ada@example.com",
            "task": task,
            "round": 1,
            "nonce": "nonce-4711",
            "brief": 'Publish a page titled "Rain" that shows the sum of rain in data.csv in #sum.',
            "checks": [],
            "evaluation_url": self.evaluation_url,
            "attachments": [{"name": "data.csv", "url": "data:text/csv,city,rain%0AOslo,3%0A"}],
        }
        request = Request.from_wire(wire | fields)
        self.ledger.note_sent(request)
        return request

    def environ(self, folder: Path) -> dict[str, str]:
        return {
            "BUILDER_TOKEN": TOKEN,
            "BUILDER_OWNER": "ada",
            "GITHUB_API_URL": self.at.api_url,
            "GITHUB_SERVER_URL": self.at.server_url,
            "GITHUB_REPOSITORY": "ada/briefship",
            "GITHUB_TOKEN": RUN_TOKEN,
            "ALLOW_PRIVATE_CALLBACKS": "1",
            "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
            # The fallback, and no browser.
            "CHROMIUM": "none",
            "PATH": os.environ["PATH"],
        }

    def inline(self, request: Request, folder: Path) -> list[str]:
        """Give the request as a file."""
        path = folder / "request.json"
        path.write_text(json.dumps(request.to_wire() | {"secret": SECRET}))
        return ["--request", str(path)]

    def stored(self, request: Request, folder: Path) -> list[str]:
        """Store the request as a blob; give the event that tells of it."""
        content = json.dumps(request.to_wire()).encode()
        body = {"content": content.decode(), "encoding": "utf-8"}
        sha = self.api("POST", "/repos/ada/briefship/git/blobs", body, RUN_TOKEN)["sha"]
        blob = Blob(sha=sha, sha256=hashlib.sha256(content).hexdigest(), size=len(content))
        payload = Dispatch.of(request, datetime.now(UTC)).stored(blob).to_wire()
        path = folder / "event.json"
        path.write_text(json.dumps({"action": "build-task", "client_payload": payload}))
        return ["--event", str(path)]

    def run(
        self,
        request: Request,
        source: Source | None = None,
        *,
        command: str = "run",
        folder: Path | None = None,
        options: tuple[str, ...] = (),
        hangs: Rule | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> Run:
        """Run the builder, in a new folder unless it is to go on in one."""
        folder = folder or self.new_folder()
        arguments = [*self._arguments(request, source, command, folder), *options]
        hurry, out = HurryingTime(hangs), io.StringIO()
        with contextlib.redirect_stdout(out):
            code = main(arguments, self.environ(folder) | dict(environ or {}), hurry.clock)
        summary, report = folder / "summary.md", folder / "work/report.json"
        return Run(code, out.getvalue(), _text(summary), _text(report), hurry.seconds)

    def start(
        self,
        request: Request,
        source: Source | None = None,
        *,
        command: str = "run",
        folder: Path | None = None,
        hurries: bool = False,
        environ: Mapping[str, str] | None = None,
    ) -> Started:
        """Start the builder as a process of its own, on the real clock unless it `hurries`."""
        folder = folder or self.new_folder()
        arguments = self._arguments(request, source, command, folder)
        given = self.environ(folder) | dict(environ or {})
        return Started.of(arguments, given, folder / f"{command}.log", hurries=hurries)

    def _arguments(
        self, request: Request, source: Source | None, command: str, folder: Path
    ) -> list[str]:
        given = (source or self.inline)(request, folder)
        return [command, *given, "--work", str(folder / "work")]

    def new_folder(self) -> Path:
        return Path(tempfile.mkdtemp(dir=self.folder / "runs"))

    def api(self, verb: str, path: str, body: object, token: str = TOKEN) -> Any:
        """Call GitHub's REST API."""
        headers = {"Authorization": f"Bearer {token}"}
        answer = self.http.request(verb, self.at.api_url + path, json=body, headers=headers)
        return answer.raise_for_status().json() if answer.content else None

    def all_goes_well(self) -> None:
        """Plan no faults any more."""
        self.github.clear()
        self.evaluator.clear()

    def answers(self, request: Request) -> list[ReceivedCallback]:
        """Return every callback that came for a request."""
        wanted = (request.task, request.round, request.nonce)
        return [
            entry
            for entry in self.ledger.entries
            if tuple(entry.body[name] for name in ("task", "round", "nonce")) == wanted
        ]

    def published(self, request: Request) -> Published:
        """Return what git has on the remote."""
        path = self.folder / f"hub/git/ada/tds-project1-{request.task}.git"
        history = git(f"--git-dir={path}", "log", "-p", "--format=commit %H%n%B", "main")
        with tarfile.open(
            fileobj=io.BytesIO(git(f"--git-dir={path}", "archive", "main"))
        ) as archive:
            members = ((member.name, archive.extractfile(member)) for member in archive)
            files = {name: content.read() for name, content in members if content is not None}
        return Published(history.decode(errors="replace"), files)

    def has_published(self, request: Request) -> bool:
        """Whether the app repository has the commit of a round."""
        path = self.folder / f"hub/git/ada/tds-project1-{request.task}.git"
        has_commit = path.exists() and bool(git(f"--git-dir={path}", "for-each-ref"))
        return has_commit and bool(self.published(request).commits)

    def served(self, pages_url: str, path: str) -> bytes:
        """Return a file as Pages serves it."""
        return self.http.get(pages_url + path).raise_for_status().content

    def assert_delivered(self, request: Request, *, after: int = 0, is_newest: bool = True) -> None:
        """One commit was made, each answer tells it, and (the newest one) is what Pages serves.

        `after` is how many answers came before the delivery.
        """
        answers = self.answers(request)[after:]
        assert answers
        assert not [entry.reason for entry in answers if entry.reason]
        body = answers[0].body
        assert body["status"] == "success"
        assert all(entry.body == body for entry in answers)
        published = self.published(request)
        assert published.commit_of(request) == body["commit_sha"]
        assert not [secret for secret in SECRETS if secret in published.history]
        if is_newest:
            assert published.head == body["commit_sha"]
            for path, content in published.files.items():
                if not path.startswith("."):
                    assert self.served(body["pages_url"], path) == content, path


def _text(path: Path) -> str:
    return path.read_text() if path.exists() else ""


@contextlib.contextmanager
def opened(folder: Path) -> Iterator[Arena]:
    """Serve GitHub and the evaluator on free ports, all state below `folder`."""
    github, evaluator = FaultPlan(), FaultPlan()
    hub = Hub(folder / "hub", HubOptions(faults=github))
    hub.add_user("ada")
    hub.add_token(TOKEN, "ada", ALL)
    (folder / "workflow").mkdir()
    (folder / "workflow/README.md").write_text("The workflow repository.")
    hub.add_repository("ada/briefship", source=folder / "workflow")
    hub.add_token(RUN_TOKEN, "ada", {"contents": "write"}, ["ada/briefship"])
    ledger = Ledger()
    (folder / "runs").mkdir()
    with (
        hub.serve() as at,
        serve(Faulty(create_app(ledger), evaluator)) as url,
        httpx.Client() as http,
    ):
        yield Arena(hub, at, github, ledger, f"{url}/evaluation", evaluator, folder, http)
