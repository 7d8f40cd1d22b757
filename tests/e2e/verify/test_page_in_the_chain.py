"""build.yml under act with a recorded model: the page is opened, or everybody hears why not."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from builder.findings import failures
from builder.report import Report
from builder.request import Dispatch
from builder.verdict import Verdict
from local.hub import Hub, HubOptions, RunnerBrowsers
from local.model import ScriptedModel
from local.provision import REPOSITORY, provision
from local.script import Answer
from local.server import serve
from local.streaming import prompt_of
from tests.conftest import RequestOf
from tests.scripted_server import Scripted, ScriptedServer

ROOT = Path(__file__).resolve().parents[3]
RUN_SECONDS = 120.0
TITLE = "document.title === 'Rain'"
SUM = "document.querySelector('#sum').textContent === '3'"
BRIEF = "Publish a page titled “Rain” whose element #sum shows 1 + 2."


def app(shown: str) -> Answer:
    """Return a model's reply to the brief with a page that shows `shown`."""
    page = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Rain</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"></head>'
        f'<body><main><h1>Rain</h1><p id="sum">{shown}</p></main></body></html>'
    )
    return Answer(f'<file path="index.html">\n{page}\n</file>\n', match="whole file|<file")


@dataclass(frozen=True)
class Finished:
    """What a run left: its report, its log, the callback, and what the model was asked."""

    report: Report
    log: str
    callback: dict[str, Any]
    prompts: list[str]
    page: str


Build = Callable[..., Finished]


@pytest.fixture
def build(
    tmp_path: Path, scripted_server: ScriptedServer, request_of: RequestOf
) -> Iterator[Build]:
    """Run the request with the given options of the hub and replies of the model to its end."""
    with ExitStack() as stack:

        def run(options: HubOptions, *replies: Answer) -> Finished:
            model = ScriptedModel(*replies)
            scripted_server.script = [Scripted(200)]
            hub = Hub(tmp_path / "hub", options)
            token = provision(hub, ROOT).dispatch_token
            variables = {
                "MODELS": "recorded",
                "OPENAI_BASE_URL": f"{stack.enter_context(serve(model))}/v1",
                "CHECK_SECONDS": "2",
                "REPAIRS": "1",
            }
            for name, value in variables.items():
                hub.set_variable(REPOSITORY, name, value)
            hub.set_secret(REPOSITORY, "OPENAI_API_KEY", "recorded-replies-need-no-key")
            at = stack.enter_context(hub.serve())
            request = request_of(
                brief=BRIEF,
                checks=[{"js": TITLE}, {"js": SUM}],
                evaluation_url=f"{scripted_server.url}/evaluation",
            )
            sent = httpx.post(
                f"{at.api_url}/repos/{REPOSITORY}/dispatches",
                json={
                    "event_type": "build-task",
                    "client_payload": Dispatch.of(request, datetime.now(UTC)).to_wire(),
                },
                headers={"Authorization": f"Bearer {token}"},
            )
            assert sent.status_code == 204, sent.text
            ended = hub.wait_for_run(hub.runs(REPOSITORY)[-1].id, RUN_SECONDS)
            [report] = ended.artifacts.rglob("report.json")
            callback = scripted_server.received[-1].json
            return Finished(
                report=Report.model_validate_json(report.read_text()),
                log=ended.log.read_text(),
                callback=callback,
                prompts=[prompt_of(asked["messages"]) for asked in model.requests],
                page=httpx.get(callback["pages_url"]).text,
            )

        yield run


def path_with(folder: Path, **programs: str) -> dict[str, str]:
    """Return the environment of a run that finds shell scripts first on PATH."""
    folder.mkdir()
    for name, text in programs.items():
        program = folder / name.replace("_", "-")
        program.write_text(f"#!/bin/sh\n{text}\n")
        program.chmod(0o755)
    return {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}


def test_page_in_the_chain__a_failing_check_is_seen_and_its_repair_asked_for(build: Build) -> None:
    """The page is opened, the check that fails is told to the model, and the run is failing."""
    finished = build(HubOptions(), app("4"), app("4"))
    page = finished.report.page
    assert page
    assert page.opened
    assert page.browser
    assert (page.checks_run, page.checks_total) == (2, 2)
    [finding] = failures(finished.report.findings)
    assert finding.subject == SUM
    assert '<p id="sum">4</p>' in finding.seen
    first, repair = finished.prompts[0], finished.prompts[-1]
    assert finding.seen not in first
    assert finding.seen in repair
    assert finished.report.verdict is Verdict.FAILING
    assert finished.callback["verdict"] == "failing"
    assert SUM in finished.callback["verdict_reasons"][0]
    assert '<p id="sum">4</p>' in finished.page


def test_page_in_the_chain__the_second_browser_opens_it(build: Build, tmp_path: Path) -> None:
    """A browser that cannot start first on PATH is told; the next one verifies the page."""
    environ = path_with(tmp_path / "bin", google_chrome="echo 'No usable sandbox!' >&2; exit 133")
    finished = build(HubOptions(run_environ=environ), app("3"))
    page = finished.report.page
    assert page
    assert page.opened
    assert not page.browser.startswith("google-chrome ")
    assert (page.checks_run, page.checks_total) == (2, 2)
    told = [found.seen for found in finished.report.findings if found.subject == "google-chrome"]
    assert told == ["No usable sandbox!"]
    assert "google-chrome: expected a browser that starts" in finished.log
    assert finished.report.verdict is Verdict.VERIFIED


def test_page_in_the_chain__no_browser_opens_it(build: Build) -> None:
    """The page is published all the same; title, log and callback say that nobody opened it."""
    finished = build(HubOptions(browsers=RunnerBrowsers.NONE), app("3"))
    page = finished.report.page
    assert page
    assert (page.opened, page.checks_run, page.checks_total) == (False, 0, 2)
    for name in ("google-chrome", "google-chrome-stable", "chromium", "chromium-browser"):
        assert f"{name}: " in page.reason
    assert '<p id="sum">3</p>' in finished.page
    assert finished.callback["status"] == "success"
    assert finished.callback["verdict"] == finished.report.verdict == Verdict.PARTLY_VERIFIED
    assert "not opened in a browser" in finished.callback["verdict_reasons"][0]
    assert "NOT OPENED, 0 of 2 checks were run" in finished.log
    title = next(line for line in finished.log.splitlines() if "Partly verified" in line)
    assert "not opened in a browser" in title
