"""The hub's pages for people, at GitHub's own paths."""

import httpx

from local.hub.overview import markdown, summaries
from tests.integration.local.conftest import World

WORKFLOW = b"""
on: {repository_dispatch: {types: [go]}}
jobs:
  j:
    runs-on: ubuntu-24.04
    steps:
      - run: |
          printf '## Done\\n\\n| a |\\n| - |\\n| <img src=x> |\\n' >>"$GITHUB_STEP_SUMMARY"
      - run: echo afterwards
"""


def test_pages_for_people__open_and_escape(world: World, api: httpx.Client) -> None:
    """The overview, a repository and its runs open; text from outside is escaped."""
    body = {"name": "app", "description": "<script>alert(1)</script>"}
    api.post("/user/repos", json=body)
    commit = world.push("ada/app", {"README.md": b"# Hello <b>you</b>", "a/b.txt": b""})
    api.post("/repos/ada/app/pages", json={"source": {"branch": "main"}})
    overview, repository, actions = (
        httpx.get(f"{world.at.server_url}/{path}") for path in ("", "ada/app", "ada/app/actions")
    )
    for page in (overview, repository, actions):
        assert page.status_code == 200
        assert f"{world.at.pages_url}/ada/app/" in page.text
        assert "&lt;script&gt;alert(1)" in page.text
        assert "<script>alert(1)" not in page.text
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    for part in (commit, "a/b.txt", "<h1>Hello &lt;b&gt;you&lt;/b&gt;</h1>"):
        assert part in repository.text
    for path in ("ada/none", "ada/app/actions/runs/9"):
        assert httpx.get(f"{world.at.server_url}/{path}").status_code == 404


def test_run_page__is_named_and_shows_the_summary(world: World, api: httpx.Client) -> None:
    """A run is called by task and round; its summary is rendered, with HTML in it escaped."""
    api.post("/user/repos", json={"name": "app"})
    world.push("ada/app", {".github/workflows/w.yml": WORKFLOW})
    payload = {"task": "rain <i>", "round": 2}
    api.post("/repos/ada/app/dispatches", json={"event_type": "go", "client_payload": payload})
    run = world.hub.wait_for_run(world.hub.runs("ada/app")[-1].id, 60)
    listed = api.get("/repos/ada/app/actions/runs").json()["workflow_runs"]
    page = httpx.get(listed[0]["html_url"]).text
    for part in ("rain &lt;i&gt; round 2", "<h2>Done</h2>", "<td>&lt;img src=x&gt;</td>"):
        assert part in page
    assert "Main echo afterwards" in page
    assert f"/actions/runs/{run.id}" in httpx.get(f"{world.at.server_url}/ada/app/actions").text


def test_summaries__end_with_the_next_line_of_their_job() -> None:
    """Lines of a summary have no job in front; several steps may have one."""
    log = "[j]   ⚙  Summary - # A\nb\n[x] y\n[j] ⭐ next\nno\n[j]   ⚙  Summary - C\n"
    assert summaries(log) == ["# A\nb\n[x] y", "C"]


def test_markdown__links_to_the_web_only() -> None:
    """A link that runs a script is text."""
    assert "href" not in markdown("[a](javascript:alert(1))")
