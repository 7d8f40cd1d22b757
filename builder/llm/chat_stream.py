"""What a chat completion says, gathered from whatever a server sends: chunks, or one whole answer.

Nothing is taken on trust: fields may be missing, null or of another type.
"""

import re
from collections.abc import Mapping
from typing import Any

from builder.llm.calls import Completion, OnPiece
from builder.llm.runaway import Runaway

_REASONING = ("reasoning_content", "reasoning")
"""Where servers stream the reasoning of a model (DeepSeek, vLLM; OpenRouter)."""
_COUNTS = ("prompt_tokens", "completion_tokens")


class StreamedReply:
    """What came so far; each piece of text is passed to `on_piece`, and followed by `runaway`."""

    def __init__(self, on_piece: OnPiece, runaway: Runaway) -> None:
        self.finish_reason: str | None = None
        self._on_piece = on_piece
        self._runaway = runaway
        self._pieces: list[str] = []
        self._refusal = ""
        self._tokens: dict[str, int] = {}

    @property
    def has_begun(self) -> bool:
        """Whether the reply itself has begun, after whatever reasoning."""
        return bool(self._pieces)

    def take(self, said: object) -> bool:
        """Take a chunk, or a whole answer, in; return whether it holds text or reasoning."""
        choice = _first(_field(said, "choices"))
        message = _field(choice, "delta") or _field(choice, "message")
        # Finish reason and count of tokens come late, and at times again and again.
        self.finish_reason = _text(_field(choice, "finish_reason")) or self.finish_reason
        counts = {name: _field(_field(said, "usage"), name) for name in _COUNTS}
        self._tokens |= {name: count for name, count in counts.items() if isinstance(count, int)}
        self._refusal += _text(_field(message, "refusal"))
        text = _text(_field(message, "content"))
        thought = next(filter(None, (_text(_field(message, name)) for name in _REASONING)), "")
        if text:
            self._pieces.append(text)
        if text or thought:
            self._on_piece(text)
            self._runaway.add(text, thought)
        return bool(text or thought)

    def completion(self) -> Completion:
        """Return it as it stands."""
        tokens_in, tokens_out = map(self._tokens.get, _COUNTS)
        text = "".join(self._pieces)
        return Completion(text, self.finish_reason, self._refusal, tokens_in, tokens_out)


def error_in(body: object) -> Mapping[str, Any] | None:
    """Return the error that a body tells of, with a `message` at least; None without one.

    Servers send `{"error": {…}}`, `{"error": "…"}`, the error alone, or a list of one (Gemini).
    """
    body = _first(body) or body
    error = _field(body, "error") or body
    if isinstance(error, str) and error.strip():
        return {"message": error}
    return error if isinstance(error, Mapping) and error.get("message") else None


def status_of(error: Mapping[str, Any]) -> int:
    """Return the HTTP status that an error within a 200 stands for: its `code`, or 500."""
    code = str(error.get("code", ""))
    return int(code) if re.fullmatch("[45][0-9][0-9]", code) else 500


def _field(value: object, name: str) -> Any:
    return value.get(name) if isinstance(value, Mapping) else None


def _first(value: object) -> Any:
    return value[0] if isinstance(value, list) and value else None


def _text(value: object) -> str:
    """Return text; some servers send a list of parts."""
    if isinstance(value, list):
        return "".join(_text(_field(part, "text")) for part in value)
    return value if isinstance(value, str) else ""
