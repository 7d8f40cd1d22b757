"""Replies that a model gave to our prompt, word for word, as the evaluator scores them."""

import asyncio
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse
from starlette.routing import Route

from builder.cli import main
from local.evaluator import requests
from local.evaluator.callbacks import Ledger, create_app
from local.evaluator.score import RoundScore
from local.evaluator.session import Session
from local.hub import Hub
from local.server import serve
from tests.integration.generate.conftest import REPLIES, REQUESTS

TOKEN = "ghp_0123456789abcdefghijklmnopqrstuvwxyz"
OWN = REQUESTS.parent / "data/generate"
TASKS = (
    # The demo plays sum-of-sales-001.
    ("photo-card-55.round1",),
    ("tiny-library.round1",),
    ("order-desk.round1", "order-desk.round2"),
    ("ferry-revenue-19.round1",),
)


def recorded(folder: Path, name: str) -> Path:
    """Return a file that the demo plays as well, or one of these tests alone."""
    found = folder / name
    return found if found.exists() else OWN / folder.name / name


@dataclass
class Builder:
    """Stands where receiver and workflow are: builds what is sent with the recorded reply."""

    folder: Path
    environ: dict[str, str]

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/", self._take, methods=["POST"])])

    async def _take(self, http: HttpRequest) -> JSONResponse:
        path = self.folder / "sent.json"
        path.write_bytes(await http.body())
        sent = await http.json()
        reply = recorded(REPLIES, f"{sent['task']}.round{sent['round']}.md")
        command = ["run", "--request", str(path), "--reply", str(reply)]
        code = await run_in_threadpool(
            main, [*command, "--work", str(self.folder / "work")], self.environ
        )
        echoed = {name: sent[name] for name in ("task", "round", "nonce")}
        return JSONResponse({"status": "accepted", **echoed}, status_code=200 if code == 0 else 500)


@dataclass
class Evaluation:
    """The evaluator and all that it needs."""

    ledger: Ledger
    evaluation_url: str
    builder_url: str

    def play(self, names: Sequence[str]) -> list[RoundScore]:
        return asyncio.run(self._play(names))

    async def _play(self, names: Sequence[str]) -> list[RoundScore]:
        scores = []
        session = Session(self.builder_url, "local-secret", self.ledger, print, timeout=60)
        for name in names:
            request = requests.read(recorded(REQUESTS, f"{name}.json"), self.evaluation_url)
            scores.append(await session.play(request))
        return scores


@pytest.fixture
def evaluation(tmp_path: Path, mirror_url: str) -> Iterator[Evaluation]:
    hub = Hub(tmp_path / "hub")
    hub.add_user("ada")
    permissions = {"administration": "write", "contents": "write", "pages": "write"}
    hub.add_token(TOKEN, "ada", permissions)  # type: ignore[arg-type]
    ledger = Ledger()
    with hub.serve() as at, serve(create_app(ledger)) as evaluator_url:
        environ = {
            "PATH": os.environ["PATH"],
            "BUILDER_TOKEN": TOKEN,
            "BUILDER_OWNER": "ada",
            "GITHUB_API_URL": at.api_url,
            "GITHUB_SERVER_URL": at.server_url,
            "ALLOW_PRIVATE_CALLBACKS": "1",
            "CDN_MIRROR_URL": mirror_url,
        }
        with serve(Builder(tmp_path, environ).app()) as builder_url:
            yield Evaluation(ledger, f"{evaluator_url}/evaluation", builder_url)


@pytest.mark.parametrize("names", TASKS, ids=lambda names: names[0].split(".")[0])
def test_recorded_reply__passes_all_that_can_be_checked(
    evaluation: Evaluation, names: Sequence[str]
) -> None:
    """In every round each check that an evaluator can make holds on the published site."""
    scores = evaluation.play(names)
    assert len(scores) == len(names)
    failed = [row for score in scores for row in score.rows if row.outcome == "failed"]
    assert failed == []
    assert sum(row.outcome == "passed" for score in scores for row in score.rows) >= 8 * len(names)
