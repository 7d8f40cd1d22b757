"""What a failed call to a model means: try again and when, call otherwise, or ask the next one."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from builder.llm.calls import Completion, Failure, FailureKind
from builder.llm.reasoning import spoken
from builder.llm.redaction import redact
from builder.rate_limit import http_date, retry_after

PAUSE = 1.0
"""Seconds before a call that failed is made once more."""
WAITS = (5.0, 10.0, 20.0)
"""Seconds to wait after a rate limit that names no time; the server is waited for so many times."""
SHARE_TO_WAIT = 0.5
"""A wait fits when it leaves as much time for the reply as it takes."""

OPTIONAL_PARAMETERS = ("max_completion_tokens", "max_tokens", "temperature", "stream_options")

# Codes and words of OpenAI, OpenRouter and Groq.
_QUOTA = re.compile(r"insufficient_quota|billing_|(insufficient|out of) (credits|balance)", re.I)
# AI Pipe's spent budget; Gemini's words for a spent quota and for a limit per minute alike.
_QUOTA_OR_RATE = re.compile(r"\bUsage\b|exceeded your current quota|RESOURCE_EXHAUSTED")
_CONTEXT = re.compile(
    r"context[ _](length|window)|too many tokens|(prompt|input|request) (is )?too (long|large)",
    re.I,
)
_RETIRED = re.compile(
    r"model_not_found|model_decommissioned|model\b.{0,120}\b(does not exist|not found|deprecated|"
    r"decommissioned|retired|no longer)",
    re.I,
)
_WAIT_IN_WORDS = re.compile(
    r"(?:try again|retry) in (?=\d)(?:(?P<minutes>\d+)m(?!s)\s*)?"
    r"(?:(?P<amount>\d+(?:\.\d+)?)\s*(?P<unit>ms|s))?",
    re.I,
)
_PASSING_STATUSES = frozenset({408, 409, 425})
_HOPELESS_STATUSES = frozenset({401, 402, 404, 410})


@dataclass(frozen=True)
class Tried:
    """What one candidate has been granted already."""

    again: int = 0
    waits: int = 0


@dataclass(frozen=True)
class Wait:
    """The server is busy: wait `seconds`, then call as before."""

    seconds: float


@dataclass(frozen=True)
class OnceMore:
    """It may have been bad luck: call as before, this once, after `seconds`."""

    seconds: float


@dataclass(frozen=True)
class Without:
    """The server does not know `parameter`: call without it at once."""

    parameter: str


@dataclass(frozen=True)
class NextCandidate:
    """Nothing more comes from this one; `for_good` also in later conversations."""

    for_good: bool = False


Decision = Wait | OnceMore | Without | NextCandidate


def decide(failure: Failure, tried: Tried, *, left: float, sent: Collection[str]) -> Decision:
    """Say what to do; `left` seconds remain and the parameters `sent` went along."""
    parameter = _refused_parameter(failure, sent)
    if parameter:
        return Without(parameter)
    if failure.kind is FailureKind.OUT_OF_TIME:
        return NextCandidate()
    if _is_hopeless(failure):
        return NextCandidate(for_good=True)
    if failure.status == 429:
        return _after_rate_limit(failure, tried, left)
    pause = PAUSE if failure.wait is None else failure.wait
    if _may_pass(failure) and not tried.again and _fits(pause, left):
        return OnceMore(pause)
    return NextCandidate()


def fault_of(completion: Completion, *, goes_on: bool) -> Failure | None:
    """Return why a completion is no answer; one that `goes_on` with a cut reply may be empty."""
    if completion.refusal:
        return Failure(FailureKind.UNUSABLE, f"refused: {redact(completion.refusal, ())}")
    if completion.finish_reason == "content_filter":
        return Failure(FailureKind.UNUSABLE, "stopped by the provider's content filter")
    if completion.finish_reason is None and not completion.text:
        return Failure(FailureKind.UNUSABLE, "no chat completion came")
    if completion.finish_reason is None:
        return Failure(FailureKind.CUT, "the stream ended before the reply did")
    if not goes_on and not spoken(completion.text).strip():
        return Failure(
            FailureKind.UNUSABLE, f"no text (finish reason {redact(completion.finish_reason, ())})"
        )
    return None


def wait_asked(headers: Mapping[str, str], message: str) -> float | None:
    """Return the seconds that an answer asks to wait, by header or in words; None if it does not.

    `headers` by lower-case name. Gemini and OpenAI say it in the message alone at times.
    """
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        try:
            return max(0.0, float(headers.get(name, "")) / unit)
        except ValueError:
            continue
    return _until_date(headers) or _in_words(message)


def _until_date(headers: Mapping[str, str]) -> float | None:
    """Read a Retry-After that is a date by the server's own clock."""
    answered_at = http_date(headers.get("date", ""))
    return None if answered_at is None else retry_after(headers, answered_at)


def _in_words(message: str) -> float | None:
    found = _WAIT_IN_WORDS.search(message)
    if found is None or not (found["minutes"] or found["amount"]):
        return None
    amount = float(found["amount"] or 0) / (1000 if (found["unit"] or "").lower() == "ms" else 1)
    return 60.0 * int(found["minutes"] or 0) + amount


def _refused_parameter(failure: Failure, sent: Collection[str]) -> str | None:
    if failure.status not in (400, 422) or _CONTEXT.search(failure.message):
        return None
    named = failure.parameter.split(".")[0] or failure.message
    for parameter in OPTIONAL_PARAMETERS:
        if parameter in sent and re.search(rf"\b{parameter}\b", named):
            return parameter
    return None


def _is_hopeless(failure: Failure) -> bool:
    said = f"{failure.code} {failure.message}"
    if failure.status == 429:
        # With a time to wait it is a limit per minute, without one it is the end.
        spent = _QUOTA_OR_RATE.search(said) is not None and failure.wait is None
        return spent or _QUOTA.search(said) is not None
    if failure.status in (400, 403):
        return _RETIRED.search(said) is not None or _QUOTA.search(said) is not None
    return failure.status in _HOPELESS_STATUSES


def _after_rate_limit(failure: Failure, tried: Tried, left: float) -> Decision:
    if tried.waits >= len(WAITS):
        return NextCandidate()
    seconds = WAITS[tried.waits] if failure.wait is None else failure.wait
    return Wait(seconds) if _fits(seconds, left) else NextCandidate()


def _may_pass(failure: Failure) -> bool:
    if failure.status is None:
        return True
    return failure.status >= 500 or failure.status in _PASSING_STATUSES


def _fits(seconds: float, left: float) -> bool:
    return seconds <= left * SHARE_TO_WAIT
