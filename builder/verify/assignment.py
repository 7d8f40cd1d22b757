"""What the looking process is asked to do, as JSON on its standard input."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

SITE = "site"
"""The folder of the site's files; pictures are put beside it."""


@dataclass(frozen=True)
class Assignment:
    """Which page to look at, how, and for how long at most (seconds)."""

    folder: str
    name: str
    """The site is served under `/<name>/`."""
    page: str
    """The path of the page in the site; empty for `index.html`."""
    checks: Sequence[str]
    executable: str
    flags: Sequence[str]
    seconds: float
    check_seconds: float
    """How long a check may take to become true once the page is loaded."""
    earlier: Sequence[int] = ()
    """Which of `checks` are those of earlier rounds: they get a load of their own."""
    cdn_mirror: str | None = None
    axe: str | None = None
    """Path of axe-core's script."""

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote."""
        return cls(**json.loads(text))

    def to_json(self) -> str:
        """Return the JSON object."""
        return json.dumps(asdict(self))

    def path(self, name: str) -> Path:
        """Return the path of a file in the folder."""
        return Path(self.folder) / name
