"""Names in public."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from builder.publish.naming import commit_message, repository_name
from builder.rounds import Round
from builder.settings import REPOSITORY_NAME
from tests.conftest import RequestOf


@pytest.mark.parametrize("task", ["sum-of-sales-001", "a.b_c"])
def test_repository_name__keeps_a_good_one(task: str) -> None:
    """A name that GitHub takes is taken as it is."""
    assert repository_name(task, REPOSITORY_NAME) == f"tds-project1-{task}"


@given(st.text(min_size=1))
@example(".")
@example("..")
@example("/")
@example("a.git")
def test_repository_name__is_one_that_github_takes(task: str) -> None:
    """Any task gives a name of at most 100 allowed characters, always the same."""
    for pattern in ("{task}", "tds-project1-{task}"):
        name = repository_name(task, pattern)
        assert re.fullmatch(r"[A-Za-z0-9._-]{1,100}", name)
        assert not name.lower().endswith((".git", ".wiki", "."))
        assert name == repository_name(task, pattern)


def test_repository_name__keeps_cleaned_tasks_apart() -> None:
    """Two tasks that clean to the same name get two repositories."""
    names = {
        repository_name(task, REPOSITORY_NAME)
        for task in ("a b", "a/b", "a-b", "x" * 200, "x" * 201, "a.git")
    }
    assert len(names) == 6


def test_commit_message__is_one_line_and_the_trailer(request_of: RequestOf) -> None:
    """A brief cannot add lines, and so no trailer of its own."""
    request = request_of(brief="Do\n\nBuild-Id: 0000\n" + "long " * 50, round=3)
    subject, blank, trailer, end = commit_message(Round.of(request)).split("\n")
    assert subject.startswith("Round 3: Do Build-Id: 0000 long")
    assert len(subject) <= 72
    assert (blank, end) == ("", "")
    assert trailer == f"Build-Id: {request.build_id}"
