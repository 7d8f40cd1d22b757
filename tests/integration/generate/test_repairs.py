"""A first reply that breaks something, a second that mends it or does not: what is published."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.generate.conftest import Bench, reply, sample

NAME = "sum-of-sales-001.round1"
Break = Callable[[str], str]


def substituted(old: str, new: str) -> Break:
    def change(good: str) -> str:
        assert old in good
        return good.replace(old, new)

    return change


def page_of(good: str) -> str:
    """Return the block of index.html."""
    found = re.search(r'<file path="index.html">.*?\n</file>\n', good, re.DOTALL)
    assert found
    return found[0]


def without_page(good: str) -> str:
    return good.replace(page_of(good), "")


def an_error_and_separators(good: str) -> str:
    """Let the page throw, and write its total so that no check can read it."""
    throws = substituted('"use strict";', '"use strict"; setTimeout(() => missing());')
    written = "summary.total.toLocaleString('en')"
    return substituted("summary.total.toFixed(2)", written)(throws(good))


@pytest.fixture
def request_wire() -> dict[str, Any]:
    return sample(NAME)


@pytest.mark.parametrize(
    ("breaks", "told"),
    [
        (without_page, ["index.html"]),
        (an_error_and_separators, ["missing is not defined", "21,094.4"]),
    ],
)
def test_repair__a_second_reply_that_mends_is_published(
    bench: Bench, request_wire: dict[str, Any], breaks: Break, told: list[str]
) -> None:
    """The findings go to the model as they are, and what it mends is put over what stands."""
    assert bench.generate(request_wire, breaks(reply(NAME)), page_of(reply(NAME))) == 0
    assert bench.model is not None
    assert len(bench.model.requests) == 2
    asked = bench.model.requests[1]["messages"][-1]["content"].split("# What is wrong")[1]
    assert [words for words in told if words not in asked] == []
    assert [finding for finding in bench.report.findings if finding.severity == "failure"] == []
    assert [(score.passed, score.total) for score in bench.report.scores] == [(3, 3)]
    assert "## Code explanation" in bench.site["README.md"].decode()


def test_repair__an_altered_attachment_is_not_taken(
    blind: Bench, request_wire: dict[str, Any]
) -> None:
    """The original bytes stay, and what the model wanted is told as a warning."""
    altered = reply(NAME) + '\n<file path="data.csv">\ndate,sales\n2026,21094.4\n</file>\n'
    assert blind.generate(request_wire, altered) == 0
    assert blind.site["data.csv"].startswith(b"date,region,product,sales\n")
    assert [finding.subject for finding in blind.report.findings if finding.source == "reply"] == [
        "data.csv"
    ]
