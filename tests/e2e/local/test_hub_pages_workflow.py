"""Sites that a workflow of their own deploys: started by a push, carried out by the real act."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.hub import HubOptions, WorkflowRun
from tests.integration.local.conftest import World, filled

FLOW = ".github/workflows/pages.yml"
PAGES = b"""
name: Pages
on:
  push:
    branches: [main]
permissions: {contents: read, pages: write, id-token: write}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v6
      - id: pages
        uses: actions/configure-pages@v5
      - run: |
          mkdir -p _site/_parts
          sed "s|BASE|${{ steps.pages.outputs.base_path }}|" index.html > _site/index.html
          cp index.html _site/_parts/part.html
          cp index.html _site/.hidden.html
      - uses: actions/upload-pages-artifact@v4
  deploy:
    needs: build
    runs-on: ubuntu-latest
    environment:
      name: github-pages
      url: ${{ steps.deployment.outputs.page_url }}
    steps:
      - id: deployment
        uses: actions/deploy-pages@v4
      - run: echo "deployed to ${{ steps.deployment.outputs.page_url }}"
"""


@pytest.fixture
def running(tmp_path: Path) -> Iterator[World]:
    """A hub on the real clock, with an empty repository ada/app."""
    hub = filled(tmp_path / "hub", HubOptions())
    hub.add_repository("ada/app")
    with hub.serve() as at:
        yield World(hub, at, time.time, tmp_path)  # type: ignore[arg-type]


def enable(world: World, build_type: str = "workflow") -> None:
    source = {"branch": "main", "path": "/"}
    with world.client() as api:
        body = {"build_type": build_type, "source": source}
        api.post("/repos/ada/app/pages", json=body).raise_for_status()


def last_run(world: World) -> WorkflowRun:
    return world.hub.wait_for_run(world.hub.runs("ada/app")[-1].id, 60)


def test_push__deploys_by_the_apps_own_workflow(running: World) -> None:
    """A push starts a run for its commit; what the run uploads is served, and nothing else."""
    enable(running)
    commit = running.push("ada/app", {"index.html": b"<h1>BASE</h1>", FLOW: PAGES})
    run = last_run(running)
    assert run.conclusion == "success", run.log.read_text()
    assert f"deployed to {running.at.pages_url}/ada/app/" in run.log.read_text()
    assert running.page("ada/app/").text == "<h1>/pages/ada/app</h1>"
    assert running.page("ada/app/_parts/part.html").status_code == 200
    assert running.page("ada/app/.hidden.html").status_code == 404
    assert running.page("ada/app/.github/workflows/pages.yml").status_code == 404
    with running.client(None) as api:
        listed = api.get(f"/repos/ada/app/actions/runs?head_sha={commit}").json()
        assert api.get("/repos/ada/app/actions/runs?head_sha=0").json()["total_count"] == 0
    (told,) = listed["workflow_runs"]
    assert (told["head_sha"], told["event"], told["path"]) == (commit, "push", FLOW)
    assert (told["conclusion"], told["display_title"]) == ("success", "Change")


@pytest.mark.parametrize("build_type", [None, "legacy"])
def test_push__without_a_site_by_workflow(running: World, build_type: str | None) -> None:
    """Where Pages is off, or builds the branch, the run fails and says what is missing."""
    running.push("ada/app", {"index.html": b"one"})
    if build_type:
        enable(running, build_type)
    running.push("ada/app", {"index.html": b"two", FLOW: PAGES})
    run = last_run(running)
    assert run.conclusion == "failure"
    assert "Ensure GitHub Pages has been enabled" in run.log.read_text()
    assert running.page("ada/app/").status_code == (200 if build_type else 404)


def test_push__other_workflows_are_left(running: World) -> None:
    """A workflow that deploys no site, and a branch that none listens to, start nothing."""
    other = PAGES.replace(b"actions/deploy-pages", b"actions/checkout")
    running.push("ada/app", {".github/workflows/test.yml": other})
    url, checkout = f"{running.at.server_url}/ada/app.git", running.folder / "checkouts/ada/app"
    (checkout / FLOW).write_bytes(PAGES)
    running.git("add", "-A", cwd=checkout)
    running.git("commit", "-qm", "Change", cwd=checkout)
    running.git("push", "-q", url, "HEAD:refs/heads/x", cwd=checkout)
    assert running.hub.runs("ada/app") == []
