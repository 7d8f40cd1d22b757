"""build.yml under act: a scenario finds a bug, its repair is published, round 2 runs it again.

Every answer of the model is recorded in the corpus, from models that saw only the prompts.
"""

import re
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from builder.report import Report
from builder.request import Dispatch, Request
from builder.rounds import Round
from builder.verdict import Verdict
from builder.verify.scenarios.outcomes import State
from local.hub import Hub, HubOptions
from local.model import READER, ScriptedModel
from local.provision import REPOSITORY, provision
from local.script import Answer
from local.server import serve
from local.streaming import prompt_of
from tests.corpus import FOLDER, App
from tests.scripted_server import Scripted, ScriptedServer

ROOT = Path(__file__).resolve().parents[3]
RUN_SECONDS = 300.0
POLL = App(FOLDER / "poll")
ROUND_2 = App(FOLDER / "poll" / "round2")
RETIRED = ["s1.1", "s1.2", "s1.3", "s1.4", "s1.6"]
"""Scenarios of round 1 that depend on the order of the bars, as the recorded reading lists them."""
BUG = "'Change my vote' is not stored: the old vote comes back on reload and when voting anew"


def recorded(path: str, match: str) -> Answer:
    """Return a reply of the corpus, given to the prompts that `match` fits."""
    return Answer((POLL.folder / path).read_text(), match=match)


def script() -> Iterator[Answer]:
    """Yield what the model answers: in round 1 its app has the bug."""
    later = re.escape(ROUND_2.request.brief)
    yield recorded("round2/reading.md", rf"\A{READER}.*{later}")
    yield recorded("round2/scenarios.md", rf"\AYou test.*{later}")
    yield recorded("round2/app.md", rf"\AYou build.*{later}")
    yield recorded("reading.md", rf"\A{READER}")
    yield recorded("scenarios.md", r"\AYou test")
    yield recorded("repair.md", r"\AYou build.*# What is wrong")
    [bug] = [bug for bug in POLL.bugs if bug.name == BUG]
    app = (POLL.folder / "app.md").read_text()
    assert app.count(bug.search) == 1
    yield Answer(app.replace(bug.search, bug.replace), match=r"\AYou build")


@dataclass
class Chain:
    """The local GitHub with the workflow and a recorded model."""

    hub: Hub
    token: str
    api_url: str
    evaluation: ScriptedServer
    model: ScriptedModel
    folder: Path

    def run(self, request: Request) -> tuple[Report, dict[str, Any], list[str]]:
        """Dispatch a request; return the run's report, its callback, and what was asked."""
        asked = len(self.model.requests)
        self.evaluation.script = [Scripted(200)]
        request = Request.from_wire(
            request.to_wire() | {"evaluation_url": f"{self.evaluation.url}/evaluation"}
        )
        payload = Dispatch.of(request, datetime.now(UTC)).to_wire()
        httpx.post(
            f"{self.api_url}/repos/{REPOSITORY}/dispatches",
            json={"event_type": "build-task", "client_payload": payload},
            headers={"Authorization": f"Bearer {self.token}"},
        ).raise_for_status()
        ended = self.hub.wait_for_run(self.hub.runs(REPOSITORY)[-1].id, RUN_SECONDS)
        [report] = ended.artifacts.rglob("report.json")
        prompts = [prompt_of(body["messages"]) for body in self.model.requests[asked:]]
        told = self.evaluation.received[-1].json
        return Report.model_validate_json(report.read_text()), told, prompts

    def stored(self, told: dict[str, Any]) -> Round:
        """Return the round that the reported commit remembers."""
        clone = self.folder / told["commit_sha"]
        subprocess.run(["git", "clone", "-q", told["repo_url"], clone], check=True)
        file = clone / ".builder" / "rounds" / f"{told['round']}.json"
        return Round.model_validate_json(file.read_text())


@pytest.fixture
def chain(tmp_path: Path, scripted_server: ScriptedServer) -> Iterator[Chain]:
    """Start the local GitHub and the model."""
    with ExitStack() as stack:
        model = ScriptedModel(*script(), reading=None, scenarios=None)
        hub = Hub(tmp_path / "hub", HubOptions())
        token = provision(hub, ROOT).dispatch_token
        hub.set_variable(REPOSITORY, "MODELS", "recorded")
        hub.set_variable(REPOSITORY, "BROWSER_SECONDS", "120")
        hub.set_variable(REPOSITORY, "OPENAI_BASE_URL", f"{stack.enter_context(serve(model))}/v1")
        hub.set_secret(REPOSITORY, "OPENAI_API_KEY", "recorded-replies-need-no-key")
        at = stack.enter_context(hub.serve())
        yield Chain(hub, token, at.api_url, scripted_server, model, tmp_path)


def test_behaviour_in_the_chain__bug_found_repaired_and_tried_again(chain: Chain) -> None:
    """What a scenario finds is repaired before it is published, and round 2 tries it again."""
    report, told, (_, repair) = chain.run(POLL.request)
    assert "takes the vote back, so that one can vote again." in repair
    assert "failure, scenario" in repair
    assert [each.state for each in report.requirements] == [State.HELD] * len(POLL.requirements)
    assert told["verdict"] == report.verdict == Verdict.VERIFIED
    assert chain.stored(told).scenarios == tuple(report.scenarios)
    assert len(report.scenarios) == len(POLL.scenarios)

    later, told, _ = chain.run(ROUND_2.request)
    assert later.reading
    assert [change.earlier for change in later.reading.changes] == RETIRED
    kept = [each for n, each in enumerate(report.scenarios, 1) if f"s1.{n}" not in RETIRED]
    again = [each for each in later.requirements if each.earlier]
    assert {each.requirement for each in again} == {each.requirement for each in kept}
    own = [each for each in later.requirements if not each.earlier]
    assert len(own) == len(ROUND_2.requirements)
    assert {each.state for each in later.requirements} == {State.HELD}
    assert told["verdict"] == later.verdict == Verdict.VERIFIED
