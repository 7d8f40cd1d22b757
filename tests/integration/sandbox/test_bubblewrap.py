"""What an honest build script gets: packages, files, time; and how a missing sandbox is told."""

import csv
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from builder.sandbox.bubblewrap import PACKAGES, Sandbox
from tests.conftest import workbook

ROOT = Path(__file__).resolve().parents[3]
SHEET = """<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>city</t></is></c>
<c r="B1" t="inlineStr"><is><t>rain</t></is></c></row><row r="2">
<c r="A2" t="inlineStr"><is><t>Oslo, N</t></is></c><c r="B2"><v>12.5</v></c></row></sheetData>"""


def test_sandbox__has_the_declared_packages(sandbox: Sandbox) -> None:
    """All that pyproject.toml installs for build scripts can be imported in the sandbox."""
    assert sandbox.packages == [*PACKAGES]
    outcome = sandbox.run(f"import {', '.join(PACKAGES)}", {}, {}, 30)
    assert outcome.error is None, outcome


def test_run__converts_an_input(sandbox: Sandbox) -> None:
    """A script reads what is beside the site, and what it writes comes out, the rest does not."""
    script = """
import pandas
table = pandas.read_excel("../inputs/rain.xlsx", engine="calamine")
table.to_csv("data/rain.csv", index=False)
print(len(table), "rows")
"""
    site = {"index.html": b"<p>", "data/old.csv": b"a\n"}
    outcome = sandbox.run(script, site, {"rain.xlsx": workbook(SHEET)}, 30)
    assert outcome.error is None, outcome
    assert outcome.output == "1 rows\n"
    assert outcome.files.keys() == {"data/rain.csv"}
    rows = [*csv.reader(io.StringIO(outcome.files["data/rain.csv"].decode()))]
    assert rows == [["city", "rain"], ["Oslo, N", "12.5"]]


def test_run__changes_a_file(sandbox: Sandbox) -> None:
    """A file of the site that is written again with the same bytes is no change."""
    script = """
from pathlib import Path
for name in "same", "other": Path(name).write_text("same")
Path("gone").unlink()
"""
    site = {"same": b"same", "other": b"other", "gone": b""}
    assert sandbox.run(script, site, {}, 10).files == {"other": b"same"}


def test_run__tells_the_traceback(sandbox: Sandbox) -> None:
    """A script that raises is told by its exit code and its traceback."""
    outcome = sandbox.run("total = 1\nprint(total / 0)", {}, {}, 10)
    assert outcome.error == "exit code 1"
    assert "line 2, in <module>" in outcome.output
    assert outcome.output.endswith("ZeroDivisionError: division by zero\n")


def test_sandbox__not_installed() -> None:
    """Without bubblewrap nothing is run, and it is said why."""
    sandbox = Sandbox(path="/no/such/folder")
    assert sandbox.unavailable == "bubblewrap is not installed"
    assert sandbox.packages == []


def test_sandbox__refused_by_the_machine(tmp_path: Path) -> None:
    """A bubblewrap that cannot make namespaces is told in its own words."""
    program = tmp_path / "bwrap"
    program.write_text(
        "#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1"
    )
    program.chmod(0o755)
    tmp_path.chmod(0o755)
    told = Sandbox(path=str(tmp_path)).unavailable
    assert told is not None
    assert "No permissions to create new namespace" in told


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")
def test_sandbox__below_a_closed_folder(tmp_path: Path) -> None:
    """Root's Python may be in folders closed to others, its packages in others again.

    That is how the workflow's Python is made on the local GitHub.
    """
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    layer = ROOT / "local/actions/setup-python/layered_environment.py"
    files = {name: str(tmp_path / name) for name in ("GITHUB_PATH", "GITHUB_ENV")}
    environ = {"PATH": os.defpath, **files}
    subprocess.run([sys.executable, str(layer), str(closed / "env")], env=environ, check=True)
    script = """
from builder.sandbox.bubblewrap import Sandbox
print((sandbox := Sandbox()).unavailable, *sandbox.packages)
"""
    told = subprocess.run(
        [str(closed / "env/bin/python"), "-c", script],
        cwd=ROOT,
        env={"PATH": os.defpath},
        capture_output=True,
        text=True,
    )
    assert told.stdout.split() == ["None", *PACKAGES], told
