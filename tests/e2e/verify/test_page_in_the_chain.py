"""build.yml under act with a recorded model: the page is opened, or everybody hears why not."""

import os
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from builder.findings import failures
from builder.verdict import Verdict
from local.hub import HubOptions, RunnerBrowsers
from local.model import ScriptedModel
from local.script import Answer
from tests.conftest import RequestOf
from tests.e2e.conftest import Finished, StartChain

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


Build = Callable[..., Finished]


@pytest.fixture
def build(start_chain: StartChain, request_of: RequestOf) -> Build:
    """Run the request with the given options of the hub and replies of the model to its end."""

    def run(options: HubOptions, *replies: Answer) -> Finished:
        chain = start_chain(ScriptedModel(*replies), options, CHECK_SECONDS="2", REPAIRS="1")
        return chain.run(request_of(brief=BRIEF, checks=[{"js": TITLE}, {"js": SUM}]))

    return run


def page_of(finished: Finished) -> str:
    """Return the page that is live after the run."""
    return httpx.get(finished.callback["pages_url"]).text


def path_with(folder: Path, **programs: str) -> dict[str, str]:
    """Return the environment of a run that finds shell scripts first on PATH."""
    folder.mkdir()
    for name, text in programs.items():
        program = folder / name.replace("_", "-")
        program.write_text(f"#!/bin/sh\n{text}\n")
        program.chmod(0o755)
    return {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}


def test_page_in_the_chain__a_failing_check_is_seen_and_its_repair_asked_for(
    build: Build, tmp_path: Path
) -> None:
    """A browser that cannot start first on PATH is told, the next one opens the page; the check
    that fails is told to the model, and the run is failing."""
    environ = path_with(tmp_path / "bin", google_chrome="echo 'No usable sandbox!' >&2; exit 133")
    finished = build(HubOptions(run_environ=environ), app("4"), app("4"))
    page = finished.report.page
    assert page
    assert page.opened
    assert not page.browser.startswith("google-chrome ")
    assert (page.checks_run, page.checks_total) == (2, 2)
    told = [found.seen for found in finished.report.findings if found.subject == "google-chrome"]
    assert told == ["No usable sandbox!"]
    assert "google-chrome: expected a browser that starts" in finished.log
    [finding] = failures(finished.report.findings)
    assert finding.subject == SUM
    assert '<p id="sum">4</p>' in finding.seen
    first, repair = finished.prompts[0], finished.prompts[-1]
    assert finding.seen not in first
    assert finding.seen in repair
    assert finished.report.verdict is Verdict.FAILING
    assert finished.callback["verdict"] == "failing"
    assert SUM in finished.callback["verdict_reasons"][0]
    assert '<p id="sum">4</p>' in page_of(finished)


def test_page_in_the_chain__no_browser_opens_it(build: Build) -> None:
    """The page is published all the same; title, log and callback say that nobody opened it."""
    finished = build(HubOptions(browsers=RunnerBrowsers.NONE), app("3"))
    page = finished.report.page
    assert page
    assert (page.opened, page.checks_run, page.checks_total) == (False, 0, 2)
    for name in ("google-chrome", "google-chrome-stable", "chromium", "chromium-browser"):
        assert f"{name}: " in page.reason
    assert '<p id="sum">3</p>' in page_of(finished)
    assert finished.callback["status"] == "success"
    assert finished.callback["verdict"] == finished.report.verdict == Verdict.PARTLY_VERIFIED
    assert "not opened in a browser" in finished.callback["verdict_reasons"][0]
    assert "NOT OPENED, 0 of 2 checks were run" in finished.log
    title = next(line for line in finished.log.splitlines() if "Partly verified" in line)
    assert "not opened in a browser" in title
