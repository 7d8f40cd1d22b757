"""The whole chain on this machine, build.yml under act; or its builder alone, in this process."""

import io
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from builder.cli import main
from builder.report import Report
from builder.request import Request
from local.demo.author import SiteAuthor
from local.demo.machine import PROJECT, Machine, machine
from local.evaluator.callbacks import Ledger, create_app
from local.hub import Addresses, Hub, HubOptions, WorkflowRun
from local.model import ScriptedModel
from local.provision import BUILDS, OWNER, REPOSITORY
from local.server import serve
from local.streaming import prompt_of
from tests.conftest import LIGHT_CHROMIUM

RUN_SECONDS = 300.0
KEY = "recorded-replies-need-no-key"


@dataclass(frozen=True)
class Finished:
    """What a run left: its report, its log, the callback, and what the author was asked."""

    report: Report
    log: str
    callback: dict[str, Any]
    prompts: list[str]


@dataclass(frozen=True)
class Chain:
    """All parts, and the model that they ask, if any."""

    parts: Machine
    model: ScriptedModel | None

    def send(self, wire: dict[str, Any]) -> httpx.Response:
        """Send a request as an evaluator does."""
        return httpx.post(self.parts.receiver_url, json=wire, timeout=20)

    def ended(self) -> WorkflowRun:
        """Wait for the end of the newest run."""
        newest = self.parts.hub.runs(REPOSITORY)[-1]
        return self.parts.hub.wait_for_run(newest.id, RUN_SECONDS)

    def run(self, request: Request) -> Finished:
        """Send a request and wait until its run is over."""
        asked = self.model.requests if self.model else []
        before = len(asked)
        secret = self.parts.credentials.task_secret
        addressed = {"secret": secret, "evaluation_url": self.parts.evaluation_url}
        sent = self.send(request.to_wire() | addressed)
        assert sent.status_code == 200, sent.text
        ended = self.ended()
        [report] = ended.artifacts.rglob("report.json")
        return Finished(
            report=Report.model_validate_json(report.read_text()),
            log=ended.log.read_text(),
            callback=self.parts.ledger.entries[-1].body,
            prompts=[prompt_of(body["messages"]) for body in asked[before:]],
        )


StartChain = Callable[..., Chain]


@pytest.fixture
def start_chain(tmp_path: Path) -> Iterator[StartChain]:
    """Start everything; keyword arguments are variables of the workflow repository."""
    with ExitStack() as stack:

        def start(
            model: ScriptedModel | None = None,
            options: HubOptions | None = None,
            **variables: str,
        ) -> Chain:
            variables, secrets = LIGHT_CHROMIUM | variables, {}
            if model:
                variables |= _recorded(stack.enter_context(serve(model)))
                secrets = {"OPENAI_API_KEY": KEY}
            author = SiteAuthor("the test", bool(model), variables, secrets)
            parts = stack.enter_context(machine(tmp_path, PROJECT, options, author))
            parts.ledger.accepts_unknown = True
            return Chain(parts, model)

        yield start


def _recorded(url: str) -> dict[str, str]:
    return {"MODELS": "recorded", "OPENAI_BASE_URL": f"{url}/v1"}


@dataclass(frozen=True)
class Builder:
    """The builder in this process, between a local GitHub, an evaluator and a scripted model."""

    hub: Hub
    ledger: Ledger
    model: ScriptedModel
    evaluation_url: str
    environ: dict[str, str]
    folder: Path

    def run(self, request: Request) -> Finished:
        """Take a request through all stages."""
        before = len(self.model.requests)
        work = Path(tempfile.mkdtemp(dir=self.folder))
        file = work / "given.json"
        file.write_text(json.dumps(request.to_wire() | {"evaluation_url": self.evaluation_url}))
        out = io.StringIO()
        with redirect_stdout(out):
            code = main(["run", "--request", str(file), "--work", str(work)], self.environ)
        assert code == 0, out.getvalue()
        return Finished(
            report=Report.model_validate_json((work / "report.json").read_text()),
            log=out.getvalue(),
            callback=self.ledger.entries[-1].body,
            prompts=[prompt_of(body["messages"]) for body in self.model.requests[before:]],
        )


StartBuilder = Callable[..., Builder]


@pytest.fixture
def start_builder(tmp_path: Path) -> Iterator[StartBuilder]:
    """Start what the builder works with; keyword arguments are variables of its environment."""
    with ExitStack() as stack:

        def start(model: ScriptedModel, **variables: str) -> Builder:
            hub, ledger = Hub(tmp_path / "github"), Ledger()
            ledger.accepts_unknown = True
            hub.add_user(OWNER)
            hub.add_token("the-builders-token", OWNER, dict.fromkeys(BUILDS, "write"))
            at: Addresses = stack.enter_context(hub.serve())
            environ = {
                "PATH": os.environ["PATH"],
                "BUILDER_OWNER": OWNER,
                "BUILDER_TOKEN": "the-builders-token",
                "GITHUB_API_URL": at.api_url,
                "GITHUB_SERVER_URL": at.server_url,
                "ALLOW_PRIVATE_CALLBACKS": "1",
                "OPENAI_API_KEY": KEY,
            }
            environ |= LIGHT_CHROMIUM | _recorded(stack.enter_context(serve(model))) | variables
            url = stack.enter_context(serve(create_app(ledger)))
            return Builder(hub, ledger, model, f"{url}/evaluation", environ, tmp_path)

        yield start
