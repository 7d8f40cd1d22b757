"""build.yml under act: an app whose own workflow fails is repaired by the log of that run."""

import subprocess
from pathlib import Path

import httpx
import pytest

from builder.request import Request
from builder.site import Site
from local.model import ScriptedModel
from local.script import Answer
from tests.conftest import RequestOf
from tests.e2e.conftest import Finished, StartChain
from tests.e2e.core.test_own_pages_workflow import DEPLOYING, FLOW

TOLD = "AssertionError: no city is called Olso"
PAGE = """<file path="index.html">
<!doctype html><html lang="en"><meta name="viewport" content="width=device-width">
<title>Rain</title><h1>Rain in Oslo</h1></html>
</file>
"""
FLOWING = DEPLOYING.replace("- run: mkdir", "- run: python3 check.py && mkdir")
CHECK = """<file path="check.py">
from pathlib import Path

assert "{}" in Path("index.html").read_text(), "no city is called {}"
</file>
"""
FIRST = f'{PAGE}<file path="{FLOW}">{FLOWING}</file>\n{CHECK.replace("{}", "Olso")}'
REPAIR = CHECK.replace("{}", "Oslo")
READING = """```json
{"requirements": [{"kind": "file wanted", "path": ".github/workflows/", "quote": "a workflow"}]}
```"""


@pytest.fixture
def request_for_workflow(request_of: RequestOf, tmp_path: Path) -> Request:
    brief = "Show Oslo's rain; a workflow checks and publishes the page."
    return request_of(task=tmp_path.name, brief=brief)


def ran(start_chain: StartChain, request: Request, *replies: str) -> tuple[Finished, list[str]]:
    """Return what a run left, and how each run of the app's own workflow ended."""
    chain = start_chain(ScriptedModel(*replies, reading=Answer(READING)), REPAIRS="0")
    finished = chain.run(request)
    full_name = "/".join(finished.callback["repo_url"].split("/")[-2:])
    return finished, [str(run.conclusion) for run in chain.parts.hub.runs(full_name)]


def test_run__a_workflow_that_is_repaired(
    start_chain: StartChain, request_for_workflow: Request, tmp_path: Path
) -> None:
    """The model gets the end of the log; its repair is a commit on top, which is the one reported
    and served."""
    finished, ended = ran(start_chain, request_for_workflow, FIRST, REPAIR)
    assert ended == ["failure", "success"]
    told = finished.callback
    assert (told["status"], told["pages_status"]) == ("success", "live")
    assert TOLD in finished.prompts[1]
    assert FLOW in finished.prompts[1]
    made = httpx.get(f"{told['pages_url']}made.txt").text.strip()
    assert made == told["commit_sha"] == finished.report.commit_sha
    subprocess.run(["git", "clone", "-q", told["repo_url"], tmp_path / "app"], check=True)
    assert b'"Oslo" in' in Site.read(tmp_path / "app")["check.py"]
    assert any("has repaired it by its log" in note for note in finished.report.notes)
    assert finished.report.workflow_log == ""
    assert [step.name for step in finished.report.steps].count("push") == 2


@pytest.mark.parametrize("reply", ["I cannot.", '<file path="index.html">\n</file>\n'])
def test_run__a_workflow_that_is_not_repaired(
    start_chain: StartChain, request_for_workflow: Request, reply: str
) -> None:
    """The first commit is the one reported, with what its workflow said."""
    finished, ended = ran(start_chain, request_for_workflow, FIRST, reply)
    assert ended == ["failure"]
    assert finished.callback["status"] == "success"
    assert "its run ended with failure" in finished.callback["pages_status"]
    assert TOLD in finished.report.workflow_log
    assert len(finished.prompts) == 2
    assert any("no reply repaired it" in note for note in finished.report.notes)
