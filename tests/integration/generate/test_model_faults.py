"""Whatever a model's server does: a site comes out in time, and the reason is told."""

import os
from pathlib import Path

import pytest

from builder.findings import Source
from local.script import Answer
from tests.integration.generate.conftest import Bench, reply, sample

NAME = "photo-card-55.round1"
GOOD = reply(NAME)


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (Answer(status=401), "401"),
        (Answer(status=429, code="insufficient_quota", message="You exceeded your quota"), "quota"),
        (Answer(garbage="<html>busy</html>"), ""),
        (Answer(text="I cannot help with that."), ""),
    ],
    ids=["401", "quota", "garbage", "refusal"],
)
def test_model_fault__fallback_and_the_reason(blind: Bench, fault: Answer, told: str) -> None:
    """A fault for good ends in the fallback, exit code 0, and the reason in the verdict."""
    assert blind.generate(sample(NAME), fault, REPAIRS="0", DEADLINE_SECONDS="262") == 0
    assert blind.report.author == "fallback"
    assert "index.html" in blind.site
    assert blind.report.verdict_reasons[0].startswith("no model made this site: ")
    assert told in blind.report.verdict_reasons[0]
    assert "sk-a-key-12" not in blind.printed + blind.report.model_dump_json()


def children() -> set[str]:
    """Return the ids of this process's children."""
    return set(Path(f"/proc/self/task/{os.getpid()}/children").read_text().split())


def test_model_fault__leaves_no_browser(bench: Bench) -> None:
    """A browser that was started for scenarios that never came is ended with the stage."""
    before = children()
    assert bench.generate(sample(NAME), GOOD, REPAIRS="0") == 0
    assert bench.report.untested == "no model wrote scenarios"
    assert bench.report.page
    assert bench.report.page.opened
    assert children() <= before


def test_model_fault__all_in_a_row(blind: Bench) -> None:
    """One fault after the other over three models: each call is reported, a site comes out."""
    faults = [
        Answer(status=500),
        Answer(text=GOOD, cut_after=100),
        Answer(status=404),
        Answer(garbage="?"),
        Answer(status=429, retry_after="9999"),
    ]
    assert blind.generate(sample(NAME), *faults, MODELS="one,two,three") == 0
    assert blind.report.author == "fallback"
    assert {call.model for call in blind.calls} == {"one", "two", "three"}


def test_model_fault__a_reply_that_stays_cut_is_told_once(blind: Bench) -> None:
    """A reply that is still cut after the last continuation has one finding that says so."""
    answer = Answer(text=GOOD, truncate_after=len(GOOD) // 5)
    assert blind.generate(sample(NAME), answer, REPAIRS="0") == 0
    of_reply = [one for one in blind.report.findings if one.source is Source.REPLY]
    assert ["length limit" in one.seen for one in of_reply] == [True]


def test_model_fault__no_model_is_said_plainly(blind: Bench) -> None:
    """Without MODELS the fallback is published, and the log says so."""
    assert blind.generate(sample(NAME)) == 0
    assert blind.report.author == "fallback"
    assert "No model is set (MODELS)" in blind.printed


def test_model__tokens_are_told(blind: Bench) -> None:
    """The report holds the tokens of each call."""
    assert blind.generate(sample(NAME), GOOD, REPAIRS="0") == 0
    (call,) = blind.calls
    assert call.tokens_in
    assert call.tokens_out
