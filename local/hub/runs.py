"""Workflow runs: queued by an event, carried out by act, some at once, the rest in turn."""

import secrets
import shutil
import subprocess
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Literal

from local.hub.act import ActJob
from local.hub.objects import Links
from local.hub.processes import kill_marked
from local.hub.records import Repository, RunRecord, Token, digest
from local.hub.run_folder import RunFolder
from local.hub.runner_browsers import RunnerBrowsers
from local.hub.store import Store
from local.hub.workflows import Workflow, workflows_of

Conclusion = Literal["success", "failure", "cancelled"]
NO_MINUTES = (
    "The job was not started because recent account payments have failed or your spending limit "
    "needs to be increased."
)
NO_DEPLOYMENT = (
    "Error: Failed to create deployment (status: 404) with build version {sha}. Ensure GitHub "
    "Pages has been enabled, and is built by a workflow."
)


class ActionsState(StrEnum):
    """Whether workflows are carried out."""

    ON = "on"
    OFF = "off"
    """Disabled, as in a fresh fork: events are accepted and start nothing."""
    NO_MINUTES = "no minutes"
    """The month's minutes are spent: runs fail without a step."""


class WorkflowRun(RunRecord):
    """A workflow run as it is now, with where its page, its log and its artifacts are."""

    url: str
    log: Path
    artifacts: Path


@dataclass(frozen=True)
class Runner:
    """Where runs are carried out: at most `at_once`, with `environ` added to theirs."""

    environ: Mapping[str, str]
    at_once: int
    actions: ActionsState
    browsers: RunnerBrowsers


class Runs:
    """The runs of all repositories."""

    def __init__(self, store: Store, runner: Runner) -> None:
        self._store = store
        self._runner = runner
        self._workers: ThreadPoolExecutor | None = None
        self._links = Links("")
        self._processes: dict[int, subprocess.Popen[bytes]] = {}
        self._lock = threading.Lock()
        self._stopping = False

    @property
    def enabled(self) -> bool:
        return self._runner.actions is not ActionsState.OFF

    def folder(self, run_id: int) -> RunFolder:
        return RunFolder(self._store.folder / "runs" / str(run_id))

    def of(self, full_name: str) -> list[WorkflowRun]:
        """Return the runs of a repository, oldest first."""
        return [self._shown(record) for record in self._store.runs(full_name)]

    def _shown(self, record: RunRecord) -> WorkflowRun:
        folder = self.folder(record.id)
        about = record.model_dump()
        return WorkflowRun(
            **about, url=self._links.run(record), log=folder.log, artifacts=folder.artifacts
        )

    def wait_for(self, run_id: int, timeout: float) -> WorkflowRun:
        """Wait until a run is completed. Raises TimeoutError after `timeout` seconds."""

        def completed() -> RunRecord | None:
            record = self._store.run(run_id)
            return record if record is not None and record.status == "completed" else None

        with self._store.changed:
            record = self._store.changed.wait_for(completed, timeout)
        if record is None:
            raise TimeoutError(f"run {run_id} was not completed after {timeout:g} s")
        return self._shown(record)

    def start(
        self,
        repository: Repository,
        workflow: Workflow,
        commit: str,
        event_name: str,
        event: Mapping[str, object],
        actor: str,
        branch: str | None = None,
        title: str | None = None,
    ) -> RunRecord | None:
        """Queue a run of `workflow` at `commit`, with `event` as its event file.

        `branch` is the one that the commit is of, the default one if not said; `title` what
        GitHub shows, the workflow's name if not said. None where Actions are disabled.
        """
        if not self.enabled:
            return None
        now = self._store.clock()
        with self._store.change() as records:
            numbers = [run.number for run in records.runs.values() if run.name == workflow.name]
            run = RunRecord(
                id=self._store.new_id(),
                repository=repository.full_name,
                number=max(numbers, default=0) + 1,
                event=event_name,
                workflow=workflow.path,
                name=workflow.name,
                title=title or workflow.name,
                actor=actor,
                head_sha=commit,
                branch=branch or repository.default_branch,
                created_at=now,
                updated_at=now,
            )
            self.folder(run.id).write_event(event)
            records.runs[run.id] = run
        self._queue(run)
        return run

    def rerun(self, run: RunRecord, *, all_jobs: bool) -> None:
        """Queue a completed run once more: the same event, the same commit.

        act runs every job in either case; where GitHub would run all, the artifacts of the attempt
        before still count.
        """
        self.folder(run.id).put_artifacts_aside(keep=all_jobs)
        with self._store.change():
            run.attempt += 1
            run.status, run.conclusion, run.completed_at = "queued", None, None
            run.updated_at = self._store.clock()
        self._queue(run)

    @contextmanager
    def carried_out(self, links: Links) -> Iterator[None]:
        """Carry out what is queued, until the block ends; then end what is under way."""
        self._links, self._stopping = links, False
        self._workers = ThreadPoolExecutor(self._runner.at_once, thread_name_prefix="run")
        for run in self._store.runs():
            if run.status == "in_progress":  # the hub before this one ended meanwhile
                kill_marked(str(self.folder(run.id).path))
                self._conclude(run, "cancelled")
            if run.status == "queued":
                self._queue(run)
        try:
            yield
        finally:
            self._stop(self._workers)

    def _stop(self, workers: ThreadPoolExecutor) -> None:
        with self._lock:
            self._stopping = True
            self._workers = None
            for run_id in self._processes:
                kill_marked(str(self.folder(run_id).path))
        workers.shutdown(wait=True, cancel_futures=True)

    def _queue(self, run: RunRecord) -> None:
        if self._runner.actions is ActionsState.NO_MINUTES:
            self.folder(run.id).add_to_log(NO_MINUTES)
            self._conclude(run, "failure")
        elif self._workers is not None:
            self._workers.submit(self._carry_out, run)

    def _carry_out(self, run: RunRecord) -> None:
        with self._store.change():
            run.status, run.started_at = "in_progress", self._store.clock()
        conclusion: Conclusion = "failure"
        try:
            conclusion = self._run_act(run)
        except (OSError, subprocess.CalledProcessError) as error:
            self.folder(run.id).add_to_log(f"the hub could not start the run: {error}")
        finally:
            self._conclude(run, conclusion)

    def _run_act(self, run: RunRecord) -> Conclusion:
        job = self._job(run)
        try:
            with self._lock:
                if self._stopping:
                    return "cancelled"
                process = job.start(self._store.git(job.repository))
                self._processes[run.id] = process
            code = process.wait()
        finally:
            self._clean_up(run, job)
        if self._stopping:
            return "cancelled"
        deployed = self._deploy(job.repository, job.folder, run.head_sha)
        return "success" if code == 0 and deployed else "failure"

    def _job(self, run: RunRecord) -> ActJob:
        repository = self._store.repository(run.repository)
        if repository is None:
            raise FileNotFoundError(run.repository)
        at = {flow.path: flow for flow in workflows_of(self._store.git(repository), run.head_sha)}
        token = secrets.token_urlsafe(32)
        with self._store.change() as records:
            records.tokens[digest(token)] = Token(
                owner=repository.owner,
                user=run.actor,
                permissions={"contents": "read"},
                repositories=[repository.full_name],
                of_run=run.id,
            )
        return ActJob(
            run,
            repository,
            at[run.workflow],
            self._links,
            self.folder(run.id),
            token,
            self._runner.environ,
            self._runner.browsers,
        )

    def _clean_up(self, run: RunRecord, job: ActJob) -> None:
        """End what a step left running, take back the token, remove the workspace."""
        kill_marked(job.mark)
        with self._lock:
            self._processes.pop(run.id, None)
        with self._store.change() as records:
            records.tokens.pop(digest(job.token), None)
        shutil.rmtree(job.folder.workspace, ignore_errors=True)

    def _deploy(self, repository: Repository, folder: RunFolder, sha: str) -> bool:
        """Serve the site that a run handed over, if any; say whether Pages took it."""
        if not folder.pages.is_dir():
            return True
        site = repository.site
        if site is None or site.build_type != "workflow":
            folder.add_to_log(NO_DEPLOYMENT.format(sha=sha))
            return False
        tree = self._store.git(repository).write_folder(folder.pages)
        with self._store.change():
            site.deployed, site.deployed_at = tree, self._store.clock()
        return True

    def _conclude(self, run: RunRecord, conclusion: Conclusion) -> None:
        now = self._store.clock()
        with self._store.change():
            run.status, run.conclusion = "completed", conclusion
            run.completed_at = run.updated_at = now
