"""Runs of the workflow: find them, read their verdicts, reports and logs, start them again."""

import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any, Self

from briefship.context import CommandSettings
from briefship.github import RAW, GitHub
from briefship.workflow_repository import WORKFLOW
from builder.errors import BriefshipError
from builder.publish.naming import repository_name

TITLE = re.compile(r"(?P<task>.+) round (?P<round>[0-9]+)(?: \((?P<id>[0-9a-f]{16})\))?")
"""What `run-name` of build.yml makes of a task."""
SEARCHED = 100
"""Newest runs among which one is looked for: as many as a page of GitHub's has."""


class RunNotFound(BriefshipError):
    """No run has this id, or is of this build or task."""

    fix = "See briefship status for the newest runs; each has its ids there."


@dataclass(frozen=True)
class BuildRun:
    """A run of the workflow and the task that it is about; `verdict` where it is known."""

    run: int
    task: str
    round: int | None
    build: str
    state: str
    """How it ended, or how far it is."""
    attempt: int
    seconds: float
    url: str
    verdict: str = ""
    step: str = ""
    """The step that the workflow is at, while it is known."""

    @classmethod
    def of(cls, item: dict[str, Any], now: datetime) -> Self:
        """Read a run of GitHub's API."""
        named = TITLE.fullmatch(item["display_title"])
        began = datetime.fromisoformat(item["run_started_at"])
        ended = datetime.fromisoformat(item["updated_at"]) if item["conclusion"] else now
        return cls(
            run=item["id"],
            task=named["task"] if named else item["display_title"],
            round=int(named["round"]) if named else None,
            build=(named["id"] or "") if named else "",
            state=item["conclusion"] or item["status"],
            attempt=item["run_attempt"],
            seconds=max(0.0, (ended - began).total_seconds()),
            url=item["html_url"],
        )

    @property
    def is_over(self) -> bool:
        """Whether the run is over."""
        return self.state not in {"queued", "in_progress", "waiting", "requested", "pending"}

    def later(self, seconds: float) -> Self:
        """Return the run some seconds later, unless it is over."""
        return replace(self, seconds=self.seconds + seconds)

    def to_json(self) -> dict[str, Any]:
        """Return it for scripts."""
        return asdict(self)


class Runs:
    """The runs of the workflow repository."""

    def __init__(self, github: GitHub, settings: CommandSettings) -> None:
        self._github = github
        self._settings = settings
        self._root = f"/repos/{settings.repository}/actions/runs"
        self._verdicts: dict[tuple[int, int], str] = {}

    def newest(self, count: int) -> list[BuildRun]:
        """Return the newest runs, the newest one first. Raises GitHubError."""
        listed = self._github("GET", f"{self._root}?per_page={count}").json()["workflow_runs"]
        ours = [item for item in listed if item["path"].partition("@")[0] == WORKFLOW]
        return [BuildRun.of(item, datetime.now(UTC)) for item in ours]

    def find(self, name: str) -> BuildRun:
        """Return the run with this id, or the newest one of this build id or task.

        Raises GitHubError, RunNotFound.
        """
        if name.isdecimal():
            answer = self._github("GET", f"{self._root}/{name}", accept={404})
            if answer.status_code == 200:
                return BuildRun.of(answer.json(), datetime.now(UTC))
        for run in self.newest(SEARCHED):
            if name in {run.build, run.task}:
                return run
        where = self._settings.repository
        raise RunNotFound(f"none of the newest {SEARCHED} runs of {where} is of {name!r}")

    def verdict(self, run: BuildRun) -> str:
        """Return what the app repository says of the round; empty where it says nothing of it.

        Each attempt is asked about once: GitHub counts the calls.
        """
        attempt = (run.run, run.attempt)
        if attempt not in self._verdicts:
            self._verdicts[attempt] = self._verdict(run)
        return self._verdicts[attempt]

    def _verdict(self, run: BuildRun) -> str:
        if run.round is None:
            return ""
        app = repository_name(run.task, self._settings.repository_name)
        path = f"/repos/{self._settings.owner}/{app}/contents/.builder/rounds/{run.round}.json"
        answer = self._github("GET", path, accept={403, 404}, headers=RAW)
        stored = json_object(answer.content)
        is_this = run.build in {"", stored.get("build_id")}
        return str((stored.get("judgement") or {}).get("verdict", "")) if is_this else ""

    def step(self, run: BuildRun) -> str:
        """Return the step that a run is at; empty between two, and where it is not known."""
        answer = self._github("GET", f"{self._root}/{run.run}/jobs", accept={403, 404})
        jobs = answer.json().get("jobs", ())
        steps = (step for job in jobs for step in job.get("steps", ()))
        return next((step["name"] for step in steps if step["status"] == "in_progress"), "")

    def report(self, run: BuildRun) -> dict[str, Any]:
        """Return the report of the run's last attempt; empty where it has left none."""
        listed = self._github("GET", f"{self._root}/{run.run}/artifacts", accept={403, 404})
        artifacts = listed.json().get("artifacts", [])
        url = next(
            (one["archive_download_url"] for one in artifacts if one["name"] == "report"), ""
        )
        members = _members(self._github("GET", url).content) if url else ()
        texts = (text for name, text in members if name.endswith("report.json"))
        return json_object(next(texts, ""))

    def rerun(self, run: BuildRun, *, force: bool) -> None:
        """Start all jobs again with the same event; with debug logging the builder builds anew."""
        body = {"enable_debug_logging": force}
        self._github("POST", f"{self._root}/{run.run}/rerun", body)

    def log(self, run: BuildRun) -> str:
        """Return the log of each job, one after the other. Raises GitHubError."""
        zipped = self._github("GET", f"{self._root}/{run.run}/logs").content
        # Folders in it repeat the same lines, step by step.
        return "\n".join(text for name, text in _members(zipped) if "/" not in name)


def _members(zipped: bytes) -> Iterator[tuple[str, str]]:
    with zipfile.ZipFile(io.BytesIO(zipped)) as file:
        for name in sorted(file.namelist()):
            yield name, file.read(name).decode("utf-8", "replace")


def json_object(text: str | bytes) -> dict[str, Any]:
    """Read a JSON object; return an empty one if another version wrote something else."""
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
