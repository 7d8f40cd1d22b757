"""What README and --help say of the settings, beside what the programs ask their environment."""

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from builder.llm.candidates import ModelSettings
from builder.settings import Settings as BuilderSettings
from builder.verify.browser import programs
from receiver.settings import Settings as ReceiverSettings

ROOT = Path(__file__).resolve().parents[1]
NAME = re.compile(r"[A-Z]+(?:_[A-Z]+)*")
SET_BY_ACTIONS = {
    "FORCE",
    "GITHUB_EVENT_NAME",
    "GITHUB_REPOSITORY",
    "GITHUB_RUN_ATTEMPT",
    "GITHUB_RUN_ID",
    "GITHUB_TOKEN",
    "JOB_STARTED_AT",
    "RUNNER_DEBUG",
}
"""Facts about the run; nobody sets them."""
SET_BY_RUNNER = {"GITHUB_API_URL", "GITHUB_SERVER_URL"}


class Environment(Mapping[str, str]):
    """An environment that keeps what it was asked for."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self.asked: set[str] = set()
        self._variables = variables

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        return self._variables[name]

    def __iter__(self) -> Iterator[str]:
        raise AssertionError("asked for every variable there is")

    def __len__(self) -> int:
        return len(self._variables)


def table(program: str) -> set[str]:
    """Return the names in the first column of the program's table in README."""
    text = (ROOT / "README.md").read_text()
    rows = text.partition(f"\n| {program} | default | |\n")[2].partition("\n\n")[0]
    return {name for row in rows.splitlines() for name in NAME.findall(row.split("|")[1])}


def test_settings_tables__builder() -> None:
    """README lists what the builder reads, no more and no less."""
    environment = Environment({})
    read = (*BuilderSettings.model_fields, *ModelSettings.model_fields)
    environment.asked |= {name.upper() for name in read}
    programs(environment)
    assert table("builder") == environment.asked - SET_BY_ACTIONS


def test_settings_tables__the_workflow_passes_them_on() -> None:
    """What README says to set as a variable or secret of the repository reaches a step."""
    workflow = (ROOT / ".github/workflows/build.yml").read_text()
    passed_on = set(
        re.findall(r"^ +([A-Z_]+): \$\{\{ (?:vars|secrets)\.\1\b", workflow, re.MULTILINE)
    )
    assert table("builder") - SET_BY_RUNNER == passed_on


def test_settings_tables__receiver() -> None:
    """README and --help list what the receiver reads, no more and no less."""
    shown = subprocess.run(
        [sys.executable, "-m", "receiver", "--help"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.partition("environment:\n")[2]
    helped = {name for row in shown.splitlines() for name in NAME.findall(row[:28])}
    assert table("receiver") == helped == {name.upper() for name in ReceiverSettings.model_fields}
