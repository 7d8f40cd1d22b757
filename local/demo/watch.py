"""Follows a workflow run: which step it is at, and how it ends."""

from local.hub import Hub, WorkflowRun
from local.hub.act_log import steps_of
from local.provision import REPOSITORY


class Watch:
    """Reports what is new in the run that begins after this was made."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._earlier = len(hub.runs(REPOSITORY))
        self._reported = 0

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
        reported, self._reported = self._reported, len(lines)
        return lines[reported:]


def steps(log: str) -> list[str]:
    """Return a line for each step of the workflow in act's log that began or failed."""
    lines = []
    for step in steps_of(log):
        lines.append(f"  {step.name}")
        lines += [f"  {step.name} failed"] if step.conclusion == "failure" else []
    return lines
