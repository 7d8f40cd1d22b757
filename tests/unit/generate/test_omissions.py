"""Telling a file that was delivered in part from one that was not."""

from pathlib import Path

import pytest

from builder.generate.omissions import omissions

ROWS = (Path(__file__).resolve().parents[2] / "data/generate/omissions.txt").read_text()
"""A row holds whether it is an omission or content, the file's name, and the line."""


@pytest.mark.parametrize("row", ROWS.splitlines())
def test_omissions__finds_what_stands_in_for_lines(row: str) -> None:
    """A comment or a dotted remark that says nothing but "the rest is as before" is found; spread
    syntax and sentences about something that stays the same are not."""
    kind, path, line = row.split("\t")
    found = list(omissions(path, f"first\n{line}\nlast"))
    assert found == ([(2, line.strip())] if kind == "omission" else [])
