"""What was seen of a page, as the looking process tells it: one JSON object a line."""

import json
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What was observed; the fields are in the comment."""

    NOT_STARTED = "not started"  # seen
    OPENED = "opened"
    CHECK = "check"  # index, passed, seen
    UNREADABLE_CHECK = "unreadable check"  # index, seen
    PAGE_ERROR = "page error"  # seen
    CONSOLE_ERROR = "console error"  # seen
    OWN_REQUEST = "own request"  # subject, seen
    OTHER_REQUEST = "other request"  # subject, seen
    REFUSED = "refused"  # subject
    NOT_LOADED = "not loaded"  # seen
    SLOW = "slow"  # seen
    HANGS = "hangs"  # seen
    CRASHED = "crashed"
    CLOSED = "closed"
    LEFT = "left"  # seen
    BLANK = "blank"
    OVERFLOW = "overflow"  # seen
    VIOLATION = "violation"  # subject, expected, seen
    NO_AXE = "no axe"  # seen
    USE_ERROR = "use error"  # subject, seen
    USE_MISSING = "use missing"  # subject, seen
    NO_EFFECT = "no effect"  # subject
    SMOKE_TESTED = "smoke tested"  # tried, total
    PICTURE = "picture"  # name of the file
    OUT_OF_TIME = "out of time"
    DONE = "done"


def read(lines: str) -> list[dict[str, Any]]:
    """Return the observations; a last line that a kill cut off is left out."""
    return [json.loads(line) for line in lines.splitlines(keepends=True) if line.endswith("\n")]
