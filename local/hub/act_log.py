"""The steps of a run, read from act's log."""

import re
from dataclasses import dataclass, replace
from typing import Literal

STEP = re.compile(
    r"(?:⭐ Run Main (?P<begun>.+)|(?P<mark>✅|❌)\s+\w+ - Main (?P<ended>.+?)(?: \[[^\]]+\])?)\s*$"
)
"""The line with which act begins or ends a step."""


@dataclass(frozen=True)
class Step:
    """A step of the workflow; without a conclusion it is under way."""

    name: str
    conclusion: Literal["success", "failure"] | None = None


def steps_of(log: str) -> list[Step]:
    """Return the workflow's own steps, in the order in which they began.

    A composite action's own steps come between the start and the end of the step that uses it.
    """
    found: list[Step] = []
    depth = 0
    for line in filter(None, map(STEP.search, log.splitlines())):
        if line["begun"]:
            found += [Step(line["begun"])] if depth == 0 else []
            depth += 1
        else:
            depth -= 1
            if depth == 0:
                failed = line["mark"] == "❌"
                found[-1] = replace(found[-1], conclusion="failure" if failed else "success")
    return found
