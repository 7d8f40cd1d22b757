"""What failed calls mean, by table."""

from types import SimpleNamespace
from typing import Any

import pytest

from builder.llm.calls import Completion, Failure, FailureKind, Terms
from builder.llm.candidates import Candidate
from builder.llm.policy import (
    fault_of,
    fits,
    is_hopeless,
    learn,
    may_repeat,
    pause,
    wait_asked,
)

CUT = Failure(FailureKind.CUT, "")
MINUTE = "Mon, 23 Nov 2026 12:00"
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
        (CUT, False),
    ],
)
def test_is_hopeless__first_failure(failure: Failure, hopeless: bool) -> None:
    """A wrong key, a retired model and a spent quota are for good; nothing else is."""
    assert is_hopeless(failure) is hopeless
    if hopeless:
        assert not may_repeat([failure])


@pytest.mark.parametrize(
    "failure",
    [status(429), status(429, "quota", wait=9.0), status(408), status(500), status(529)],
)
def test_may_repeat__a_busy_server_again_and_again(failure: Failure) -> None:
    """A rate limit or a server error may pass, however often it came."""
    assert may_repeat([failure] * 20)


def test_may_repeat__an_address_that_does_not_answer_a_few_times() -> None:
    """It may be restarting, or mistyped."""
    assert may_repeat([UNREACHABLE] * 4)
    assert not may_repeat([UNREACHABLE] * 5)


@pytest.mark.parametrize("kind", [FailureKind.CUT, FailureKind.STALL, FailureKind.UNUSABLE])
def test_may_repeat__a_broken_reply_once(kind: FailureKind) -> None:
    """The first broken reply is followed by a second call, busy servers between not counted."""
    failure = Failure(kind, "")
    assert may_repeat([failure])
    assert may_repeat([status(500), status(500), failure])
    assert not may_repeat([CUT, status(500), failure])


@pytest.mark.parametrize(
    "failure", [status(403, "flagged"), status(413), Failure(FailureKind.OUT_OF_TIME, "")]
)
def test_may_repeat__what_stays_as_it_is(failure: Failure) -> None:
    """The same call would be refused again."""
    assert not may_repeat([failure])


def test_pause__grows_from_a_second_and_is_bounded() -> None:
    """Without a time from the server: about 1, 2, 4 … at most 30 s, never under one."""
    pauses = [pause(status(429), attempt(number)) for number in range(1, 9)]
    for seconds, least in zip(pauses, (1, 2, 4, 8, 16, 30, 30, 30), strict=True):
        assert least <= seconds <= min(30, least + 1)


@pytest.mark.parametrize(("asked", "seconds"), [(0.0, 1.0), (0.2, 1.0), (7.0, 7.0), (90.0, 90.0)])
def test_pause__the_time_that_the_server_names(asked: float, seconds: float) -> None:
    """It is honoured, yet no server is called twice within a second."""
    assert pause(status(429, wait=asked), attempt(5)) == seconds


def attempt(number: int) -> Any:
    return SimpleNamespace(attempt_number=number)


@pytest.mark.parametrize(
    ("seconds", "left", "is_right"),
    [(70.0, 100.0, True), (71.0, 100.0, False), (2.0, 4.0, True), (1.0, 1.5, False)],
)
def test_fits__leaves_time_for_the_reply(seconds: float, left: float, is_right: bool) -> None:
    """A wait leaves 30 s, or as much as it takes."""
    assert fits(seconds, left) is is_right


@pytest.mark.parametrize(
    ("base_url", "name"),
    [
        ("https://api.openai.com/v1", "max_completion_tokens"),
        ("https://aipipe.org/openai/v1", "max_completion_tokens"),
        ("https://aipipe.org/openrouter/v1", "max_tokens"),
        ("http://127.0.0.1:8080/v1", "max_tokens"),
    ],
)
def test_terms__name_of_the_limit(base_url: str, name: str) -> None:
    """OpenAI's own models are given the newer name of the limit first, all others the older."""
    terms = Terms.of(Candidate("m", base_url, ""), None, 9_000)
    assert terms.parameters.keys() == {"stream_options", name}


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
        (status(400, "the context window is full"), None),
        (status(402, "You requested up to 32000 tokens, but can only afford 12"), None),
        (status(402, "Insufficient credits"), None),
        (status(500, "temperature sensor"), None),
    ],
)
def test_learn__refused_parameter(failure: Failure, refused: str | None) -> None:
    """What a server refuses is left out from now on."""
    terms = Terms(temperature=0.2, max_tokens=32_000)
    assert learn(failure, terms, terms.parameters, may_lower=True) is bool(refused)
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
    assert learn(failure, terms, terms.parameters, may_lower=True)
    assert (terms.max_tokens, terms.refused) == (lowered, set())
    again = status(failure.status or 0, f"max_tokens: {lowered} is too much, at most 2000")
    assert learn(again, terms, terms.parameters, may_lower=False) is (failure.status == 400)
    assert (terms.max_tokens, bool(terms.refused)) == (lowered, failure.status == 400)


@pytest.mark.parametrize(
    ("headers", "message", "seconds"),
    [
        ({"retry-after": "7"}, "", 7.0),
        ({"retry-after": "0.5"}, "", 0.5),
        ({"retry-after": "-3"}, "", 0.0),
        ({"retry-after-ms": "250", "retry-after": "1"}, "", 0.25),
        ({"retry-after": f"{MINUTE}:30 GMT", "date": f"{MINUTE}:00 GMT"}, "", 30.0),
        ({"retry-after": f"{MINUTE}:30 GMT"}, "", None),
        ({"retry-after": f"{MINUTE}:30 GMT", "date": "²"}, "", None),
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
    assert wait_asked(headers, message) == seconds


@pytest.mark.parametrize(
    ("completion", "kind"),
    [
        (Completion("text", "stop"), None),
        (Completion("text", "length"), None),
        (Completion("", "stop"), FailureKind.UNUSABLE),
        (Completion("", "length"), FailureKind.UNUSABLE),
        (Completion("<think>hm", "length"), FailureKind.UNUSABLE),
        (Completion("text", "content_filter"), FailureKind.UNUSABLE),
        (Completion("", "stop", refusal="I cannot"), FailureKind.UNUSABLE),
        (Completion("text", None), FailureKind.CUT),
        (Completion("", None), FailureKind.UNUSABLE),
    ],
)
def test_fault_of__completion(completion: Completion, kind: FailureKind | None) -> None:
    """A completion without words, refused, filtered or broken off is no answer."""
    fault = fault_of(completion, goes_on=False)
    assert (fault.kind if fault else None) == kind


def test_fault_of__nothing_to_add() -> None:
    """A model that is asked to go on may have nothing to add."""
    assert fault_of(Completion("", "stop"), goes_on=True) is None


def test_fault_of__refusal_is_told_in_short() -> None:
    """What a model says to refuse is one line of limited length."""
    fault = fault_of(Completion("", "stop", refusal="I\ncannot " * 100), goes_on=False)
    assert str(fault).startswith("refused: I cannot I cannot")
    assert len(str(fault)) < 320
