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

from local.hub.act import ActJob
from local.hub.objects import Json, Links
from local.hub.processes import kill_marked
from local.hub.records import Conclusion, Repository, Store, Token, WorkflowRun, digest
from local.hub.run_folder import RunFolder
from local.hub.runner_browsers import RunnerBrowsers
from local.hub.workflows import Workflow, workflows_of

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


@dataclass(frozen=True)
class Runner:
    """Where runs are carried out: at most `at_once`, with `environ` added to theirs."""

    environ: Mapping[str, str]
    at_once: int
    actions: ActionsState
    browsers: RunnerBrowsers


@dataclass(frozen=True)
class Trigger:
    """What starts a run: the event's name and file, who did it, and the run's title."""

    name: str
    event: Json
    actor: str
    title: str


class Runs:
    """The runs of all repositories."""

    def __init__(self, store: Store, runner: Runner) -> None:
        self._store = store
        self._runner = runner
        self._workers: ThreadPoolExecutor | None = None
        self._links = Links("")
        self._processes: dict[int, subprocess.Popen[bytes]] = {}
        self._lock = threading.Lock()

    @property
    def enabled(self) -> bool:
        return self._runner.actions is not ActionsState.OFF

    def wait_for(self, run_id: int, timeout: float) -> WorkflowRun:
        """Wait until a run is completed. Raises TimeoutError after `timeout` seconds."""
        run = self._store.runs[run_id]
        with self._store.changed:
            if not self._store.changed.wait_for(lambda: run.status == "completed", timeout):
                raise TimeoutError(f"run {run_id} was not completed after {timeout:g} s")
        return run

    def start(
        self,
        repository: Repository,
        workflow: Workflow,
        commit: str,
        branch: str,
        trigger: Trigger,
    ) -> WorkflowRun | None:
        """Queue a run of `workflow` at `commit`; None where Actions are disabled."""
        if not self.enabled:
            return None
        with self._store.change():
            run = self._new(repository, workflow, commit, branch, trigger)
            self._store.runs[run.id] = run
        self._queue(run)
        return run

    def _new(
        self,
        repository: Repository,
        workflow: Workflow,
        commit: str,
        branch: str,
        trigger: Trigger,
    ) -> WorkflowRun:
        number, now, name = self._store.new_id(), self._store.clock(), repository.full_name
        folder = RunFolder(self._store.folder / "runs" / str(number))
        folder.write_event(trigger.event)
        earlier = [run for run in self._store.runs_of(name) if run.workflow == workflow.path]
        return WorkflowRun(
            id=number,
            repository=name,
            number=len(earlier) + 1,
            event=trigger.name,
            workflow=workflow.path,
            name=workflow.name,
            title=trigger.title,
            actor=trigger.actor,
            head_sha=commit,
            branch=branch,
            url=self._links.run(name, number),
            folder=folder,
            created_at=now,
            updated_at=now,
        )

    def rerun(self, run: WorkflowRun, *, all_jobs: bool) -> None:
        """Queue a completed run once more: the same event, the same commit.

        act runs every job in either case; where GitHub would run all, the artifacts of the attempt
        before still count.
        """
        run.folder.put_artifacts_aside(keep=all_jobs)
        with self._store.change():
            run.attempt += 1
            run.status, run.conclusion, run.updated_at = "queued", None, self._store.clock()
        self._queue(run)

    @contextmanager
    def carried_out(self, links: Links) -> Iterator[None]:
        """Carry out what is queued, until the block ends; then end what is under way."""
        workers = ThreadPoolExecutor(self._runner.at_once, thread_name_prefix="run")
        self._links, self._workers = links, workers
        try:
            yield
        finally:
            with self._lock:
                self._workers = None
                for run_id in self._processes:
                    kill_marked(str(self._store.runs[run_id].folder.path))
            workers.shutdown(wait=True, cancel_futures=True)

    def _queue(self, run: WorkflowRun) -> None:
        if self._runner.actions is ActionsState.NO_MINUTES:
            run.folder.add_to_log(NO_MINUTES)
            self._conclude(run, "failure")
        elif self._workers is not None:
            self._workers.submit(self._carry_out, run)

    def _carry_out(self, run: WorkflowRun) -> None:
        with self._store.change():
            run.status = "in_progress"
        conclusion: Conclusion = "failure"
        try:
            conclusion = self._run_act(run)
        except (OSError, subprocess.CalledProcessError) as error:
            run.folder.add_to_log(f"the hub could not start the run: {error}")
        finally:
            self._conclude(run, conclusion)

    def _run_act(self, run: WorkflowRun) -> Conclusion:
        job = self._job(run)
        try:
            with self._lock:
                if self._workers is None:
                    return "cancelled"
                process = job.start()
                self._processes[run.id] = process
            code = process.wait()
        finally:
            self._clean_up(run, job)
        if self._workers is None:
            return "cancelled"
        return "success" if code == 0 and self._deploy(job.repository, run) else "failure"

    def _job(self, run: WorkflowRun) -> ActJob:
        repository = self._store.repositories[run.repository.lower()]
        workflows = workflows_of(repository.git, run.head_sha)
        workflow = next(found for found in workflows if found.path == run.workflow)
        token, name = secrets.token_urlsafe(32), repository.full_name
        self._store.tokens[digest(token)] = Token(
            repository.owner, run.actor, {"contents": "read"}, [name], of_run=True
        )
        environ, browsers = self._runner.environ, self._runner.browsers
        return ActJob(run, repository, workflow, self._links, token, environ, browsers)

    def _clean_up(self, run: WorkflowRun, job: ActJob) -> None:
        """End what a step left running, take back the token, remove the workspace."""
        kill_marked(job.mark)
        with self._lock:
            self._processes.pop(run.id, None)
        self._store.tokens.pop(digest(job.token), None)
        shutil.rmtree(run.folder.workspace, ignore_errors=True)

    def _deploy(self, repository: Repository, run: WorkflowRun) -> bool:
        """Serve the site that a run handed over, if any; say whether Pages took it."""
        if not run.folder.pages.is_dir():
            return True
        site = repository.site
        if site is None or site.build_type != "workflow":
            run.folder.add_to_log(NO_DEPLOYMENT.format(sha=run.head_sha))
            return False
        tree = repository.git.write_folder(run.folder.pages)
        with self._store.change():
            site.deployed, site.deployed_at = tree, self._store.clock()
        return True

    def _conclude(self, run: WorkflowRun, conclusion: Conclusion) -> None:
        with self._store.change():
            run.status, run.conclusion = "completed", conclusion
            run.updated_at = self._store.clock()
