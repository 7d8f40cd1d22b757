"""What failed calls mean, by table."""

import pytest

from builder.llm.calls import Completion, Failure, FailureKind
from builder.llm.policy import (
    PAUSE,
    WAITS,
    Decision,
    NextCandidate,
    OnceMore,
    Tried,
    Wait,
    Without,
    decide,
    fault_of,
    wait_asked,
)

FOR_GOOD = NextCandidate(for_good=True)
SENT = ("stream_options", "max_completion_tokens", "temperature")


def status(number: int, message: str = "", **fields: object) -> Failure:
    return Failure(FailureKind.STATUS, message, status=number, **fields)  # type: ignore[arg-type]


def failure(kind: FailureKind) -> Failure:
    return Failure(kind, "")


@pytest.mark.parametrize(
    ("said", "decision"),
    [
        # Refused for good.
        (status(401), FOR_GOOD),
        (status(402, "Insufficient credits"), FOR_GOOD),
        (status(404, code="model_not_found"), FOR_GOOD),
        (status(410), FOR_GOOD),
        (status(400, "The model `m` has been decommissioned"), FOR_GOOD),
        (status(400, code="model_decommissioned"), FOR_GOOD),
        (status(403, "The model m does not exist or you have no access to it"), FOR_GOOD),
        (status(429, "You exceeded your current quota", code="insufficient_quota"), FOR_GOOD),
        (status(429, "Usage $0.10 / $0.10 in 7 days"), FOR_GOOD),
        (status(429, "You exceeded your current quota, check your billing details"), FOR_GOOD),
        # Refused for this conversation.
        (status(403, "Your input was flagged"), NextCandidate()),
        (status(400, "messages: bad"), NextCandidate()),
        (status(413), NextCandidate()),
        (status(400, "max_completion_tokens: context length exceeded"), NextCandidate()),
        (failure(FailureKind.OUT_OF_TIME), NextCandidate()),
        # Busy.
        (status(429), Wait(WAITS[0])),
        (status(429, wait=0.0), Wait(0.0)),
        (status(429, wait=30.0), Wait(30.0)),
        (status(429, wait=50.1), NextCandidate()),
        (status(429, "You exceeded your current quota", wait=7.0), Wait(7.0)),
        (status(429, "Limit 30000, Used 29000. Please try again in 2s", wait=2.0), Wait(2.0)),
        # Bad luck.
        (status(500), OnceMore(PAUSE)),
        (status(503, wait=4.0), OnceMore(4.0)),
        (status(503, wait=400.0), NextCandidate()),
        (status(529), OnceMore(PAUSE)),
        (status(408), OnceMore(PAUSE)),
        (failure(FailureKind.UNREACHABLE), OnceMore(PAUSE)),
        (failure(FailureKind.CUT), OnceMore(PAUSE)),
        (failure(FailureKind.STALL), OnceMore(PAUSE)),
        (failure(FailureKind.UNUSABLE), OnceMore(PAUSE)),
        # Parameters.
        (
            status(400, "Use 'max_tokens' instead.", parameter="max_completion_tokens"),
            Without("max_completion_tokens"),
        ),
        (status(400, 'Unknown name "max_completion_tokens"'), Without("max_completion_tokens")),
        (status(422, "stream_options: extra fields"), Without("stream_options")),
        (status(400, parameter="stream_options.include_usage"), Without("stream_options")),
        (status(400, "temperature 0.2 is not supported"), Without("temperature")),
        (status(400, "max_tokens is too large"), NextCandidate()),
        (status(500, "temperature sensor"), OnceMore(PAUSE)),
    ],
)
def test_decide__first_failure(said: Failure, decision: Decision) -> None:
    """With 100 s left and nothing granted yet, each failure has one consequence."""
    assert decide(said, Tried(), left=100.0, sent=SENT) == decision


@pytest.mark.parametrize(
    "kind", [FailureKind.CUT, FailureKind.STALL, FailureKind.UNREACHABLE, FailureKind.UNUSABLE]
)
def test_decide__bad_luck_is_granted_once(kind: FailureKind) -> None:
    """The second time, the next candidate is asked."""
    assert decide(failure(kind), Tried(again=1), left=100.0, sent=SENT) == NextCandidate()


def test_decide__rate_limits_are_waited_for_so_many_times() -> None:
    """Waits without a named time grow, and end."""
    waits = [decide(status(429), Tried(waits=n), left=100.0, sent=()) for n in range(4)]
    assert waits == [*map(Wait, WAITS), NextCandidate()]


def test_decide__no_second_try_without_time() -> None:
    """A pause that leaves no time for the call itself is not made."""
    assert decide(status(500), Tried(), left=PAUSE, sent=()) == NextCandidate()


@pytest.mark.parametrize(
    ("headers", "message", "seconds"),
    [
        ({"retry-after": "7"}, "", 7.0),
        ({"retry-after": "0.5"}, "", 0.5),
        ({"retry-after": "-3"}, "", 0.0),
        ({"retry-after-ms": "250", "retry-after": "1"}, "", 0.25),
        (
            {
                "retry-after": "Mon, 23 Nov 2026 12:01:00 GMT",
                "date": "Mon, 23 Nov 2026 12:00:30 GMT",
            },
            "",
            30.0,
        ),
        ({"retry-after": "Mon, 23 Nov 2026 12:01:00 GMT"}, "", None),
        ({"retry-after": "Mon, 23 Nov 99999 12:01:00 GMT", "date": "²"}, "", None),
        ({"retry-after": "²"}, "", None),
        ({"retry-after": "soon"}, "", None),
        ({}, "Rate limit reached. Please try again in 1.5s.", 1.5),
        ({}, "Please try again in 350ms.", 0.35),
        ({}, "Please try again in 2m3.5s.", 123.5),
        ({}, "Please retry in 37.2s", 37.2),
        ({}, "Please try again in 5m", 300.0),
        ({}, "Please try again in a moment", None),
        ({}, "", None),
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
        (Completion("text", "eos"), None),
        (Completion("", "stop"), FailureKind.UNUSABLE),
        (Completion(" \n", "stop"), FailureKind.UNUSABLE),
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
