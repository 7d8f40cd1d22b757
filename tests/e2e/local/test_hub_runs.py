"""Workflow runs of the local GitHub by the real act, from the dispatch to the conclusion."""

import json
import os
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from local.hub import ActionsState, HubOptions, RunnerBrowsers, WorkflowRun
from local.hub.processes import marked
from local.hub.workflows import Workflow
from local.server import serve
from tests.integration.local.conftest import World, filled

SECRET = "the-builder-token-4711"
HEAD = """
name: tiny
on:
  repository_dispatch:
    types: [go]
  workflow_dispatch:
    inputs:
      word: {default: hello}
jobs:
  job:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1
"""
TELL = (
    HEAD
    + """
      - name: Tell
        env:
          TOKEN: ${{ secrets.BUILDER_TOKEN }}
          OWN: ${{ github.token }}
        run: |
          echo "::add-mask::nonce-815"
          echo "nonce-815 $TOKEN ${{ vars.COLOUR }} ${{ inputs.word }}"
          echo "token of $(printf %s "$TOKEN" | wc -c) characters, file $(cat kept.txt)"
          echo "attempt $GITHUB_RUN_ATTEMPT of $GITHUB_REPOSITORY at $GITHUB_API_URL"
          blob="$GITHUB_API_URL/repos/ada/tiny/git/blobs/$(git rev-parse HEAD:kept.txt)"
          curl -s -o answer.json -w 'own token %{http_code}\\n' \\
            -H "Authorization: Bearer $OWN" "$blob"
          cp "$GITHUB_EVENT_PATH" event.json
      - name: Environment
        run: env
      - uses: actions/upload-artifact@v7
        with:
          name: files
          path: |
            answer.json
            event.json
"""
)
PYTHON = (
    HEAD
    + """
      - uses: actions/setup-python@v7
      - run: |
          python -c 'import sys, httpx; print("prefix", sys.prefix, sys.prefix != sys.base_prefix)'
          python -m pip --version
"""
)
ENDLESS = (
    HEAD
    + """
      - run: |
          setsid sleep 3600 &
          echo started
          sleep 3600
      - if: always()
        run: echo afterwards
"""
)


class Tiny:
    """A repository with one workflow, ready to be dispatched to."""

    def __init__(self, world: World, workflow: str) -> None:
        self.world = world
        world.push("ada/tiny", {".github/workflows/tiny.yml": workflow.encode(), "kept.txt": b"7"})
        world.hub.set_secret("ada/tiny", "BUILDER_TOKEN", SECRET)
        world.hub.set_variable("ada/tiny", "COLOUR", "teal")

    def dispatch(self, kind: str = "go", **payload: object) -> None:
        with self.world.client() as api:
            body = {"event_type": kind, "client_payload": payload}
            assert api.post("/repos/ada/tiny/dispatches", json=body).status_code == 204

    @property
    def runs(self) -> list[WorkflowRun]:
        return self.world.hub.runs("ada/tiny")

    def run(self, **payload: object) -> WorkflowRun:
        self.dispatch("go", **payload)
        return self.world.hub.wait_for_run(self.runs[-1].id, 60)

    def wait_for_log(self, text: str) -> WorkflowRun:
        """Follow the newest run's log until it holds `text`."""
        end = time.monotonic() + 30
        while time.monotonic() < end:
            run = self.runs[-1]
            if run.log.exists() and text in run.log.read_text():
                return run
        raise AssertionError(f"no {text!r} in the log of run {self.runs[-1].id}")


@contextmanager
def tiny_on(folder: Path, options: HubOptions, workflow: str) -> Iterator[Tiny]:
    """Serve a hub with such options, on the real clock, and put `workflow` into ada/tiny."""
    hub = filled(folder / "hub", options)
    hub.add_repository("ada/tiny")
    with hub.serve() as at:
        yield Tiny(World(hub, at, time.time, folder), workflow)  # type: ignore[arg-type]


@pytest.fixture
def running(tmp_path: Path) -> Iterator[World]:
    """A hub on the real clock, with an empty repository ada/tiny."""
    hub = filled(tmp_path / "hub", HubOptions(run_environ={"EXTRA": "extra"}))
    hub.add_repository("ada/tiny")
    with hub.serve() as at:
        yield World(hub, at, time.time, tmp_path)  # type: ignore[arg-type]


def test_run__from_dispatch_to_conclusion(running: World) -> None:
    """A step gets secret, variable, event, its own token; the log shows no secret, no mask."""
    run = Tiny(running, TELL).run(task="rain", round=2)
    log = run.log.read_text()
    assert run.conclusion == "success", log
    for line in (
        "*** *** teal",
        f"token of {len(SECRET)} characters, file 7",
        f"attempt 1 of ada/tiny at {running.at.api_url}",
        "own token 200",
    ):
        assert line in log
    assert SECRET not in log
    assert "nonce-815" not in log
    event = json.loads((run.artifacts / "files/event.json").read_bytes())
    assert event["action"] == "go"
    assert event["client_payload"] == {"task": "rain", "round": 2}
    assert run.title == "rain round 2"
    assert event["repository"]["full_name"] == "ada/tiny"
    assert event["sender"]["login"] == "ada"


def test_run__what_a_step_does_not_see(running: World) -> None:
    """A secret is in no step that did not ask for it, nor is the developer's environment."""
    os.environ["DEVELOPER"] = "private-matter"
    try:
        run = Tiny(running, TELL).run()
    finally:
        del os.environ["DEVELOPER"]
    shown = run.log.read_text().partition("Run Main Environment")[2]
    assert "EXTRA=extra" in shown
    for name in ("BUILDER_TOKEN", "TOKEN=", "DEVELOPER"):
        assert name not in shown


def test_run__what_stays(running: World) -> None:
    """Event, log and artifacts stay, the event for the owner only; the workspace goes."""
    run = Tiny(running, TELL).run()
    folder = run.log.parent
    assert sorted(path.name for path in folder.iterdir()) == ["artifacts", "event.json", "log.txt"]
    assert (folder / "event.json").stat().st_mode & 0o777 == 0o600


def test_run__once_more(running: World) -> None:
    """A re-run has the same event and the next attempt; the first log stays."""
    tiny = Tiny(running, TELL)
    first = tiny.run(id="4711")
    with running.client() as api:
        assert api.post(f"/repos/ada/tiny/actions/runs/{first.id}/rerun").status_code == 201
        again = running.hub.wait_for_run(first.id, 60)
        (shown,) = api.get("/repos/ada/tiny/actions/runs").json()["workflow_runs"]
    assert (again.attempt, again.conclusion) == (2, "success")
    assert "attempt 2 of ada/tiny" in again.log.read_text()
    assert "attempt 1 of ada/tiny" in (again.log.parent / "log.1.txt").read_text()
    event = json.loads((again.artifacts / "files/event.json").read_bytes())
    assert event["client_payload"] == {"id": "4711"}
    assert (shown["run_attempt"], shown["conclusion"]) == (2, "success")


def test_run__by_workflow_dispatch(running: World) -> None:
    """Inputs reach the workflow, defaults filled in; what it does not know is refused."""
    Tiny(running, TELL)
    path = "/repos/ada/tiny/actions/workflows/tiny.yml/dispatches"
    with running.client() as api:
        body = {"ref": "main"}
        assert api.post(path, json=body).status_code == 204
        (run,) = running.hub.runs("ada/tiny")
        assert "teal hello" in running.hub.wait_for_run(run.id, 60).log.read_text()
        for wrong, reason in (
            ({"ref": "nowhere"}, "No ref found for: nowhere"),
            ({"ref": "main", "inputs": {"b": 1}}, 'Unexpected inputs provided: ["b"]'),
        ):
            refused = api.post(path, json=wrong)
            assert (refused.status_code, refused.json()["message"]) == (422, reason)
        assert api.post(path.replace("tiny.yml", "no.yml"), json=body).status_code == 404


def test_run__python_of_its_own(running: World) -> None:
    """setup-python gives an environment of the run that sees what is installed, pip too."""
    run = Tiny(running, PYTHON).run()
    log = run.log.read_text()
    assert run.conclusion == "success", log
    prefix = log.partition("| prefix ")[2].split()
    assert prefix[0].startswith(str(run.log.parent))
    assert prefix[1] == "True"


@pytest.mark.parametrize(
    ("actions", "state", "conclusions"),
    [(ActionsState.OFF, "disabled_manually", []), (ActionsState.NO_MINUTES, "active", ["failure"])],
)
def test_actions__disabled_or_without_minutes(
    tmp_path: Path, actions: ActionsState, state: str, conclusions: list[str]
) -> None:
    """The dispatch answers 204 all the same; no run, or one whose jobs fail without a step."""
    with tiny_on(tmp_path, HubOptions(actions=actions), TELL) as tiny:
        tiny.dispatch(task="rain", round=1)
        assert [run.conclusion for run in tiny.runs] == conclusions
        with tiny.world.client() as api:
            (shown,) = api.get("/repos/ada/tiny/actions/workflows").json()["workflows"]
            assert (shown["path"], shown["state"]) == (".github/workflows/tiny.yml", state)
            assert all("spending limit" in run.log.read_text() for run in tiny.runs)
            start = "/repos/ada/tiny/actions/workflows/tiny.yml/dispatches"
            by_hand = api.post(start, json={"ref": "main"})
            assert by_hand.status_code == (204 if conclusions else 422)


BROWSERS = (
    HEAD
    + """
      - run: |
          for name in chromium google-chrome; do
            "$name" --version && echo "$name works" || echo "$name ends with $?"
          done
"""
)


@pytest.mark.parametrize(
    ("browsers", "said"),
    [
        (RunnerBrowsers.UBUNTU_24_04, ("chromium ends with 133", "google-chrome works")),
        (RunnerBrowsers.NONE, ("chromium ends with 127", "google-chrome ends with 127")),
    ],
)
def test_browsers__of_a_runner(
    tmp_path: Path, browsers: RunnerBrowsers, said: tuple[str, ...]
) -> None:
    """As on ubuntu-24.04 the first chromium on PATH finds no sandbox, and google-chrome works."""
    with tiny_on(tmp_path, HubOptions(browsers=browsers), BROWSERS) as tiny:
        log = tiny.run().log.read_text()
    assert [line for line in said if line not in log] == []
    assert ("No usable sandbox" in log) is (browsers is RunnerBrowsers.UBUNTU_24_04)


INSTALL = (
    HEAD
    + """
      - uses: actions/setup-python@v7
      - run: python -m pip install --quiet --retries 0 WHAT
      - run: python -c 'import httpx, tiny_dice; print("threw", tiny_dice.throw())'
"""
)


@pytest.fixture
def package_index(tmp_path: Path) -> Iterator[str]:
    """An index on loopback that holds one package."""
    folder = tmp_path / "index/tiny-dice"
    folder.mkdir(parents=True)
    about = "Metadata-Version: 2.1\nName: tiny-dice\nVersion: 1.0\n"
    info = "tiny_dice-1.0.dist-info"
    with zipfile.ZipFile(folder / "tiny_dice-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("tiny_dice.py", "def throw(): return 4\n")
        wheel.writestr(f"{info}/METADATA", about)
        wheel.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{info}/RECORD", "")
    with serve(
        Starlette(routes=[Mount("/", StaticFiles(directory=tmp_path / "index", html=True))])
    ) as url:
        name = "tiny_dice-1.0-py3-none-any.whl"
        (folder / "index.html").write_text(f'<a href="{name}">{name}</a>')
        yield url


@pytest.mark.parametrize("online", [True, False])
def test_pip__online_and_offline(tmp_path: Path, package_index: str, online: bool) -> None:
    """What this machine has installs without an index; what it has not comes from the index."""
    index = package_index if online else "http://127.0.0.1:9"
    environ = {"PIP_INDEX_URL": index, "PIP_CONFIG_FILE": os.devnull}
    what = "httpx tiny-dice" if online else "httpx"
    workflow = INSTALL.replace("WHAT", what)
    with tiny_on(tmp_path, HubOptions(run_environ=environ), workflow) as tiny:
        run = tiny.run()
    log = run.log.read_text()
    assert ("threw 4" in log) is online
    assert "Success - Main python -m pip install" in log


def test_run__ends_with_the_hub(tmp_path: Path) -> None:
    """A hub that stops ends what its runs started, also what a step left behind."""
    with tiny_on(tmp_path, HubOptions(), ENDLESS) as tiny:
        tiny.dispatch()
        run = tiny.wait_for_log("| started")
    assert marked(str(run.log.parent)) == []
    assert run.conclusion == "cancelled"


@pytest.mark.parametrize(
    ("on", "event", "kind", "starts"),
    [
        ("push", "push", "", True),
        ("[push, workflow_dispatch]", "workflow_dispatch", "", True),
        ("{repository_dispatch: }", "repository_dispatch", "any", True),
        ("{repository_dispatch: {types: one}}", "repository_dispatch", "one", True),
        ("{repository_dispatch: {types: [one]}}", "repository_dispatch", "two", False),
        ("push", "repository_dispatch", "one", False),
    ],
)
def test_workflow__what_it_listens_to(on: str, event: str, kind: str, starts: bool) -> None:
    """`on` is a name, a list or a mapping; types narrow a repository_dispatch."""
    workflow = Workflow.parse("w.yml", f"on: {on}\njobs: {{}}\n")
    assert workflow is not None
    assert workflow.listens_to(event, kind) is starts


@pytest.mark.parametrize("text", ["", "a: [", "- a", "on: push"])
def test_workflow__files_that_are_none(text: str) -> None:
    """What is no workflow is passed over."""
    assert Workflow.parse("w.yml", text) is None
