"""build.yml under act on this machine: receiver, local GitHub, evaluator, a scripted model."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from builder.report import Report
from builder.request import Request
from local.demo.machine import PROJECT, Machine, machine
from local.hub import HubOptions, WorkflowRun
from local.model import ScriptedModel
from local.provision import REPOSITORY
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


@pytest.fixture(scope="session")
def shared_machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """All parts but the model, for every test with tasks of its own."""
    with machine(tmp_path_factory.mktemp("machine"), PROJECT) as parts:
        parts.ledger.accepts_unknown = True
        yield parts


@pytest.fixture
def start_chain(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[StartChain]:
    """Start everything, anew where there are `options`; keyword arguments are variables of the
    workflow repository while the test goes on."""
    with ExitStack() as stack:

        def start(
            model: ScriptedModel | None = None,
            options: HubOptions | None = None,
            **variables: str,
        ) -> Chain:
            parts = (
                stack.enter_context(machine(tmp_path, PROJECT, options))
                if options
                else request.getfixturevalue("shared_machine")
            )
            parts.ledger.accepts_unknown = True
            if model:
                url = stack.enter_context(serve(model))
                variables |= {"MODELS": "recorded", "OPENAI_BASE_URL": f"{url}/v1"}
            for name, value in (LIGHT_CHROMIUM | variables).items():
                parts.hub.set_variable(REPOSITORY, name, value)
                # An empty one is as good as none.
                stack.callback(parts.hub.set_variable, REPOSITORY, name, "")
            parts.hub.set_secret(REPOSITORY, "OPENAI_API_KEY", KEY if model else "")
            return Chain(parts, model)

        yield start
