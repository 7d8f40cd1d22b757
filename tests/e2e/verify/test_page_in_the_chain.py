"""build.yml under act with a scripted model: the page is opened, and everybody hears of it."""

import os
from pathlib import Path

import httpx

from builder.findings import failures
from builder.verdict import Verdict
from local.hub import HubOptions
from local.model import ScriptedModel
from local.script import Answer
from tests.conftest import RequestOf
from tests.e2e.conftest import StartChain

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


def broken_chrome(folder: Path) -> dict[str, str]:
    """Return the environment of a run that finds a browser without a sandbox first on PATH."""
    folder.mkdir()
    program = folder / "google-chrome"
    program.write_text("#!/bin/sh\necho 'No usable sandbox!' >&2; exit 133\n")
    program.chmod(0o755)
    return {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}


def test_page_in_the_chain__a_failing_check_is_seen_and_its_repair_asked_for(
    start_chain: StartChain, request_of: RequestOf, tmp_path: Path
) -> None:
    """A browser that cannot start first on PATH is told, the next one opens the page; the check
    that fails is told to the model, and the run is failing."""
    options = HubOptions(run_environ=broken_chrome(tmp_path / "bin"))
    model = ScriptedModel(app("4"), app("4"))
    chain = start_chain(model, options, CHROMIUM="", CHECK_SECONDS="2", REPAIRS="1")
    finished = chain.run(request_of(brief=BRIEF, checks=[{"js": TITLE}, {"js": SUM}]))
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
    assert '<p id="sum">4</p>' in httpx.get(finished.callback["pages_url"]).text
