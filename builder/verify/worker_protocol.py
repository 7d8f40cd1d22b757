"""The protocol of the browser worker: on standard input a JSON object that says which browser to
start, and one that is the job; observations come out as one JSON object per line."""

import json
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from builder.verify.scenarios.scenario import Scenario

SITE = "site"
"""The folder of the site's files in the job's folder; screenshots are written beside it."""

Observation = Mapping[str, Any]
"""A `kind` and the fields that `Kind` lists for it."""


class Launch(BaseModel, frozen=True):
    """Which browser to start, for a job in `folder`."""

    folder: str
    programs: Mapping[str, str]
    """Browsers to try, in order: paths by name. An empty path is Playwright's own download."""
    flags: Sequence[str]
    launch_seconds: float
    """How long each program may take to start."""

    def path(self, name: str) -> Path:
        return Path(self.folder) / name


class Job(Launch, frozen=True):
    """Which page to open, and for how long; times in seconds."""

    name: str
    """The site is served under `/<name>/`."""
    page: str
    """The path of the page in the site; empty for `index.html`."""
    checks: Sequence[str]
    seconds: float
    """From the moment that a browser has started."""
    check_seconds: float
    """How long the checks may take together once the page is loaded."""
    patience: float
    """How long a check may take to become true on one load."""
    earlier: Sequence[int] = ()
    """Indexes of the checks of earlier rounds: they get a load of their own."""
    cdn_mirror: str | None = None
    scenarios: Sequence[Scenario] = ()
    smoke: bool = True
    """Whether to run the smoke test, too."""
    use_seconds: float = 0.0
    """For the smoke test; all scenarios may take twice as much before it. 0 leaves both out."""


class Kind(StrEnum):
    """What was observed; the fields are in the comment."""

    NOT_STARTED = "not started"  # subject (a program), seen
    NO_BROWSER = "no browser"
    STARTED = "started"  # seen (program and version)
    OPENED = "opened"
    CHECK = "check"  # index, passed, seen
    UNREADABLE_CHECK = "unreadable check"  # index, seen
    PAGE_ERROR = "page error"  # seen
    CONSOLE_ERROR = "console error"  # seen
    OWN_REQUEST = "own request"  # subject, seen
    OTHER_REQUEST = "other request"  # subject, seen
    ASKED = "asked"  # subject: a file of the site, or another host
    REFUSED = "refused"  # subject
    NOT_LOADED = "not loaded"  # seen
    SLOW = "slow"  # seen
    HANGS = "hangs"
    CRASHED = "crashed"
    CLOSED = "closed"
    LEFT = "left"  # seen
    BLANK = "blank"
    OVERFLOW = "overflow"  # seen
    USE_ERROR = "use error"  # subject, seen
    USE_MISSING = "use missing"  # subject, seen
    NO_EFFECT = "no effect"  # subject
    SMOKE_TESTED = "smoke tested"  # tried, total
    SNAPSHOT = "snapshot"  # seen: the accessibility tree on load, as YAML
    SCENARIO = "scenario"  # outcome, as `Outcome` dumps it
    SCREENSHOT = "screenshot"  # name of the file
    OUT_OF_TIME = "out of time"
    BROWSER_DIED = "browser died"  # seen
    DONE = "done"


def read_observations(lines: str) -> list[Observation]:
    """Return the observations, without a last line that was cut off by a kill."""
    return [json.loads(line) for line in lines.splitlines(keepends=True) if line.endswith("\n")]
