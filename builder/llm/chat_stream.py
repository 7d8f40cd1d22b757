"""What a chat completion says, gathered from whatever a server sends: chunks, or one whole answer.

Nothing is taken on trust: fields may be missing, null or of another type.
"""

from collections.abc import Mapping
from typing import Any

from builder.llm.calls import Completion, OnPiece
from builder.llm.runaway import Runaway

_REASONING = ("reasoning_content", "reasoning")
"""Where servers stream the reasoning of a model (DeepSeek, vLLM; OpenRouter)."""


class StreamedReply:
    """What came so far; each piece of text is passed to `on_piece`, and followed by `runaway`."""

    def __init__(self, on_piece: OnPiece, runaway: Runaway) -> None:
        self.on_piece = on_piece
        self.runaway = runaway
        self._pieces: list[str] = []
        self._refusal: list[str] = []
        self._tokens: dict[str, int | None] = {}
        self.finish_reason: str | None = None

    @property
    def has_begun(self) -> bool:
        """Whether the reply itself has begun, after whatever reasoning."""
        return bool(self._pieces)

    def take(self, said: object) -> bool:
        """Take a chunk, or a whole answer, in; return whether it holds text or reasoning."""
        choice = _first(_field(said, "choices"))
        message = _field(choice, "delta") or _field(choice, "message")
        self._note(said, choice)
        text = _text(_field(message, "content"))
        self._refusal.append(_text(_field(message, "refusal")))
        thought = next(filter(None, (_text(_field(message, name)) for name in _REASONING)), "")
        if text:
            self._pieces.append(text)
        if text or thought:
            self.on_piece(text)
            self.runaway.add(text, thought)
        return bool(text or thought)

    def completion(self) -> Completion:
        """Return it as it stands."""
        return Completion(
            text="".join(self._pieces),
            finish_reason=self.finish_reason,
            refusal="".join(self._refusal),
            tokens_in=self._tokens.get("prompt_tokens"),
            tokens_out=self._tokens.get("completion_tokens"),
        )

    def _note(self, said: object, choice: object) -> None:
        """Keep the newest finish reason and count of tokens; both come late."""
        self.finish_reason = _text(_field(choice, "finish_reason")) or self.finish_reason
        usage = _field(said, "usage")
        for name in ("prompt_tokens", "completion_tokens"):
            count = _field(usage, name)
            if isinstance(count, int):
                self._tokens[name] = count


def error_in(body: object) -> Mapping[str, Any] | None:
    """Return the error that a body tells of, with a `message` at least; None without one.

    Servers send `{"error": {…}}`, `{"error": "…"}`, the error alone, or a list of one (Gemini).
    """
    body = _first(body) or body
    error = _field(body, "error") or body
    if isinstance(error, str) and error.strip():
        return {"message": error}
    return error if isinstance(error, Mapping) and _field(error, "message") else None


def status_of(error: Mapping[str, Any], default: int) -> int:
    """Return the HTTP status that an error within a 200 stands for (OpenRouter: `code`)."""
    code = str(error.get("code", ""))
    if code.isdigit() and 400 <= int(code) < 600:
        return int(code)
    return _STATUSES.get(code, default)


_STATUSES = {"rate_limit_exceeded": 429, "insufficient_quota": 429, "model_not_found": 404}


def _field(value: object, name: str) -> Any:
    return value.get(name) if isinstance(value, Mapping) else None


def _first(value: object) -> Any:
    return value[0] if isinstance(value, list) and value else None


def _text(value: object) -> str:
    """Return text; some servers send a list of parts."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "".join(_text(_field(part, "text")) for part in value)
    return ""
