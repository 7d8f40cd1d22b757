"""A run of the builder whose app deploys itself: its workflow runs under act."""

from urllib.parse import quote

import httpx
import pytest

from builder.rendering import render
from builder.report import Report
from local.hub.records import Permissions
from tests.integration.faults.arena import ALL, Arena
from tests.integration.faults.conftest import arena, shared_arena

__all__ = ["arena", "shared_arena"]

TOKEN = "a-token-that-may-write-workflows"
FLOW = ".github/workflows/pages.yml"
ECHO = "on: push\njobs: {echo: {runs-on: ubuntu-latest, steps: [{run: echo}]}}\n"
DEPLOYING = """
name: Pages
on: {push: {branches: [main]}}
permissions: {contents: read, pages: write, id-token: write}
jobs:
  deploy:
    runs-on: ubuntu-latest
    environment: {name: github-pages, url: "${{ steps.deployment.outputs.page_url }}"}
    steps:
      - uses: actions/checkout@v6
      - uses: actions/configure-pages@v5
      - run: mkdir _site && cp index.html _site/ && echo "$GITHUB_SHA" > _site/made.txt
      - uses: actions/upload-pages-artifact@v4
      - id: deployment
        uses: actions/deploy-pages@v4
"""


@pytest.mark.parametrize(
    ("text", "build_type"), [(ECHO, "legacy"), (DEPLOYING, "workflow")], ids=["echo", "deploying"]
)
def test_run__a_workflow_that_may_come(arena: Arena, text: str, build_type: str) -> None:
    """With the permission it is pushed as it came; one that deploys is awaited for the commit."""
    more: Permissions = {"workflows": "write", "actions": "write"}
    arena.hub.add_token(TOKEN, "ada", ALL | more)
    task = f"own-{build_type}"
    attachments = [{"name": FLOW, "url": f"data:text/plain,{quote(text)}"}]
    request = arena.request(task, brief=f"With a workflow `{FLOW}`.", attachments=attachments)
    # On the clock of the real world, as act is.
    arena.start(request, environ={"BUILDER_TOKEN": TOKEN}).ended()
    (told,) = arena.answers(request)
    assert told.body["status"] == "success"
    assert told.body["pages_status"] == "live"
    published = arena.published(request)
    assert published.files[FLOW] == text.encode()
    headers = {"Authorization": f"Bearer {TOKEN}"}
    pages = httpx.get(f"{arena.at.api_url}/repos/ada/tds-project1-{task}/pages", headers=headers)
    assert pages.json()["build_type"] == build_type
    if build_type == "workflow":
        made = arena.served(told.body["pages_url"], "made.txt")
        assert made.decode().strip() == told.body["commit_sha"]


def test_run__a_workflow_that_fails(arena: Arena) -> None:
    """It is run again once; the end of its log is in the run's log, and the answer is given."""
    arena.hub.add_token(TOKEN, "ada", ALL | {"workflows": "write", "actions": "write"})
    told_by_ruff = "F401 os imported but unused"
    step = f"- run: echo '{told_by_ruff}' && false\n      - run: mkdir"
    failing = DEPLOYING.replace("- run: mkdir", step)
    attachments = [{"name": FLOW, "url": f"data:text/plain,{quote(failing)}"}]
    request = arena.request("own-failing", brief=f"With `{FLOW}`.", attachments=attachments)
    folder = arena.new_folder()
    arena.start(request, folder=folder, environ={"BUILDER_TOKEN": TOKEN}).ended()
    (told,) = arena.answers(request)
    assert told.body["status"] == "success"
    assert "its run ended with failure" in told.body["pages_status"]
    report = Report.model_validate_json((folder / "work/report.json").read_bytes())
    assert told_by_ruff in report.workflow_log
    assert told_by_ruff in render("summary.md.j2", report=report)
