"""The folder of a workflow run: its event, its log, its artifacts, and its workspace."""

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path


class RunFolder:
    """What a run leaves, and the workspace that goes away with it.

    `pages` is the site that a step handed over, `programs` comes first on PATH.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.event = path / "event.json"
        self.log = path / "log.txt"
        self.artifacts = path / "artifacts"
        self.pages = path / "pages"
        self.workspace = path / "workspace"
        self.programs = self.workspace / "programs"

    def write_event(self, event: Mapping[str, object]) -> None:
        self.path.mkdir(parents=True, mode=0o700)
        write_private(self.event, json.dumps(event))

    def read_log(self) -> str:
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


def write_private(path: Path, text: str) -> None:
    """Write a file that nobody else may read, also where it was there and others could."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.fchmod(descriptor, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
