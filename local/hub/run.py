"""A workflow run as the hub's users see it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from local.hub.records import RunRecord
from local.hub.run_folder import RunFolder


@dataclass(frozen=True)
class Run:
    """A workflow run as it is now; times in seconds since the epoch."""

    id: int
    repository: str
    event: str
    name: str
    status: str
    conclusion: str | None
    attempt: int
    created_at: float
    started_at: float | None
    completed_at: float | None
    log: Path
    artifacts: Path

    @classmethod
    def of(cls, record: RunRecord, folder: RunFolder) -> Self:
        """Say how a run is now."""
        return cls(
            id=record.id,
            repository=record.repository,
            event=record.event,
            name=record.name,
            status=record.status,
            conclusion=record.conclusion,
            attempt=record.attempt,
            created_at=record.created_at,
            started_at=record.started_at,
            completed_at=record.completed_at,
            log=folder.log,
            artifacts=folder.artifacts,
        )
