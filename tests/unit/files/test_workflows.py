"""Workflow files: what GitHub would take, and what it would refuse."""

from pathlib import Path

import pytest

from builder.files.formats import faults

PATH = ".github/workflows/pages.yml"
FLOW = """
name: Pages
on:
  push: {branches: [main]}
  schedule: [{cron: "0 6 * * *"}]
permissions: {contents: read, pages: write, id-token: write}
concurrency: {group: pages, cancel-in-progress: true}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v6
        with: {persist-credentials: false}
      - run: python make.py > out.json
        env: {MODE: "on"}
  deploy:
    needs: build
    runs-on: ubuntu-latest
    environment: {name: github-pages, url: "${{ steps.deployment.outputs.page_url }}"}
    steps:
      - id: deployment
        uses: actions/deploy-pages@v4
"""


def seen(text: str, path: str = PATH) -> list[tuple[bool, str]]:
    return [*faults(path, text.encode())]


def test_faults__workflows_of_our_own() -> None:
    """A usual workflow has none, nor have those of this repository."""
    own = (Path(__file__).resolve().parents[3] / ".github/workflows").glob("*.yml")
    for text in (FLOW, "on: push\njobs: {a: {runs-on: x, steps: [{run: echo}]}}", *map(read, own)):
        assert seen(text) == []


def read(path: Path) -> str:
    return path.read_text()


@pytest.mark.parametrize(
    ("old", "new", "where", "told"),
    [
        ("runs-on", "runs_on", "jobs.build", "runs_on"),
        ("- run:", "- runs:", "jobs.build.steps[1]", "it has runs, env"),
        ("push:", "pushed:", "on", "pushed"),
        ("on:\n", "when:\n", "$", "'when' was unexpected"),
        ("jobs:", "work:", "$", "'work' was unexpected"),
        ("contents: read", "contents: all", "permissions.contents", "'all' is not one of"),
        ("needs: build", "needs: make", "jobs.deploy.needs", "no job make"),
        (", id-token: write", "", "jobs.deploy", "needs permissions pages: write and id-token"),
        ("jobs:", "jobs: [", "no YAML", "line"),
        (FLOW, "Deploys the site", "$", "is not of type 'object'"),
    ],
)
def test_faults__of_a_workflow(old: str, new: str, where: str, told: str) -> None:
    """What GitHub would refuse is certain, with the place and the reason."""
    assert old in FLOW
    (is_certain, fault), *_ = seen(FLOW.replace(old, new, 1))
    assert is_certain
    assert fault.startswith(where)
    assert told in fault
    assert len(fault) < 400


def test_faults__not_checked() -> None:
    """A text that aliases make huge is told and not looked at; other YAML is no workflow."""
    bomb = "a: &a [x]\n" + "".join(f"{n}: &b{n} [*a, *a]\n" for n in range(9))
    assert [is_certain for is_certain, _ in seen(bomb)] == [False]
    assert seen("a: [", "data.yml") == []
    assert seen("a: [", ".github/workflows/readme.md") == []
