"""Writes observations line by line, so that a kill loses none."""

import json
from collections import Counter
from collections.abc import Callable
from threading import Lock
from typing import TextIO

from builder.verify.worker_protocol import Kind

MAX_CHARACTERS = 500
"""Of a text from the page."""
MAX_SNAPSHOT = 20_000
"""Of the accessibility tree, which keeps its lines."""
MAX_OF_A_KIND = 20
"""A page may produce some kinds endlessly."""
MAX_ASKED = 200
"""Files and hosts that a page asks for: one with many pictures names its data last."""

UNBOUNDED = frozenset(
    {Kind.CHECK, Kind.UNREADABLE_CHECK, Kind.DONE, Kind.OUT_OF_TIME, Kind.BROWSER_DIED}
)
"""Kinds that the page cannot multiply."""

Record = Callable[..., None]
"""Takes a `Kind` and its fields."""


class Recorder:
    """Writes to a stream: each observation once, texts cut, a limited number of each kind."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._seen: set[str] = set()
        self._counts: Counter[Kind] = Counter()
        # The proxy writes from threads of its own.
        self._lock = Lock()

    def __call__(self, kind: Kind, **fields: object) -> None:
        cut = _start if kind is Kind.SNAPSHOT else _cut
        line = json.dumps({"kind": kind} | {name: cut(value) for name, value in fields.items()})
        with self._lock:
            most = MAX_ASKED if kind is Kind.ASKED else MAX_OF_A_KIND
            is_full = self._counts[kind] >= most and kind not in UNBOUNDED
            if line in self._seen or is_full:
                return
            self._seen.add(line)
            self._counts[kind] += 1
            self._stream.write(f"{line}\n")
            self._stream.flush()


def _start(value: object) -> object:
    """Bound a text of many lines."""
    return value[:MAX_SNAPSHOT] if isinstance(value, str) else value


def _cut(value: object) -> object:
    """Put a text on one line and bound it."""
    if not isinstance(value, str):
        return value
    # A page's text may be many megabytes: only its start is read.
    head = " ".join(value[: 4 * MAX_CHARACTERS].split())
    is_whole = len(value) <= 4 * MAX_CHARACTERS and len(head) <= MAX_CHARACTERS
    return head if is_whole else f"{head[:MAX_CHARACTERS]}…"
