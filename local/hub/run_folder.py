"""Where a workflow run lies: its event, its log, its artifacts, and its workspace."""

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


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
    def pages(self) -> Path:
        """The site that a step handed over to be deployed."""
        return self.path / "pages"

    @property
    def workspace(self) -> Path:
        return self.path / "workspace"

    def write_event(self, event: Mapping[str, object]) -> None:
        """Keep the event file, for the owner's eyes only: it holds what was sent."""
        self.path.mkdir(parents=True, mode=0o700)
        write_private(self.event, json.dumps(event))

    def prepare(self, attempt: int) -> None:
        """Make room for an attempt; the log of the one before stays beside the new one."""
        if self.log.exists():
            self.log.rename(self.path / f"log.{attempt - 1}.txt")
        for folder in (self.artifacts, self.pages, self.workspace):
            shutil.rmtree(folder, ignore_errors=True)
        self.artifacts.mkdir()
        for name in ("home", "cache", "tmp"):
            (self.workspace / name).mkdir(parents=True)

    def clear(self) -> None:
        """Remove the workspace; event, log and artifacts stay."""
        shutil.rmtree(self.workspace, ignore_errors=True)


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
