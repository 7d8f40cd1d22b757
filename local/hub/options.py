"""How a hub behaves."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from local.faults import FaultPlan

FIRST_PUBLICATION = 60.0
LATER_BUILD = 30.0
"""Seconds that a site's first build and later ones take on GitHub (about a minute at first)."""


class ActionsState(StrEnum):
    """Whether workflows run."""

    ON = "on"
    OFF = "off"
    """Disabled, as in a fresh fork: events are accepted and start nothing."""
    NO_MINUTES = "no minutes"
    """The month's minutes are spent: runs fail without a step."""


class RunnerBrowsers(StrEnum):
    """The browsers that a run finds on PATH."""

    HOST = "host"
    """Those of this machine, as they are."""
    UBUNTU_24_04 = "ubuntu-24.04"
    """A chromium that finds no usable sandbox, and a google-chrome that works
    (actions/runner-images, issue 12096)."""
    NONE = "none"
    """None that starts."""


@dataclass(frozen=True)
class HubOptions:
    """What differs from hub to hub.

    `time_scale` is what GitHub's own waits are multiplied by: builds and purges of Pages, the
    edge's cache, the minute of a secondary limit; 0 means that builds and purges take no time.
    `first_publication` and `later_build` are the seconds of a site's builds before that.
    `secondary_limit` is in writes a minute (None: without). `run_environ` is added to the
    environment of every workflow run, of which `max_runs` go on at once. `faults` says which calls
    and builds go wrong.
    """

    time_scale: float = 0.0
    first_publication: float = FIRST_PUBLICATION
    later_build: float = LATER_BUILD
    run_environ: Mapping[str, str] = field(default_factory=dict)
    max_runs: int = 2
    secondary_limit: int | None = None
    actions: ActionsState = ActionsState.ON
    browsers: RunnerBrowsers = RunnerBrowsers.HOST
    clock: Callable[[], float] = time.time
    faults: FaultPlan = field(default_factory=FaultPlan)
