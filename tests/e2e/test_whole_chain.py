"""From the request to the callback through every real part, and what that leaves to be read."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from builder.publish.checkout import Git
from local.hub import Addresses, Hub
from local.provision import OWNER, REPOSITORY, LocalCredentials, provision
from local.receiver_process import receiver
from tests.conftest import FakeTime

ROOT = Path(__file__).resolve().parents[2]
RUN_SECONDS = 120.0
EMAIL = "ada.lovelace@example.com"
NONCES = ("nonce-0815-first", "nonce-0815-second")


@dataclass
class Chain:
    """All parts on this machine."""

    hub: Hub
    at: Addresses
    receiver: str
    credentials: LocalCredentials
    callbacks: list[Any]
    callback_url: str
    folder: Path

    def request(self, number: int, **fields: Any) -> dict[str, Any]:
        return {
            "email": EMAIL,
            "secret": self.credentials.task_secret,
            "task": "rain",
            "round": number,
            "nonce": NONCES[number - 1],
            "brief": 'Publish a page titled "Rain" that shows the sum of mm in rain.csv in #sum.',
            "checks": [{"js": "document.title === 'Rain'"}],
            "evaluation_url": f"{self.callback_url}/evaluation",
            "attachments": [{"name": "rain.csv", "url": f"data:text/csv,day,mm%0A1,{number}%0A"}],
        } | fields

    def send(self, request: dict[str, Any]) -> httpx.Response:
        return httpx.post(f"{self.receiver}/handle_task", json=request, timeout=20)

    def run_to_its_end(self) -> str:
        """Wait for the newest run; return its conclusion."""
        newest = self.hub.runs(REPOSITORY)[-1]
        return self.hub.wait_for_run(newest.id, RUN_SECONDS).conclusion or ""


@contextmanager
def callbacks_at(received: list[Any]) -> Iterator[str]:
    """Take callbacks as an evaluator does."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[Chain]:
    received: list[Any] = []
    hub = Hub(tmp_path / "hub")
    credentials = provision(hub, ROOT)
    with callbacks_at(received) as callback_url, hub.serve() as at:
        settings = {
            "TASK_SECRET": credentials.task_secret,
            "DISPATCH_TOKEN": credentials.dispatch_token,
            "DISPATCH_REPOSITORY": REPOSITORY,
            "GITHUB_API_URL": at.api_url,
        }
        with receiver(settings, ROOT, tmp_path / "receiver.log") as url:
            yield Chain(hub, at, url, credentials, received, callback_url, tmp_path)


def readable(chain: Chain, bodies: list[str]) -> dict[str, str]:
    """Return all that people may come to read of the two runs."""
    told = {f"answer {number}": body for number, body in enumerate(bodies)}
    told["receiver.log"] = (chain.folder / "receiver.log").read_text()
    told["overview"] = httpx.get(chain.at.server_url).text
    for run in chain.hub.runs(REPOSITORY):
        told[f"log of run {run.id}"] = run.log.read_text()
        for artifact in run.artifacts.rglob("*"):
            if artifact.is_file():
                told[f"artifact {artifact.name}"] = artifact.read_bytes().decode("latin-1")
    app = chain.folder / "app"
    git = Git(chain.at.server_url, FakeTime().clock)
    assert git.clone(f"{OWNER}/tds-project1-rain", app)
    told["history"] = git.run(["log", "-p", "--format=fuller"], app).stdout
    return told


def test_whole_chain__two_rounds_and_nothing_private_to_read(chain: Chain) -> None:
    """Both rounds are delivered; secret, tokens, email and nonces are nowhere that people read."""
    bodies = [
        chain.send(chain.request(1, secret="a-wrong-secret")).text,
        chain.send(chain.request(1, brief=None)).text,
        httpx.post(f"{chain.receiver}/handle_task", content=b"{").text,
    ]
    for number in (1, 2):
        answer = chain.send(chain.request(number))
        assert answer.status_code == 200
        assert chain.run_to_its_end() == "success"
    first, second = chain.callbacks
    assert (first["status"], second["status"]) == ("success", "success")
    assert [call["nonce"] for call in chain.callbacks] == list(NONCES)
    runs = [run.url for run in chain.hub.runs(REPOSITORY)[-2:]]
    assert [call["run_url"] for call in chain.callbacks] == runs
    assert httpx.get(second["pages_url"] + "rain.csv").text == "day,mm\n1,2\n"
    told = readable(chain, bodies)
    assert f"{second['commit_sha']}" in told["history"]
    private = {
        "secret": chain.credentials.task_secret,
        "dispatch token": chain.credentials.dispatch_token,
        "builder token": chain.credentials.builder_token,
        "email": EMAIL,
        "first nonce": NONCES[0],
        "second nonce": NONCES[1],
    }
    leaks = [
        (name, where)
        for where, text in told.items()
        for name, value in private.items()
        if value in text
    ]
    assert leaks == []
    assert {where for where in told if where.startswith("artifact")} >= {"artifact report.json"}


def test_whole_chain__a_run_by_hand(chain: Chain) -> None:
    """workflow_dispatch with the request as text builds the same, and needs no secret."""
    text = json.dumps(chain.request(1))
    answer = httpx.post(
        f"{chain.at.api_url}/repos/{REPOSITORY}/actions/workflows/build.yml/dispatches",
        json={"ref": "main", "inputs": {"request": text}},
        headers={"Authorization": f"Bearer {operator(chain)}"},
    )
    assert answer.status_code == 204, answer.text
    assert chain.run_to_its_end() == "success"
    assert chain.callbacks[0]["status"] == "success"
    assert chain.credentials.task_secret not in chain.hub.runs(REPOSITORY)[-1].log.read_text()


def operator(chain: Chain) -> str:
    """Return the token of a person who may start workflows."""
    chain.hub.add_token("an-operators-token", OWNER, {"actions": "write", "contents": "read"})
    return "an-operators-token"
