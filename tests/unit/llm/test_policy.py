"""What failed calls mean, by table."""

from types import SimpleNamespace
from typing import Any

import pytest

from builder.llm.calls import Completion, Failure, FailureKind, Limits
from builder.llm.policy import fault_of, fits, is_hopeless, may_repeat, pause, wait_asked
from builder.llm.terms import Terms

BROKEN = Failure(FailureKind.BROKEN, "the connection was cut")
UNREACHABLE = Failure(FailureKind.UNREACHABLE, "")
OUT_OF_TIME = Failure(FailureKind.OUT_OF_TIME, "")


def status(number: int, message: str = "", **fields: Any) -> Failure:
    return Failure(FailureKind.STATUS, message, status=number, **fields)


def test_limits__as_promised() -> None:
    """20 s between tokens, 75 s of silence, 32,000 tokens; the first token has all but a minute."""
    limits = Limits()
    assert (limits.stall, limits.silence, limits.max_tokens) == (20.0, 75.0, 32_000)
    assert (limits.first_token(370.0), limits.first_token(80.0)) == (310.0, 40.0)


def test_is_hopeless__wrong_key_retired_model_and_spent_quota() -> None:
    """These are for good, in the words of OpenAI, Groq, AI Pipe and Gemini; nothing else is."""
    hopeless = [
        status(401),
        status(402, "Insufficient credits"),
        status(404, code="model_not_found"),
        status(400, "The model `m` has been decommissioned"),
        status(403, "The model m does not exist or you have no access to it"),
        status(429, "You exceeded your current quota", code="insufficient_quota"),
        status(429, "Usage $0.10 / $0.10 in 7 days"),
        status(429, "You exceeded your current quota, check your billing details"),
    ]
    others = [
        status(403, "Your input was flagged"),
        status(400, "messages: bad"),
        status(413),
        status(429, "You exceeded your current quota", wait=7.0),
        status(429, "Limit 30000, Used 29000. Please try again in 2s", wait=2.0),
        BROKEN,
    ]
    assert [one for one in hopeless if not is_hopeless(one) or may_repeat([one])] == []
    assert [one for one in others if is_hopeless(one)] == []


def test_may_repeat__what_may_pass() -> None:
    """A busy server is asked again and again, a silent one five times, a broken reply twice."""
    again = [[status(number)] * 20 for number in (408, 429, 500, 529)]
    again += [[status(429, "quota", wait=9.0)], [UNREACHABLE] * 4, [status(500)] * 2 + [BROKEN]]
    no_more = [[UNREACHABLE] * 5, [BROKEN, status(500), BROKEN], [status(403, "flagged")]]
    no_more += [[status(413)], [OUT_OF_TIME]]
    assert [failures for failures in again if not may_repeat(failures)] == []
    assert [failures for failures in no_more if may_repeat(failures)] == []


def test_pause__the_time_that_the_server_names() -> None:
    """It is honoured, yet no server is called twice within a second."""
    state: Any = SimpleNamespace(attempt_number=5)
    waits = [pause(status(429, wait=asked), state) for asked in (0.0, 0.2, 7.0, 90.0)]
    assert waits == [1.0, 1.0, 7.0, 90.0]


def test_fits__leaves_time_for_the_reply() -> None:
    """A wait leaves 30 s, or as much as it takes."""
    assert fits(70.0, 100.0)
    assert fits(2.0, 4.0)
    assert not fits(71.0, 100.0)
    assert not fits(1.0, 1.5)


def test_learn__refused_parameter() -> None:
    """What a server refuses is left out from now on, by whichever words it refuses."""
    for name, failure in [
        ("max_tokens", status(400, "Use another.", parameter="max_tokens")),
        ("max_tokens", status(400, "'max_tokens' is no parameter of o9-2025-08-07.")),
        ("stream_options", status(422, "stream_options: extra fields")),
        ("stream_options", status(400, parameter="stream_options.include_usage")),
        ("stream", status(400, "Verify your organization to stream it.", parameter="stream")),
        ("temperature", status(400, "temperature 0.2 is not supported")),
        (None, status(400, "max_completion_tokens is not known")),
        (None, status(402, "You requested up to 32000 tokens, but can only afford 12")),
        (None, status(500, "temperature sensor")),
    ]:
        terms = Terms(temperature=0.2, max_tokens=32_000)
        assert terms.learn(failure, terms.parameters, may_lower=True) is bool(name), failure
        assert (terms.refused, terms.max_tokens) == ({name} if name else set(), 32_000), failure


@pytest.mark.parametrize(
    ("failure", "lowered"),
    [
        (status(400, "max_tokens is too large: 32000. It supports at most 16384"), 16384),
        (status(400, "the valid range of max_tokens is [1, 8192]"), 8192),
        (status(400, "context length is 9000, requested 32000 in the completion"), 9000),
        (status(402, "You requested up to 32000 tokens, but can only afford 4321"), 4321),
    ],
)
def test_learn__limit_that_is_too_high(failure: Failure, lowered: int) -> None:
    """In the words of OpenAI, DeepSeek, vLLM and OpenRouter: the limit is lowered once.

    When it is refused again, it is left out, or for want of money the call given up.
    """
    terms = Terms(temperature=None, max_tokens=32_000)
    assert terms.learn(failure, terms.parameters, may_lower=True)
    assert (terms.max_tokens, terms.refused) == (lowered, set())
    again = status(failure.status or 0, f"max_tokens: {lowered} is too much, at most 2000")
    assert terms.learn(again, terms.parameters, may_lower=False) is (failure.status == 400)
    assert (terms.max_tokens, bool(terms.refused)) == (lowered, failure.status == 400)


def test_wait_asked__by_header_or_in_words() -> None:
    """The wait is read from the headers first, then from the message."""
    by_header = [{"retry-after": text} for text in ("7", "0.5", "-3", "soon")]
    by_header.append({"retry-after-ms": "250", "retry-after": "1"})
    assert [wait_asked(headers, "") for headers in by_header] == [7.0, 0.5, 0.0, None, 0.25]
    in_words = ["again in 1.5s", "again in 350ms", "again in 2m3.5s", "again in a moment"]
    waits = [wait_asked({}, f"Limit reached. Please try {words}.") for words in in_words]
    assert waits == [1.5, pytest.approx(0.35), 123.5, None]
    assert wait_asked({}, "Please retry in 37.2s") == pytest.approx(37.2)


def test_fault_of__completion() -> None:
    """A completion without words, refused, filtered or broken off is no answer."""
    faults = {
        Completion("text", "stop"): "None",
        Completion("text", "length"): "None",
        Completion("", "stop"): "no text (finish reason stop)",
        Completion("<think>hm", "length"): "no text (finish reason length)",
        Completion("text", "content_filter"): "stopped by the provider (content_filter)",
        Completion("text", "error"): "stopped by the provider (error)",
        Completion("", "stop", refusal="I\ncannot"): "refused: I cannot",
        Completion("text", None): "the stream ended before the reply did",
        Completion("", None): "no chat completion arrived",
    }
    assert {one: str(fault_of(one, goes_on=False)) for one in faults} == faults


def test_fault_of__nothing_to_add() -> None:
    """A model that is asked to go on may have nothing to add."""
    assert fault_of(Completion("", "stop"), goes_on=True) is None
