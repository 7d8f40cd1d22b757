"""Follows a workflow run: which step it is at, and how it ends."""

import re

from local.hub import Hub, WorkflowRun
from local.provision import REPOSITORY

STEP = re.compile(
    r"(?:⭐ Run Main (?P<begun>.+)|(?P<mark>✅|❌)\s+\w+ - Main (?P<ended>.+?)(?: \[[^\]]+\])?)\s*$"
)
"""How act tells of a step."""


class Watch:
    """Reports what is new in the run that begins after this was made."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._earlier = len(hub.runs(REPOSITORY))
        self._told = 0

    @property
    def run(self) -> WorkflowRun | None:
        return next(reversed(self._hub.runs(REPOSITORY)[self._earlier :]), None)

    def news(self) -> list[str]:
        """Return what happened since the last call."""
        run = self.run
        if run is None:
            return []
        lines = [f"workflow run “{run.title}” started: {run.url}", *steps(run.folder.read_log())]
        if run.conclusion:
            lines.append(f"workflow run “{run.title}”: {run.conclusion}")
        told, self._told = self._told, len(lines)
        return lines[told:]


def steps(log: str) -> list[str]:
    """Return a line for each step of the workflow in act's log that began or failed.

    A composite action's own steps come between the start and the end of the step that uses it.
    """
    told, depth = [], 0
    for step in filter(None, map(STEP.search, log.splitlines())):
        if step["begun"]:
            told += [f"  {step['begun']}"] if depth == 0 else []
            depth += 1
        else:
            depth -= 1
            told += [f"  {step['ended']} failed"] if step["mark"] == "❌" and depth == 0 else []
    return told
