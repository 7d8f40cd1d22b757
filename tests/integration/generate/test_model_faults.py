"""Whatever a model's server does: a site comes out in time, and the reason is told."""

from datetime import UTC, datetime, timedelta

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
        (Answer(status=429, retry_after="9999"), "429"),
        (Answer(status=429, code="insufficient_quota", message="You exceeded your quota"), "quota"),
        (Answer(status=500, retry_after="9999"), "500"),
        (Answer(garbage="<html>busy</html>"), ""),
        (Answer(text=""), ""),
        (Answer(text="I cannot help with that."), ""),
        (Answer(refusal="No."), ""),
    ],
    ids=lambda value: str(value)[:60] if isinstance(value, str) else None,
)
def test_model_fault__fallback_and_the_reason(blind: Bench, fault: Answer, told: str) -> None:
    """A fault for good ends in the fallback, exit code 0, and the reason in the verdict."""
    assert blind.generate(sample(NAME), fault, REPAIRS="0", DEADLINE_SECONDS="262") == 0
    assert blind.report.author == "fallback"
    assert "index.html" in blind.site
    assert blind.report.verdict_reasons[0].startswith("no model made this site: ")
    assert told in blind.report.verdict_reasons[0]
    assert "sk-a-key-12" not in blind.printed + blind.report.model_dump_json()


@pytest.mark.parametrize(
    "fault",
    [Answer(status=500), Answer(text=GOOD, cut_after=500), Answer(garbage="?"), Answer(text="")],
)
def test_model_fault__one_that_passes_is_tried_again(blind: Bench, fault: Answer) -> None:
    """After a fault of the moment the model's site is the one."""
    assert blind.generate(sample(NAME), fault, GOOD, REPAIRS="0") == 0
    assert blind.report.author == "m"


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


def test_model_fault__a_reply_cut_at_the_limit_is_continued(blind: Bench) -> None:
    """Two continuations join to the whole reply."""
    answer = Answer(text=GOOD, truncate_after=len(GOOD) // 3 + 1)
    assert blind.generate(sample(NAME), answer, REPAIRS="0") == 0
    assert blind.report.author == "m"
    assert len(blind.calls) == 3
    page = GOOD.split('<file path="index.html">\n')[1].split("\n</file>")[0]
    assert blind.page.strip() == page.strip()


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


def test_model_fault__too_little_time_for_a_model(blind: Bench) -> None:
    """With the deadline near no model is asked, the site goes out, and it is said."""
    assert blind.generate(sample(NAME), GOOD, DEADLINE_SECONDS="200") == 0
    assert blind.model is not None
    assert blind.model.requests == []
    assert blind.report.author == "fallback"
    assert "too few for a model call" in " ".join(blind.report.notes)


def test_model_fault__one_that_falls_silent(blind: Bench) -> None:
    """A server that says nothing more amid its reply is given up, twice, then left alone."""
    start = datetime.now(UTC)
    silent = Answer(GOOD, stall_after=500)
    assert blind.generate(sample(NAME), silent, MODEL_STALL_SECONDS="0.5") == 0
    assert blind.report.author == "fallback"
    assert [call.model for call in blind.calls] == ["m", "m"]
    assert datetime.now(UTC) - start < timedelta(seconds=20)


def test_model__tokens_are_told(blind: Bench) -> None:
    """The report holds the tokens of each call."""
    assert blind.generate(sample(NAME), GOOD, REPAIRS="0") == 0
    (call,) = blind.calls
    assert call.tokens_in
    assert call.tokens_out
