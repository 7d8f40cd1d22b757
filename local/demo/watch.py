"""Follows the workflow runs of a repository: which step they are at, and how they end."""

import re
from collections.abc import Iterator

from local.hub import Hub, WorkflowRun

STEP = re.compile(
    r"(?:⭐ Run Main (?P<begun>.+)|(?P<mark>✅|❌)\s+\w+ - Main (?P<ended>.+?)(?: \[[^\]]+\])?)\s*$"
)
"""How act tells of a step."""


class Watch:
    """Tells what is new in the runs that begin after it was made."""

    def __init__(self, hub: Hub, repository: str) -> None:
        self._hub = hub
        self._repository = repository
        self._earlier = {run.id for run in hub.runs(repository)}
        self._told = 0

    @property
    def run(self) -> WorkflowRun | None:
        """The newest run, if one has begun."""
        runs = [run for run in self._hub.runs(self._repository) if run.id not in self._earlier]
        return runs[-1] if runs else None

    def news(self) -> Iterator[str]:
        """Yield what happened since the last call."""
        told, self._told = self._told, len(lines := self._lines())
        yield from lines[told:]

    def _lines(self) -> list[str]:
        """Return all there is to tell so far."""
        run = self.run
        if run is None:
            return []
        lines = [f"workflow run “{run.title}” started: {run.url}", *steps(read_log(run))]
        if run.conclusion:
            lines.append(f"workflow run “{run.title}”: {run.conclusion}")
        return lines


def steps(log: str) -> list[str]:
    """Return a line for each of the workflow's steps in act's log that began, or failed.

    A composite action's own steps stand between the beginning and the end of the step that uses it.
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


def read_log(run: WorkflowRun) -> str:
    """Return the log so far."""
    return run.log.read_text("utf-8", "replace") if run.log.exists() else ""
