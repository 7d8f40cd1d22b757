"""What the hub reads of a workflow file: its name, what starts it, the actions it uses."""

import re
import zlib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import Any, Self

import yaml

from local.hub.bare import BareRepository

FOLDER = ".github/workflows"
USES = re.compile(r"^\s*(?:-\s+)?uses:\s*[\"']?([\w.-]+/[^\s\"'#]+)", re.MULTILINE)


@dataclass(frozen=True)
class Workflow:
    """A workflow file of a repository."""

    path: str
    name: str
    triggers: dict[str, dict[str, Any]]
    uses: frozenset[str]
    permissions: dict[str, Any]
    """What `github.token` may, in whichever job needs most."""

    @property
    def id(self) -> int:
        return zlib.crc32(self.path.encode())

    @property
    def file(self) -> str:
        return PurePosixPath(self.path).name

    def listens_to_dispatch(self, kind: str) -> bool:
        """Whether a repository_dispatch with the event_type `kind` starts it."""
        if "repository_dispatch" not in self.triggers:
            return False
        types = self.triggers["repository_dispatch"].get("types")
        return types is None or kind in ([types] if isinstance(types, str) else types)

    def listens_to_push(self, branch: str) -> bool:
        """Whether a push to `branch` starts it; of the filters `branches` alone is looked at."""
        if "push" not in self.triggers:
            return False
        patterns = self.triggers["push"].get("branches", "*")
        listed = [patterns] if isinstance(patterns, str) else patterns
        return any(fnmatchcase(branch, pattern) for pattern in listed)

    def inputs(self) -> dict[str, dict[str, Any]]:
        declared = self.triggers["workflow_dispatch"].get("inputs") or {}
        return {name: about or {} for name, about in declared.items()}

    @classmethod
    def parse(cls, path: str, text: str) -> Self | None:
        """Read a file; None where it is no workflow."""
        try:
            # All scalars stay text: YAML 1.1 would read the key `on` as true.
            root = yaml.load(text, yaml.BaseLoader)  # noqa: S506 - the base loader makes no objects
        except yaml.YAMLError:
            return None
        if not isinstance(root, dict) or "on" not in root or "jobs" not in root:
            return None
        uses = frozenset(USES.findall(text))
        jobs = [job for job in root["jobs"].values() if isinstance(job, dict)]
        granted = [part.get("permissions") for part in (root, *jobs)]
        permissions: dict[str, Any] = {"contents": "read"}
        for names in granted:
            permissions |= names if isinstance(names, dict) else {}
        return cls(path, root.get("name") or path, _triggers(root["on"]), uses, permissions)


def _triggers(on: Any) -> dict[str, dict[str, Any]]:
    """Return each event that is named, by one word, a list or a mapping, with its filters."""
    if not isinstance(on, dict):
        on = dict.fromkeys([on] if isinstance(on, str) else on)
    return {event: about if isinstance(about, dict) else {} for event, about in on.items()}


def workflows_of(git: BareRepository, commit: str) -> list[Workflow]:
    found = []
    for path, entry in git.files(commit).items():
        if path.startswith(f"{FOLDER}/") and path.endswith((".yml", ".yaml")):
            text = (git.read_blob(entry.blob) or b"").decode("utf-8", "replace")
            found.append(Workflow.parse(path, text))
    return [workflow for workflow in found if workflow]
