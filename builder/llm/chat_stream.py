"""Gathers a chat completion from whatever a server sends: chunks, or one whole answer.

Nothing is trusted: fields may be missing, null or of another type.
"""

import re
from collections.abc import AsyncIterator, Mapping
from math import inf
from typing import Any

from builder.llm.calls import Completion, OnPiece
from builder.llm.runaway import Runaway

LONGEST_LINE = 2_000_000
"""Bytes, ten times as many as a whole answer in one line has."""
_REASONING = ("reasoning_content", "reasoning")
"""Where servers stream the reasoning of a model (DeepSeek, vLLM; OpenRouter)."""
_COUNTS = ("prompt_tokens", "completion_tokens")
_COST = "cost"
"""In US dollars, as OpenRouter reports it (its documentation, Usage Accounting)."""


async def lines_of(pieces: AsyncIterator[bytes]) -> AsyncIterator[str]:
    """Yield the lines of a stream. Raises ValueError for one without end.

    Lines end only at CR and LF: JSON may contain U+2028 and the like unescaped, where
    `str.splitlines`, and so httpx, would split.
    """
    rest = b""
    async for piece in pieces:
        *lines, rest = re.split(rb"[\r\n]", rest + piece)
        for line in lines:
            yield line.decode("utf-8-sig", "replace")
        if len(rest) > LONGEST_LINE:
            raise ValueError("a line without end")
    yield rest.decode("utf-8-sig", "replace")


class StreamedReply:
    """The reply so far; each piece of text is passed to `on_piece` and watched by `runaway`."""

    def __init__(self, on_piece: OnPiece, runaway: Runaway) -> None:
        self.finish_reason: str | None = None
        self._on_piece = on_piece
        self._runaway = runaway
        self._pieces: list[str] = []
        self._refusal = ""
        self._tokens: dict[str, int] = {}
        self._cost: float | None = None

    @property
    def has_begun(self) -> bool:
        """Whether the reply itself has begun, after whatever reasoning."""
        return bool(self._pieces)

    def take(self, said: object) -> bool:
        """Take a chunk, or a whole answer, in; return whether it holds text or reasoning."""
        choice = _first_choice(said)
        # Some servers close a stream with the whole message once more.
        message = _field(choice, "delta") or (not self.has_begun and _field(choice, "message"))
        # Finish reason and token counts come late, and sometimes repeatedly.
        self.finish_reason = _text(_field(choice, "finish_reason")) or self.finish_reason
        usage = _field(said, "usage")
        counts = {name: _field(usage, name) for name in _COUNTS}
        self._tokens |= {name: count for name, count in counts.items() if isinstance(count, int)}
        cost = _field(usage, _COST)
        self._cost = cost if isinstance(cost, int | float) and 0 <= cost < inf else self._cost
        self._refusal += _text(_field(message, "refusal"))
        text = _text(_field(message, "content"))
        thought = next(filter(None, (_text(_field(message, name)) for name in _REASONING)), "")
        if text:
            self._pieces.append(text)
        if text or thought:
            self._on_piece(text)
            self._runaway.add(text, thought)
        return bool(text or thought)

    def end(self) -> None:
        """Take note that the server has marked the end, with or without a finish reason."""
        self.finish_reason = self.finish_reason or "stop"

    def completion(self) -> Completion:
        tokens_in, tokens_out = map(self._tokens.get, _COUNTS)
        text, refusal = map(well_formed, ("".join(self._pieces), self._refusal))
        return Completion(text, self.finish_reason, refusal, tokens_in, tokens_out, self._cost)


def well_formed(text: str) -> str:
    """Join the halves of characters that came in two pieces; a half alone cannot be encoded."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def error_in(body: object) -> Mapping[str, Any] | None:
    """Return the error that a body or a chunk reports; None if there is none.

    Servers send `{"error": {…}}`, `{"error": "…"}`, the error alone, a list of one (Gemini), or
    the error in the choice (OpenRouter).
    """
    body = body[0] if isinstance(body, list) and body else body
    choice = _first_choice(body)
    error = _field(body, "error") or _field(choice, "error")
    if not error and not choice and (isinstance(body, str) or _field(body, "message")):
        error = body
    if isinstance(error, str):
        return {"message": error} if error.strip() else None
    return error if isinstance(error, Mapping) else None


def status_of(error: Mapping[str, Any]) -> int:
    """Return the HTTP status that an error within a 200 stands for: its `code`, or 500."""
    code = str(error.get("code", ""))
    return int(code) if re.fullmatch("[45][0-9][0-9]", code) else 500


def _field(value: object, name: str) -> Any:
    return value.get(name) if isinstance(value, Mapping) else None


def _first_choice(said: object) -> Any:
    """Return the first choice; a server may send several, each in chunks of its own."""
    choices = _field(said, "choices")
    listed = choices if isinstance(choices, list) else []
    return next((choice for choice in listed if not _field(choice, "index")), None)


def _text(value: object) -> str:
    """Return the text; some servers send a list of parts."""
    if isinstance(value, list):
        return "".join(_text(_field(part, "text")) for part in value)
    return value if isinstance(value, str) else ""
