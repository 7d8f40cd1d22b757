"""The builder's command line where GitHub has rules for a push: workflow files and secrets."""

import json
import subprocess
from base64 import b64encode

import httpx
import pytest

from local.hub.records import Permissions
from tests.integration.core.machine import ALL, Done, Machine

MAY_WRITE_WORKFLOWS = "a-token-with-workflows"
EXTRA = ".github/workflows/extra.yml"
PAGES = ".github/workflows/pages.yml"
BRIEF = 'Publish a page titled "Rain"'
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


def attachment(name: str, text: str) -> dict[str, str]:
    return {"name": name, "url": f"data:text/plain;base64,{b64encode(text.encode()).decode()}"}


def notes(machine: Machine) -> str:
    report = json.loads((machine.folder / "work" / "report.json").read_text())
    return "\n".join(report["notes"])


def branches(machine: Machine) -> str:
    """Ask git what stands in the app repository."""
    url = f"{machine.at.server_url}/ada/tds-project1-rain.git"
    return subprocess.run(
        ["git", "ls-remote", url], check=True, capture_output=True, text=True
    ).stdout


@pytest.fixture
def permitted(machine: Machine) -> Machine:
    """The machine with a token that may write workflow files and run them again."""
    more: Permissions = {"workflows": "write", "actions": "write"}
    machine.hub.add_token(MAY_WRITE_WORKFLOWS, "ada", ALL | more)
    machine.environ["BUILDER_TOKEN"] = MAY_WRITE_WORKFLOWS
    return machine


def test_run__a_workflow_that_nobody_asked_for_may_come(permitted: Machine) -> None:
    """With the permission an attachment is delivered as it came, whatever its path."""
    done = permitted.run(permitted.request(brief=BRIEF, attachments=[attachment(EXTRA, ECHO)]))
    assert done.returncode == 0, done.stdout
    assert permitted.git("show", f"HEAD:{EXTRA}") == ECHO


def asking_for_pages(machine: Machine, text: str = ECHO, **environ: str) -> Done:
    brief = f"{BRIEF} with a workflow `{PAGES}`, as attached."
    return machine.run(
        machine.request(brief=brief, attachments=[attachment(PAGES, text)]), **environ
    )


def test_run__a_workflow_that_the_brief_asks_for(machine: Machine) -> None:
    """Without the permission all the rest is published; log, summary and answer say so."""
    done = asking_for_pages(machine)
    assert done.returncode == 0
    (answer,) = machine.answers
    assert answer["status"] == "success"
    assert any(PAGES in reason for reason in answer["verdict_reasons"])
    files = machine.git("ls-files").split()
    assert "index.html" in files
    assert PAGES not in files
    for told in (done.stdout, (machine.folder / "summary.md").read_text()):
        assert PAGES in told
        assert "Workflows: write" in told


def test_run__a_workflow_that_the_brief_asks_for_is_delivered(permitted: Machine) -> None:
    """With the permission it is pushed, and the site is a branch's since it deploys none."""
    assert asking_for_pages(permitted).returncode == 0
    assert permitted.git("show", f"HEAD:{PAGES}") == ECHO
    assert permitted.answers[0]["status"] == "success"


def test_run__a_site_that_deploys_itself(permitted: Machine) -> None:
    """Its own Pages workflow is awaited for the pushed commit; the answer has the live URL."""
    done = asking_for_pages(permitted, DEPLOYING)
    answer = permitted.answers[0]
    assert done.returncode == 0, done.stdout
    assert answer["status"] == "success"
    (run,) = permitted.hub.runs("ada/tds-project1-rain")
    assert (run.status, run.conclusion) == ("completed", "success")
    served = httpx.get(answer["pages_url"] + "made.txt")
    assert served.text.strip() == answer["commit_sha"]
    with_token = {"Authorization": f"Bearer {MAY_WRITE_WORKFLOWS}"}
    settings = f"{permitted.at.api_url}/repos/ada/tds-project1-rain/pages"
    assert httpx.get(settings, headers=with_token).json()["build_type"] == "workflow"
