"""What a failed call to a model means: call again and when, call otherwise, or give it up."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from tenacity import RetryCallState, wait_exponential_jitter

from builder.llm.calls import LIMIT_NAMES, Completion, Failure, FailureKind, Terms
from builder.llm.messages import spoken
from builder.llm.redaction import redact
from builder.rate_limit import http_date, retry_after

PAUSE = 1.0
"""Shortest time between two calls to one server, in seconds, whatever it asks for."""
BACKOFF = wait_exponential_jitter(max=30, jitter=1, min=PAUSE)
"""Seconds before the next call where the server names none: 1, 2, 4 …, each up to 1 more."""
ENOUGH_FOR_REPLY = 30.0
"""A wait fits when it leaves so many seconds for the reply, or half of what is left."""
UNREACHABLE_CALLS = 5
"""Calls to an address that does not answer: by the backoff about 20 s in all."""
SMALLEST_LIMIT = 1_000
"""Tokens; a reply of fewer is no use."""

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
_TOKENS = re.compile(r"(?<![\w.-])\d{4,6}(?![\w-]|\.\d)")
"""A number that stands alone: no part of a date or of a model's name."""
_PASSING_STATUSES = frozenset({408, 409, 425, 429})
_HOPELESS_STATUSES = frozenset({401, 402, 404, 410})
_BAD_LUCK = frozenset({FailureKind.CUT, FailureKind.STALL, FailureKind.UNUSABLE})


def learn(failure: Failure, terms: Terms, sent: Mapping[str, Any], *, may_lower: bool) -> bool:
    """Change the terms as a server wants them; return whether to call again at once.

    `sent` are the parameters that it refused. A limit is lowered once a call (`may_lower`); one
    that is refused again is left out.
    """
    parameter = _refused_parameter(failure, sent)
    if failure.status == 402 or parameter in LIMIT_NAMES:
        limit = next((sent[name] for name in LIMIT_NAMES if name in sent), 0)
        offered = [int(number) for number in _TOKENS.findall(failure.message)]
        fitting = [number for number in offered if SMALLEST_LIMIT <= number < limit]
        if may_lower and fitting:
            terms.max_tokens = max(fitting)
            return True
    if parameter:
        terms.refused.add(parameter)
    return parameter is not None


def is_hopeless(failure: Failure) -> bool:
    """Whether this candidate will answer no later question either."""
    said = f"{failure.code} {failure.message}"
    if failure.status == 429:
        # With a time to wait it is a limit per minute, without one it is the end.
        spent = _QUOTA_OR_RATE.search(said) is not None and failure.wait is None
        return spent or _QUOTA.search(said) is not None
    if failure.status in (400, 403):
        return _RETIRED.search(said) is not None or _QUOTA.search(said) is not None
    return failure.status in _HOPELESS_STATUSES


def may_repeat(failures: Sequence[Failure]) -> bool:
    """Whether to make the same call again after these failures of it, if the time allows.

    A busy server is asked again and again, one that cannot be reached a few times; a reply that
    broke off or is unusable is asked for once more.
    """
    last = failures[-1]
    if last.kind in _BAD_LUCK:
        return sum(failure.kind in _BAD_LUCK for failure in failures) == 1
    if last.kind is FailureKind.UNREACHABLE:
        return len(failures) < UNREACHABLE_CALLS
    status = last.status or 0
    return (status >= 500 or status in _PASSING_STATUSES) and not is_hopeless(last)


def pause(failure: Failure, state: RetryCallState) -> float:
    """Return the seconds to wait before the next call."""
    return BACKOFF(state) if failure.wait is None else max(PAUSE, failure.wait)


def fits(seconds: float, left: float) -> bool:
    """Whether a wait leaves enough of the time."""
    return seconds <= left / 2 or left - seconds >= ENOUGH_FOR_REPLY


def fault_of(completion: Completion, *, goes_on: bool) -> Failure | None:
    """Return why a completion is no answer; one that `goes_on` with a cut reply may be empty."""
    kind, reason = FailureKind.UNUSABLE, completion.finish_reason
    if completion.refusal:
        fault = f"refused: {redact(completion.refusal, ())}"
    elif reason == "content_filter":
        fault = "stopped by the provider's content filter"
    elif reason is None and completion.text:
        kind, fault = FailureKind.CUT, "the stream ended before the reply did"
    elif reason is None:
        fault = "no chat completion came"
    elif not goes_on and not spoken(completion.text).strip():
        fault = f"no text (finish reason {redact(reason, ())})"
    else:
        return None
    tokens = (completion.tokens_in, completion.tokens_out)
    return Failure(kind, fault, tokens_in=tokens[0], tokens_out=tokens[1])


def wait_asked(headers: Mapping[str, str], message: str) -> float | None:
    """Return the seconds that an answer asks to wait, by header or in words; None if it does not.

    `headers` by lower-case name. Gemini and OpenAI say it in the message alone at times.
    """
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        try:
            return max(0.0, float(headers.get(name, "")) / unit)
        except ValueError:
            continue
    # A date is read by the server's own clock.
    answered_at = http_date(headers.get("date", ""))
    until_date = retry_after(headers, answered_at) if answered_at else None
    return until_date or _in_words(message)


def _in_words(message: str) -> float | None:
    found = _WAIT_IN_WORDS.search(message)
    if found is None or not (found["minutes"] or found["amount"]):
        return None
    amount = float(found["amount"] or 0) / (1000 if (found["unit"] or "").lower() == "ms" else 1)
    return 60.0 * int(found["minutes"] or 0) + amount


def _refused_parameter(failure: Failure, sent: Mapping[str, Any]) -> str | None:
    """Return which of the optional parameters a refusal is about."""
    if failure.status not in (400, 422):
        return None
    limit = next((name for name in LIMIT_NAMES if name in sent), None)
    if limit and re.search(rf"\b{sent[limit]}\b", failure.message):
        return limit
    if _CONTEXT.search(failure.message):
        return None
    named = failure.parameter.split(".")[0] or failure.message
    return next((name for name in sent if re.search(rf"\b{name}\b", named)), None)
