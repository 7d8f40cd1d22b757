"""What a failed call to a model means: whether and when to call again, or to give up."""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress

from tenacity import RetryCallState, wait_exponential_jitter

from builder.credentials import redact
from builder.llm.calls import Completion, Failure, FailureKind
from builder.llm.messages import spoken

PAUSE = 1.0
"""Shortest time between two calls to one server, in seconds, whatever it asks for."""
BACKOFF = wait_exponential_jitter(max=30, jitter=1, min=PAUSE)
"""Seconds before the next call if the server names none: 1, 2, 4 …, each up to 1 more."""
ENOUGH_FOR_REPLY = 30.0
"""A wait fits if it leaves this many seconds for the reply, or half of the time left."""
UNREACHABLE_CALLS = 5
"""Calls to an address that does not answer: about 20 s in all with the backoff."""

_FOR_GOOD = re.compile(
    r"insufficient_quota|billing_|(insufficient|out of) (credits|balance)|"
    r"model_not_found|model_decommissioned|model\b.{0,120}\b(does not exist|not found|deprecated|"
    r"decommissioned|retired|no longer)",
    re.I,
)
"""Codes and words of OpenAI, OpenRouter and Groq for a spent quota and a retired model."""
_QUOTA_OR_RATE = re.compile(r"\bUsage\b|exceeded your current quota|RESOURCE_EXHAUSTED")
"""AI Pipe's spent budget; Gemini's words for both a spent quota and a limit per minute."""
_AMOUNT = r"(\d+(?:\.\d+)?)\s*(ms|m|s)"
_WAIT_IN_WORDS = re.compile(rf"(?:try again|retry) in ((?:{_AMOUNT})+)", re.I)
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0}
_PASSING_STATUSES = frozenset({408, 409, 425, 429})
_HOPELESS_STATUSES = frozenset({401, 402, 404, 410})


def is_hopeless(failure: Failure) -> bool:
    """Return whether this candidate will not answer later questions either."""
    said = f"{failure.code} {failure.message}"
    if failure.status is not None and _FOR_GOOD.search(said):
        return True
    # With a time to wait it is a limit per minute, without one it is the end.
    is_spent = failure.status == 429 and failure.wait is None and _QUOTA_OR_RATE.search(said)
    return failure.status in _HOPELESS_STATUSES or bool(is_spent)


def may_repeat(failures: Sequence[Failure]) -> bool:
    """Return whether to repeat a call after these failures of it, if the time allows.

    A busy server is asked again and again, an unreachable one a few times; a reply that broke off
    or is unusable is requested once more.
    """
    last = failures[-1]
    if last.kind is FailureKind.BROKEN:
        return sum(failure.kind is FailureKind.BROKEN for failure in failures) == 1
    if last.kind is FailureKind.UNREACHABLE:
        return len(failures) < UNREACHABLE_CALLS
    status = last.status or 0
    return (status >= 500 or status in _PASSING_STATUSES) and not is_hopeless(last)


def pause(failure: Failure, state: RetryCallState) -> float:
    return BACKOFF(state) if failure.wait is None else max(PAUSE, failure.wait)


def fits(seconds: float, left: float) -> bool:
    """Return whether a wait leaves enough time."""
    return seconds <= left / 2 or left - seconds >= ENOUGH_FOR_REPLY


def fault_of(completion: Completion, *, goes_on: bool) -> Failure | None:
    """Return why a completion is not an answer; one that continues a cut reply may be empty."""
    reason = completion.finish_reason
    if completion.refusal:
        fault = f"refused: {redact(completion.refusal, ())}"
    elif reason in {"content_filter", "error"}:
        fault = f"stopped by the provider ({reason})"
    elif reason is None:
        has_begun = bool(completion.text)
        fault = (
            "the stream ended before the reply did" if has_begun else "no chat completion arrived"
        )
    elif not goes_on and not spoken(completion.text).strip():
        fault = f"no text (finish reason {redact(reason, ())})"
    else:
        return None
    return Failure(FailureKind.BROKEN, fault)


def wait_asked(headers: Mapping[str, str], message: str) -> float | None:
    """Return the seconds that an answer asks to wait, by header or in words; None if it does not.

    `headers` by lower-case name. Gemini and OpenAI sometimes say it only in the message.
    """
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        with suppress(ValueError):
            return max(0.0, float(headers.get(name, "")) / unit)
    found = _WAIT_IN_WORDS.search(message)
    amounts = re.findall(_AMOUNT, found[1].lower()) if found else []
    return sum(float(amount) * _SECONDS[unit] for amount, unit in amounts) if found else None
