"""Workflow runs of the local GitHub by the real act, from the dispatch to the conclusion."""

import json
import os
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from local.hub import ActionsState, HubOptions, RunnerBrowsers, WorkflowRun
from local.hub.act import marked
from local.hub.workflows import Workflow
from local.server import serve
from tests.integration.local.conftest import World, filled

SECRET = "the-builder-token-4711"
HEAD = """
name: tiny
on:
  repository_dispatch: {types: [go]}
  workflow_dispatch: {inputs: {word: {default: hello}}}
jobs:
  job:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1
"""
TELL = f"""{HEAD}
      - name: Tell
        env:
          TOKEN: ${{{{ secrets.BUILDER_TOKEN }}}}
          OWN: ${{{{ github.token }}}}
        run: |
          echo "::add-mask::nonce-815"
          echo "nonce-815 $TOKEN ${{{{ vars.COLOUR }}}} ${{{{ inputs.word }}}}"
          echo "token of $(printf %s "$TOKEN" | wc -c) characters, file $(cat kept.txt)"
          echo "attempt $GITHUB_RUN_ATTEMPT of $GITHUB_REPOSITORY at $GITHUB_API_URL"
          blob="$GITHUB_API_URL/repos/ada/tiny/git/blobs/$(git rev-parse HEAD:kept.txt)"
          curl -s -o answer.json -w 'own token %{{http_code}}\\n' \\
            -H "Authorization: Bearer $OWN" "$blob"
          cp "$GITHUB_EVENT_PATH" event.json
      - name: Environment
        run: env
      - uses: actions/upload-artifact@v7
        with: {{name: files, path: "answer.json\\nevent.json"}}
"""
ENDLESS = f"""{HEAD}
      - run: |
          setsid sleep 3600 &
          echo started
          sleep 3600
      - if: always()
        run: echo afterwards
"""
BROWSERS = f"""{HEAD}
      - run: |
          for name in chromium google-chrome; do
            "$name" --version && echo "$name works" || echo "$name ends with $?"
          done
"""
INSTALL = f"""{HEAD}
      - uses: actions/setup-python@v7
      - run: python -m pip install --quiet --retries 0 httpx tiny-dice
      - run: python -c 'import httpx, sys; print("own", sys.prefix != sys.base_prefix, sys.prefix)'
      - run: python -c 'import tiny_dice; print("threw", tiny_dice.throw())'
"""


class Tiny:
    """A repository with one workflow, ready to be dispatched to."""

    def __init__(self, world: World, workflow: str) -> None:
        self.world = world
        world.push("ada/tiny", {".github/workflows/tiny.yml": workflow.encode(), "kept.txt": b"7"})
        world.hub.set_secret("ada/tiny", "BUILDER_TOKEN", SECRET)
        world.hub.set_variable("ada/tiny", "COLOUR", "teal")

    def dispatch(self, **payload: object) -> None:
        with self.world.client() as api:
            body = {"event_type": "go", "client_payload": payload}
            assert api.post("/repos/ada/tiny/dispatches", json=body).status_code == 204

    @property
    def runs(self) -> list[WorkflowRun]:
        return self.world.hub.runs("ada/tiny")

    def run(self, **payload: object) -> WorkflowRun:
        self.dispatch(**payload)
        return self.world.hub.wait_for_run(self.runs[-1].id, 60)


TinyOn = Callable[..., Tiny]


@pytest.fixture
def served() -> Iterator[ExitStack]:
    """What is being served, until it is closed."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def tiny_on(tmp_path: Path, served: ExitStack) -> TinyOn:
    """Serve a hub with such options, on the real clock, and put a workflow into ada/tiny."""

    def make(workflow: str, **options: Any) -> Tiny:
        hub = filled(tmp_path / "hub", HubOptions(**options))
        hub.add_repository("ada/tiny")
        at = served.enter_context(hub.serve())
        return Tiny(World(hub, at, time.time, tmp_path), workflow)  # type: ignore[arg-type]

    return make


def test_run__from_dispatch_to_conclusion(tiny_on: TinyOn, monkeypatch: pytest.MonkeyPatch) -> None:
    """A step gets secret, variable, event, its own token; the log shows no secret, no mask, and
    nothing of the developer's own. Event, log and artifacts stay, the event for its owner only."""
    monkeypatch.setenv("DEVELOPER", "private-matter")
    tiny = tiny_on(TELL, run_environ={"EXTRA": "extra"})
    run = tiny.run(task="rain", round=2)
    log = run.log.read_text()
    assert (run.title, run.conclusion) == ("rain round 2", "success"), log
    for line in (
        "*** *** teal",
        f"token of {len(SECRET)} characters, file 7",
        f"attempt 1 of ada/tiny at {tiny.world.at.api_url}",
        "own token 200",
    ):
        assert line in log
    shown = log.partition("Run Main Environment")[2]
    assert "EXTRA=extra" in shown
    for name in ("BUILDER_TOKEN", "TOKEN=", "DEVELOPER"):
        assert name not in shown
    assert not [private for private in (SECRET, "nonce-815") if private in log]
    event = json.loads((run.artifacts / "files/event.json").read_bytes())
    assert (event["action"], event["sender"]["login"]) == ("go", "ada")
    assert event["client_payload"] == {"task": "rain", "round": 2}
    assert event["repository"]["full_name"] == "ada/tiny"
    folder = run.log.parent
    assert sorted(path.name for path in folder.iterdir()) == ["artifacts", "event.json", "log.txt"]
    assert (folder / "event.json").stat().st_mode & 0o777 == 0o600


def test_run__by_workflow_dispatch(tiny_on: TinyOn) -> None:
    """Inputs reach the workflow, defaults filled in; what it does not know is refused."""
    tiny = tiny_on(TELL)
    path = "/repos/ada/tiny/actions/workflows/tiny.yml/dispatches"
    with tiny.world.client() as api:
        assert api.post(path, json={"ref": "main"}).status_code == 204
        run = tiny.world.hub.wait_for_run(tiny.runs[0].id, 60)
        assert "teal hello" in run.log.read_text()
        for wrong, reason in (
            ({"ref": "nowhere"}, "No ref found for: nowhere"),
            ({"ref": "main", "inputs": {"b": 1}}, 'Unexpected inputs provided: ["b"]'),
        ):
            refused = api.post(path, json=wrong)
            assert (refused.status_code, refused.json()["message"]) == (422, reason)
        unknown = path.replace("tiny.yml", "no.yml")
        assert api.post(unknown, json={"ref": "main"}).status_code == 404


@pytest.mark.parametrize(
    ("actions", "state", "conclusions"),
    [(ActionsState.OFF, "disabled_manually", []), (ActionsState.NO_MINUTES, "active", ["failure"])],
)
def test_actions__disabled_or_without_minutes(
    tiny_on: TinyOn, actions: ActionsState, state: str, conclusions: list[str]
) -> None:
    """The dispatch answers 204 all the same; no run, or one whose jobs fail without a step."""
    tiny = tiny_on(TELL, actions=actions)
    tiny.dispatch(task="rain", round=1)
    assert [run.conclusion for run in tiny.runs] == conclusions
    assert all("spending limit" in run.log.read_text() for run in tiny.runs)
    with tiny.world.client() as api:
        (shown,) = api.get("/repos/ada/tiny/actions/workflows").json()["workflows"]
        assert (shown["path"], shown["state"]) == (".github/workflows/tiny.yml", state)
        start = "/repos/ada/tiny/actions/workflows/tiny.yml/dispatches"
        by_hand = api.post(start, json={"ref": "main"})
        assert by_hand.status_code == (204 if conclusions else 422)


@pytest.mark.parametrize(
    ("browsers", "said"),
    [
        (RunnerBrowsers.UBUNTU_24_04, ("chromium ends with 133", "google-chrome works")),
        (RunnerBrowsers.NONE, ("chromium ends with 127", "google-chrome ends with 127")),
    ],
)
def test_browsers__of_a_runner(
    tiny_on: TinyOn, browsers: RunnerBrowsers, said: tuple[str, ...]
) -> None:
    """As on ubuntu-24.04 the first chromium on PATH finds no sandbox, and google-chrome works."""
    log = tiny_on(BROWSERS, browsers=browsers).run().log.read_text()
    assert [line for line in said if line not in log] == []
    assert ("No usable sandbox" in log) is (browsers is RunnerBrowsers.UBUNTU_24_04)


@pytest.fixture
def package_index(tmp_path: Path, served: ExitStack) -> str:
    """An index on loopback that holds one package."""
    folder, info = tmp_path / "index/tiny-dice", "tiny_dice-1.0.dist-info"
    folder.mkdir(parents=True)
    wheel = "tiny_dice-1.0-py3-none-any.whl"
    with zipfile.ZipFile(folder / wheel, "w") as file:
        file.writestr("tiny_dice.py", "def throw(): return 4\n")
        file.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: tiny-dice\nVersion: 1.0\n")
        about = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        file.writestr(f"{info}/WHEEL", about)
        file.writestr(f"{info}/RECORD", "")
    (folder / "index.html").write_text(f'<a href="{wheel}">{wheel}</a>')
    files = StaticFiles(directory=tmp_path / "index", html=True)
    return served.enter_context(serve(Starlette(routes=[Mount("/", files)])))


def test_pip__takes_from_the_index_what_this_machine_has_not(
    tiny_on: TinyOn, package_index: str
) -> None:
    """In an environment of the run's own; httpx, which the index lacks, is taken from here."""
    environ = {"PIP_INDEX_URL": package_index, "PIP_CONFIG_FILE": os.devnull}
    run = tiny_on(INSTALL, run_environ=environ).run()
    log = run.log.read_text()
    assert f"own True {run.log.parent}" in log
    assert "threw 4" in log
    assert "Success - Main python -m pip install" in log


def test_run__ends_with_the_hub(tiny_on: TinyOn, served: ExitStack) -> None:
    """A hub that stops ends what its runs started, also what a step left behind."""
    tiny = tiny_on(ENDLESS)
    tiny.dispatch()
    (run,) = tiny.runs
    while "| started" not in run.folder.read_log():
        assert run.status != "completed"
    assert marked(str(run.log.parent))
    served.close()
    assert marked(str(run.log.parent)) == []
    assert run.conclusion == "cancelled"


def test_workflow__what_it_listens_to() -> None:
    """`on` is a name, a list or a mapping; types narrow a dispatch, branches a push."""
    for on, starts, pushes in (
        ("{repository_dispatch: }", True, []),
        ("[push, repository_dispatch]", True, ["main", "rel/2"]),
        ("{repository_dispatch: {types: one}, push: {branches: 'rel/*'}}", True, ["rel/2"]),
        ("{repository_dispatch: {types: [two]}, push: {branches: [main]}}", False, ["main"]),
        ("workflow_dispatch", False, []),
    ):
        workflow = Workflow.parse("w.yml", f"on: {on}\njobs: {{}}\n")
        assert workflow is not None
        assert workflow.listens_to_dispatch("one") is starts
        assert list(filter(workflow.listens_to_push, ("main", "rel/2"))) == pushes


def test_workflow__files_that_are_none() -> None:
    """What is no workflow is passed over."""
    assert [Workflow.parse("w.yml", text) for text in ("", "a: [", "- a", "on: push")] == [None] * 4
