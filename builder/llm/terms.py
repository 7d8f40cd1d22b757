"""The optional parameters for a candidate, adapted to what it refuses."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from builder.llm.calls import Failure

LIMIT_NAMES = ("max_tokens", "max_completion_tokens")
"""Names of the output limit. The older one first: servers that do not know it answer 400 (OpenAI's
reasoning models), while some silently ignore the newer one (llama.cpp's in Python)."""
SMALLEST_LIMIT = 1_000
"""Tokens; a shorter reply is of no use."""

_NUMBER = re.compile(r"(?<![\w.-])\d{4,6}(?![\w-]|\.\d)")
"""A number on its own, not part of a date or of a model's name."""


@dataclass
class Terms:
    """What is sent to a candidate besides the messages, and whether it is asked at all.

    Threads share it: every change is a single assignment or `set.add`.
    """

    temperature: float | None
    max_tokens: int
    refused: set[str] = field(default_factory=set)
    hopeless: Failure | None = None
    """Why this candidate is not asked any more."""

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameters to send."""
        wanted: dict[str, Any] = {
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        if self.temperature is not None:
            wanted["temperature"] = self.temperature
        for name in [name for name in LIMIT_NAMES if name not in self.refused][:1]:
            wanted[name] = self.max_tokens
        return {name: value for name, value in wanted.items() if name not in self.refused}

    def learn(self, failure: Failure, sent: Mapping[str, Any], *, may_lower: bool) -> bool:
        """Adapt to a server that refused `sent`; return whether to call again at once.

        With `may_lower`, the limit is lowered to what the server offers; else it is left out.
        """
        parameter = _refused_parameter(failure, sent)
        if may_lower and (failure.status == 402 or parameter in LIMIT_NAMES):
            limit = next((sent[name] for name in LIMIT_NAMES if name in sent), 0)
            offered = map(int, _NUMBER.findall(failure.message))
            fitting = [number for number in offered if SMALLEST_LIMIT <= number < limit]
            if fitting:
                self.max_tokens = max(fitting)
                return True
        if parameter:
            self.refused.add(parameter)
        return parameter is not None


def _refused_parameter(failure: Failure, sent: Mapping[str, Any]) -> str | None:
    """Return which of the optional parameters a refusal is about."""
    if failure.status not in (400, 422):
        return None
    limit = next((name for name in LIMIT_NAMES if name in sent), None)
    if limit and re.search(rf"\b{sent[limit]}\b", failure.message):
        return limit
    named = failure.parameter.split(".")[0] or failure.message
    return next((name for name in sent if re.search(rf"\b{name}\b", named)), None)
