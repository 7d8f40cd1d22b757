"""Where the looking process writes down what it sees, line by line: a kill loses nothing."""

import json
from collections import Counter
from threading import Lock
from typing import TextIO

from builder.verify.observation import Kind

TEXT = 500
"""Characters of a text from the page that are kept."""
KEPT = 20
"""Observations of one kind that are kept: a page may produce them without end."""

UNBOUNDED = frozenset({Kind.CHECK, Kind.UNREADABLE_CHECK, Kind.DONE, Kind.OUT_OF_TIME})
"""Kinds that the page cannot multiply."""


class Notebook:
    """Writes observations to a stream as they come: each once, texts cut, some of each kind."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._seen: set[str] = set()
        self._counts: Counter[Kind] = Counter()
        # The proxy writes from threads of its own.
        self._lock = Lock()

    def __call__(self, kind: Kind, **fields: object) -> None:
        """Write an observation down."""
        line = json.dumps({"kind": kind} | {name: _cut(value) for name, value in fields.items()})
        with self._lock:
            full = self._counts[kind] >= KEPT and kind not in UNBOUNDED
            if line in self._seen or full:
                return
            self._seen.add(line)
            self._counts[kind] += 1
            self._stream.write(f"{line}\n")
            self._stream.flush()


def _cut(value: object) -> object:
    """Put a text on one line and bound it."""
    if not isinstance(value, str):
        return value
    # A page's text may be many megabytes: only its head is looked at.
    head = " ".join(value[: 4 * TEXT].split())
    return head if len(value) <= 4 * TEXT and len(head) <= TEXT else f"{head[:TEXT]}…"
