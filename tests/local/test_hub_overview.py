"""The hub's page for people."""

from pathlib import Path

import httpx
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from local.hub import HubOptions
from local.server import serve
from tests.local.conftest import Clock, World, filled

CALLBACKS = [{"task": "<b>rain</b>", "round": 1, "status": "success", "accepted": True}]


def evaluator() -> Starlette:
    """Answer CALLBACKS, as the evaluator lists them."""
    return Starlette(routes=[Route("/callbacks", lambda _: JSONResponse(CALLBACKS))])


def test_overview__lists_what_there_is(world: World, api: httpx.Client) -> None:
    """Repositories with their site are listed; text from outside is escaped."""
    body = {"name": "app", "description": "<script>alert(1)</script>", "auto_init": True}
    api.post("/user/repos", json=body)
    api.post("/repos/ada/app/pages", json={"source": {"branch": "main"}})
    page = httpx.get(world.at.server_url)
    assert page.status_code == 200
    assert f"{world.at.pages_url}/ada/app/" in page.text
    assert "&lt;script&gt;alert(1)" in page.text
    assert "<script>alert(1)" not in page.text
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert httpx.get(f"{world.at.server_url}/overview/overview.css").status_code == 200
    assert httpx.get(f"{world.at.server_url}/overview/state.html").status_code == 404


def test_overview__lists_callbacks(tmp_path: Path) -> None:
    """Callbacks come from the evaluator, escaped; without one that answers the page works."""
    with serve(evaluator()) as url:
        hub = filled(tmp_path / "hub", HubOptions(evaluator_url=url))
        with hub.serve() as at:
            assert "&lt;b&gt;rain&lt;/b&gt;" in httpx.get(at.server_url).text
    with hub.serve() as at:
        assert "No callback yet." in httpx.get(at.server_url).text


def test_overview__a_run_that_is_not_there(world: World) -> None:
    """An unknown run is a 404."""
    for path in ("overview/runs/9", "overview/runs/9/log"):
        assert httpx.get(f"{world.at.server_url}/{path}").status_code == 404


def test_overview__a_log_from_a_byte_on(world: World, api: httpx.Client) -> None:
    """The page asks for what is new of a log only, and is told when the run is over."""
    workflow = b"on: workflow_dispatch\njobs: {j: {runs-on: ubuntu-24.04, steps: [{run: echo hi}]}}"
    api.post("/user/repos", json={"name": "app"})
    world.push("ada/app", {".github/workflows/w.yml": workflow})
    path = "/repos/ada/app/actions/workflows/w.yml/dispatches"
    started = api.post(path, json={"ref": "main", "return_run_details": True}).json()
    run = world.hub.wait_for_run(started["workflow_run_id"], 60)
    source = f"{world.at.server_url}/overview/runs/{run.id}"
    whole = httpx.get(f"{source}/log")
    assert whole.content == run.log.read_bytes()
    assert whole.headers["X-Run-Done"] == "true"
    assert whole.headers["X-Run-State"] == "success"
    assert httpx.get(f"{source}/log?from={len(whole.content) - 5}").content == whole.content[-5:]
    assert f"Run {run.id}" in httpx.get(source).text
    assert Clock().now == run.created_at
