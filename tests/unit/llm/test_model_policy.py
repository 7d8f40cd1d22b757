"""What failed calls mean, by table."""

from types import SimpleNamespace
from typing import Any

import pytest

from builder.llm.calls import Completion, Failure, FailureKind
from builder.llm.policy import (
    fault_of,
    fits,
    is_hopeless,
    may_repeat,
    pause,
    wait_asked,
)
from builder.llm.terms import Terms

BROKEN = Failure(FailureKind.BROKEN, "the connection was cut")
UNREACHABLE = Failure(FailureKind.UNREACHABLE, "")


def status(number: int, message: str = "", **fields: Any) -> Failure:
    return Failure(FailureKind.STATUS, message, status=number, **fields)


@pytest.mark.parametrize(
    ("failure", "hopeless"),
    [
        (status(401), True),
        (status(402, "Insufficient credits"), True),
        (status(404, code="model_not_found"), True),
        (status(400, "The model `m` has been decommissioned"), True),
        (status(403, "The model m does not exist or you have no access to it"), True),
        (status(429, "You exceeded your current quota", code="insufficient_quota"), True),
        (status(429, "Usage $0.10 / $0.10 in 7 days"), True),
        (status(429, "You exceeded your current quota, check your billing details"), True),
        (status(403, "Your input was flagged"), False),
        (status(400, "messages: bad"), False),
        (status(413), False),
        (status(429, "You exceeded your current quota", wait=7.0), False),
        (status(429, "Limit 30000, Used 29000. Please try again in 2s", wait=2.0), False),
        (BROKEN, False),
    ],
)
def test_is_hopeless__first_failure(failure: Failure, hopeless: bool) -> None:
    """A wrong key, a retired model and a spent quota are for good; nothing else is."""
    assert is_hopeless(failure) is hopeless
    if hopeless:
        assert not may_repeat([failure])


@pytest.mark.parametrize(
    ("failures", "repeats"),
    [
        *(([status(number)] * 20, True) for number in (408, 429, 500, 529)),
        ([status(429, "quota", wait=9.0)], True),
        ([UNREACHABLE] * 4, True),
        ([UNREACHABLE] * 5, False),
        ([status(500), status(500), BROKEN], True),
        ([BROKEN, status(500), BROKEN], False),
        ([status(403, "flagged")], False),
        ([status(413)], False),
        ([Failure(FailureKind.OUT_OF_TIME, "")], False),
    ],
)
def test_may_repeat__rows(failures: list[Failure], repeats: bool) -> None:
    """A busy server is asked again and again, a silent one five times, a broken reply twice."""
    assert may_repeat(failures) is repeats


@pytest.mark.parametrize(("asked", "seconds"), [(0.0, 1.0), (0.2, 1.0), (7.0, 7.0), (90.0, 90.0)])
def test_pause__the_time_that_the_server_names(asked: float, seconds: float) -> None:
    """It is honoured, yet no server is called twice within a second."""
    state: Any = SimpleNamespace(attempt_number=5)
    assert pause(status(429, wait=asked), state) == seconds


@pytest.mark.parametrize(
    ("seconds", "left", "is_right"),
    [(70.0, 100.0, True), (71.0, 100.0, False), (2.0, 4.0, True), (1.0, 1.5, False)],
)
def test_fits__leaves_time_for_the_reply(seconds: float, left: float, is_right: bool) -> None:
    """A wait leaves 30 s, or as much as it takes."""
    assert fits(seconds, left) is is_right


@pytest.mark.parametrize(
    ("failure", "refused"),
    [
        (status(400, "Use another.", parameter="max_tokens"), "max_tokens"),
        (status(400, 'Unknown name "max_tokens"'), "max_tokens"),
        (status(400, "'max_tokens' is no parameter of o9-2025-08-07."), "max_tokens"),
        (status(422, "stream_options: extra fields"), "stream_options"),
        (status(400, parameter="stream_options.include_usage"), "stream_options"),
        (status(400, "temperature 0.2 is not supported"), "temperature"),
        (status(400, "max_completion_tokens is not known"), None),
        (status(402, "You requested up to 32000 tokens, but can only afford 12"), None),
        (status(402, "Insufficient credits"), None),
        (status(500, "temperature sensor"), None),
    ],
)
def test_learn__refused_parameter(failure: Failure, refused: str | None) -> None:
    """What a server refuses is left out from now on."""
    terms = Terms(temperature=0.2, max_tokens=32_000)
    assert terms.learn(failure, terms.parameters, may_lower=True) is bool(refused)
    assert terms.refused == ({refused} if refused else set())
    assert terms.max_tokens == 32_000


@pytest.mark.parametrize(
    ("failure", "lowered"),
    [
        (status(400, "max_tokens is too large: 32000. It supports at most 16384"), 16384),
        (status(400, "`max_tokens` must be less than or equal to `8192`"), 8192),
        (status(400, "the valid range of max_tokens is [1, 8192]"), 8192),
        (status(400, "context length is 9000, requested 32000 in the completion"), 9000),
        (status(402, "You requested up to 32000 tokens, but can only afford 4321"), 4321),
    ],
)
def test_learn__limit_that_is_too_high(failure: Failure, lowered: int) -> None:
    """In the words of OpenAI, Groq, DeepSeek, vLLM and OpenRouter: the limit is lowered once.

    When it is refused again, it is left out, or for want of money the call given up.
    """
    terms = Terms(temperature=None, max_tokens=32_000)
    assert terms.learn(failure, terms.parameters, may_lower=True)
    assert (terms.max_tokens, terms.refused) == (lowered, set())
    again = status(failure.status or 0, f"max_tokens: {lowered} is too much, at most 2000")
    assert terms.learn(again, terms.parameters, may_lower=False) is (failure.status == 400)
    assert (terms.max_tokens, bool(terms.refused)) == (lowered, failure.status == 400)


@pytest.mark.parametrize(
    ("headers", "message", "seconds"),
    [
        ({"retry-after": "7"}, "", 7.0),
        ({"retry-after": "0.5"}, "", 0.5),
        ({"retry-after": "-3"}, "", 0.0),
        ({"retry-after-ms": "250", "retry-after": "1"}, "", 0.25),
        ({"retry-after": "soon"}, "", None),
        ({}, "Rate limit reached. Please try again in 1.5s.", 1.5),
        ({}, "Please try again in 350ms.", 0.35),
        ({}, "Please try again in 2m3.5s.", 123.5),
        ({}, "Please retry in 37.2s", 37.2),
        ({}, "Please try again in 5m", 300.0),
        ({}, "Please try again in a moment", None),
    ],
)
def test_wait_asked__by_header_or_in_words(
    headers: dict[str, str], message: str, seconds: float | None
) -> None:
    """The wait is read from the headers first, then from the message."""
    assert wait_asked(headers, message) == (seconds and pytest.approx(seconds))


@pytest.mark.parametrize(
    ("completion", "fault"),
    [
        (Completion("text", "stop"), None),
        (Completion("text", "length"), None),
        (Completion("", "stop"), "no text (finish reason stop)"),
        (Completion("<think>hm", "length"), "no text (finish reason length)"),
        (Completion("text", "content_filter"), "stopped by the provider's content filter"),
        (Completion("", "stop", refusal="I\ncannot"), "refused: I cannot"),
        (Completion("text", None), "the stream ended before the reply did"),
        (Completion("", None), "no chat completion came"),
    ],
)
def test_fault_of__completion(completion: Completion, fault: str | None) -> None:
    """A completion without words, refused, filtered or broken off is no answer."""
    found = fault_of(completion, goes_on=False)
    assert (str(found) if found else None) == fault


def test_fault_of__nothing_to_add() -> None:
    """A model that is asked to go on may have nothing to add."""
    assert fault_of(Completion("", "stop"), goes_on=True) is None
