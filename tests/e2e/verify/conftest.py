"""build.yml under act on the local GitHub, with a model whose answers are written down."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from builder.report import Report
from builder.request import Dispatch, Request
from local.hub import Hub, HubOptions
from local.model import ScriptedModel
from local.provision import REPOSITORY, provision
from local.server import serve
from local.streaming import prompt_of
from tests.scripted_server import Scripted, ScriptedServer

ROOT = Path(__file__).resolve().parents[3]
RUN_SECONDS = 300.0


@dataclass(frozen=True)
class Finished:
    """What a run left: its report, its log, the callback, and what the author was asked."""

    report: Report
    log: str
    callback: dict[str, Any]
    prompts: list[str]


@dataclass(frozen=True)
class Chain:
    """The local GitHub with the workflow, the model and the evaluator."""

    hub: Hub
    token: str
    api_url: str
    evaluation: ScriptedServer
    model: ScriptedModel

    def run(self, request: Request) -> Finished:
        """Dispatch a request and wait until its run is over."""
        asked = len(self.model.requests)
        self.evaluation.script = [Scripted(200)]
        evaluation_url = f"{self.evaluation.url}/evaluation"
        request = Request.from_wire(request.to_wire() | {"evaluation_url": evaluation_url})
        sent = httpx.post(
            f"{self.api_url}/repos/{REPOSITORY}/dispatches",
            json={
                "event_type": "build-task",
                "client_payload": Dispatch.of(request, datetime.now(UTC)).to_wire(),
            },
            headers={"Authorization": f"Bearer {self.token}"},
        )
        assert sent.status_code == 204, sent.text
        ended = self.hub.wait_for_run(self.hub.runs(REPOSITORY)[-1].id, RUN_SECONDS)
        [report] = ended.artifacts.rglob("report.json")
        return Finished(
            report=Report.model_validate_json(report.read_text()),
            log=ended.log.read_text(),
            callback=self.evaluation.received[-1].json,
            prompts=[prompt_of(body["messages"]) for body in self.model.requests[asked:]],
        )


StartChain = Callable[..., Chain]


@pytest.fixture
def start_chain(tmp_path: Path, scripted_server: ScriptedServer) -> Iterator[StartChain]:
    """Start the local GitHub with a model; keyword arguments are variables of the repository."""
    with ExitStack() as stack:

        def start(model: ScriptedModel, options: HubOptions, **variables: str) -> Chain:
            hub = Hub(tmp_path / "hub", options)
            token = provision(hub, ROOT).dispatch_token
            url = f"{stack.enter_context(serve(model))}/v1"
            for name, value in {"MODELS": "recorded", "OPENAI_BASE_URL": url, **variables}.items():
                hub.set_variable(REPOSITORY, name, value)
            hub.set_secret(REPOSITORY, "OPENAI_API_KEY", "recorded-replies-need-no-key")
            at = stack.enter_context(hub.serve())
            return Chain(hub, token, at.api_url, scripted_server, model)

        yield start
