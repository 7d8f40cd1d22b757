"""Stops a reply that will not become usable, so that the time goes to another attempt."""

import re
from dataclasses import dataclass, field

from builder.llm.messages import spoken

CHARACTERS_PER_TOKEN = 6
"""More than prose or code has on average (3 to 4), so that the server's limit applies first."""
FILELESS = 12_000
"""Characters within which a reply that should bring files has to begin one."""
REPEATED = 6_000
"""Characters of repetition at the end; a page may well have a few identical rows."""
TIMES = 3
"""How often a part has to come, however long it is."""
LONGEST_PART = 4_000
SEED = 200
"""Characters by which the previous occurrence is found."""
CHECK_EVERY = 1_000

_FILE = re.compile(r"<\w+\s+path\s*=|^[ \t]*```", re.M)
"""A file block, or a fence that may hold a file."""


@dataclass
class Runaway:
    """Watches one reply; `reason` says why it has to be stopped, empty while it may go on."""

    max_tokens: int
    expects_files: bool
    reason: str = ""
    _text: list[str] = field(default_factory=list)
    _tail: str = ""
    _characters: int = 0

    def add(self, text: str, thought: str) -> None:
        """Take a piece of the reply, or of the reasoning before it."""
        self._text.append(text)
        self._tail = (self._tail + thought + text)[-TIMES * LONGEST_PART :]
        before = self._characters
        self._characters += len(thought) + len(text)
        if before // CHECK_EVERY < self._characters // CHECK_EVERY:
            self.reason = self._judge()

    def _judge(self) -> str:
        if self._characters > self.max_tokens * CHARACTERS_PER_TOKEN:
            return f"stopped: it went on past the limit of {self.max_tokens:,} tokens"
        if repeats_itself(self._tail):
            return "stopped: it repeats itself"
        reply = spoken("".join(self._text)) if self.expects_files else ""
        self.expects_files = self.expects_files and not _FILE.search(reply)
        if self.expects_files and len(reply) >= FILELESS:
            return f"stopped: no file in {FILELESS:,} characters"
        return ""


def repeats_itself(text: str) -> bool:
    """Return whether `text` ends with one part repeated over and over."""
    before = text.rfind(text[-SEED:], 0, len(text) - 1)
    part = len(text) - SEED - before
    length = max(REPEATED, TIMES * part)
    return before >= 0 and length <= len(text) and text[part - length :] == text[-length:-part]
