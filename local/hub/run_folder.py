"""Where a workflow run lies: its event, its log, its artifacts, and its workspace."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from local.hub.records import write_private


@dataclass(frozen=True)
class RunFolder:
    """What a run leaves, and the workspace that goes away with it."""

    path: Path

    @property
    def event(self) -> Path:
        return self.path / "event.json"

    @property
    def log(self) -> Path:
        return self.path / "log.txt"

    @property
    def artifacts(self) -> Path:
        return self.path / "artifacts"

    @property
    def earlier_artifacts(self) -> Path:
        """Those of the attempt before, which still count when all jobs are run again."""
        return self.path / "earlier-artifacts"

    @property
    def pages(self) -> Path:
        """The site that a step handed over to be deployed."""
        return self.path / "pages"

    @property
    def workspace(self) -> Path:
        return self.path / "workspace"

    @property
    def programs(self) -> Path:
        """What stands in front of PATH."""
        return self.workspace / "programs"

    def write_event(self, event: Mapping[str, object]) -> None:
        """Keep the event file, for the owner's eyes only: it holds what was sent."""
        self.path.mkdir(parents=True, mode=0o700)
        write_private(self.event, json.dumps(event))

    def read_log(self) -> str:
        """Return the log so far."""
        return self.log.read_text("utf-8", "replace") if self.log.exists() else ""

    def add_to_log(self, line: str) -> None:
        with self.log.open("a", encoding="utf-8") as log:
            log.write(f"{line}\n")

    def prepare(self, attempt: int) -> None:
        """Make room for an attempt; the log of the one before stays beside the new one."""
        if self.log.exists():
            self.log.rename(self.path / f"log.{attempt - 1}.txt")
        for folder in (self.artifacts, self.pages, self.workspace):
            shutil.rmtree(folder, ignore_errors=True)
        self.artifacts.mkdir()
        for name in ("home", "cache", "tmp", "programs"):
            (self.workspace / name).mkdir(parents=True)

    def put_artifacts_aside(self, *, keep: bool) -> None:
        """Before another attempt: keep the artifacts beside the coming ones, or forget them."""
        shutil.rmtree(self.earlier_artifacts, ignore_errors=True)
        if keep and self.artifacts.exists():
            self.artifacts.rename(self.earlier_artifacts)

    def clear(self) -> None:
        """Remove the workspace; event, log and artifacts stay."""
        shutil.rmtree(self.workspace, ignore_errors=True)
