"""What is released: constraints.txt and CHANGELOG.md, beside what pyproject.toml promises."""

import re
import tomllib
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).resolve().parents[3]
OLDEST = "3.11.2"
"""Python of Debian 12, which README names."""


def test_constraints__can_be_installed_on_debian() -> None:
    """Each version that is pinned takes the Python of Debian 12, as README says."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert OLDEST in SpecifierSet(project["requires-python"])
    looked_at = []
    for line in (ROOT / "constraints.txt").read_text().splitlines():
        pinned = Requirement(line)
        try:
            told = metadata(pinned.name)
        except PackageNotFoundError:
            continue
        if told["Version"] in pinned.specifier:
            needed = SpecifierSet(told["Requires-Python"] or "")
            assert needed.contains(OLDEST), f"{line} needs Python {needed}"
            looked_at.append(line)
    assert len(looked_at) > 50


def test_changelog__begins_with_the_version() -> None:
    """The newest section of the changelog is that of the version in pyproject.toml, with its date
    or `unreleased`."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    newest = re.search(r"^## (.*)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert newest
    assert re.fullmatch(rf"{re.escape(version)} \((unreleased|\d{{4}}-\d\d-\d\d)\)", newest[1])
