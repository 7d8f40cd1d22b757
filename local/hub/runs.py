"""Workflow runs: queued by an event, run by act, some at once, the rest in turn."""

import secrets
import shutil
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from local.hub.act import ActJob, kill_marked
from local.hub.objects import Addresses
from local.hub.options import ActionsState, HubOptions
from local.hub.records import Conclusion, Repository, Store, Token, Trigger, WorkflowRun, digest
from local.hub.run_folder import RunFolder
from local.hub.workflows import Workflow

NO_MINUTES = (
    "The job was not started because recent account payments have failed or your spending limit "
    "needs to be increased."
)
NO_DEPLOYMENT = (
    "Error: Failed to create deployment (status: 404) with build version {sha}. Ensure GitHub "
    "Pages has been enabled, and is built by a workflow."
)


class Runs:
    """The runs of all repositories."""

    def __init__(self, store: Store, options: HubOptions) -> None:
        self._store = store
        self._options = options
        self._workers: ThreadPoolExecutor | None = None
        self._at = Addresses("")
        self._jobs: dict[int, ActJob] = {}
        self._lock = threading.Lock()

    @property
    def enabled(self) -> bool:
        return self._options.actions is not ActionsState.OFF

    def wait_for(self, run_id: int, timeout: float) -> WorkflowRun:
        """Wait until a run is completed. Raises TimeoutError after `timeout` seconds."""
        run = self._store.runs[run_id]
        with self._store.changed:
            if not self._store.changed.wait_for(lambda: run.status == "completed", timeout):
                raise TimeoutError(f"run {run_id} was not completed after {timeout:g} s")
        return run

    def start(
        self, repository: Repository, workflow: Workflow, branch: str, trigger: Trigger
    ) -> WorkflowRun | None:
        """Queue a run of `workflow` at the tip of a branch; None where Actions are disabled."""
        if not self.enabled:
            return None
        with self._store.change():
            run = self._new(repository, workflow, branch, trigger)
            self._store.runs[run.id] = run
        self._queue(run)
        return run

    def _new(
        self, repository: Repository, workflow: Workflow, branch: str, trigger: Trigger
    ) -> WorkflowRun:
        run_id, now = self._store.new_id(), self._store.clock()
        folder = RunFolder(self._store.folder / "runs" / str(run_id))
        folder.write_event(trigger.event)
        earlier = self._store.runs_of(repository)
        return WorkflowRun(
            id=run_id,
            number=1 + sum(run.workflow.path == workflow.path for run in earlier),
            repository=repository,
            workflow=workflow,
            head_sha=repository.tips[branch],
            branch=branch,
            trigger=trigger,
            url=self._at.run(repository.full_name, run_id),
            folder=folder,
            created_at=now,
            started_at=now,
            updated_at=now,
        )

    def rerun(self, run: WorkflowRun, *, debug: bool = False) -> None:
        """Queue a completed run once more: the same event, the same commit, all of its jobs."""
        with self._store.change():
            run.attempt += 1
            run.debug = debug
            run.status, run.conclusion = "queued", None
            run.started_at = run.updated_at = self._store.clock()
        self._queue(run)

    @contextmanager
    def carried_out(self, at: Addresses) -> Iterator[None]:
        """Carry out what is queued, until the block ends; then end what is under way."""
        workers = ThreadPoolExecutor(self._options.max_runs, thread_name_prefix="run")
        self._at, self._workers = at, workers
        try:
            yield
        finally:
            with self._lock:
                self._workers = None
                for job in self._jobs.values():
                    kill_marked(job.mark)
            workers.shutdown(wait=True, cancel_futures=True)

    def _queue(self, run: WorkflowRun) -> None:
        if self._options.actions is ActionsState.NO_MINUTES:
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
        token = secrets.token_urlsafe(32)
        self._store.tokens[digest(token)] = _token_of(run)
        job = ActJob(run, self._at, token, self._options)
        try:
            with self._lock:
                if self._workers is None:
                    return "cancelled"
                process = job.start()
                self._jobs[run.id] = job
            code = process.wait()
        finally:
            self._clean_up(job)
        if self._workers is None:
            return "cancelled"
        return "success" if code == 0 and self._deploy(run) else "failure"

    def _clean_up(self, job: ActJob) -> None:
        """End what a step left running, take back the token, remove the workspace."""
        kill_marked(job.mark)
        with self._lock:
            self._jobs.pop(job.run.id, None)
        self._store.tokens.pop(digest(job.token), None)
        shutil.rmtree(job.run.folder.workspace, ignore_errors=True)

    def _deploy(self, run: WorkflowRun) -> bool:
        """Serve the site that a run handed over, if any; say whether Pages took it."""
        if not run.folder.pages.is_dir():
            return True
        site = run.repository.site
        if site is None or site.build_type != "workflow":
            run.folder.add_to_log(NO_DEPLOYMENT.format(sha=run.head_sha))
            return False
        tree = run.repository.git.write_folder(run.folder.pages)
        with self._store.change():
            site.deployed, site.deployed_at = tree, self._store.clock()
        return True

    def _conclude(self, run: WorkflowRun, conclusion: Conclusion) -> None:
        with self._store.change():
            run.status, run.conclusion = "completed", conclusion
            run.updated_at = self._store.clock()


def _token_of(run: WorkflowRun) -> Token:
    """Return what `github.token` opens: the run's own repository, as the workflow asks for."""
    repository = run.repository
    only = (repository.full_name,)
    return Token(repository.owner, run.trigger.actor, run.workflow.permissions, only, of_run=True)
