"""Workflow runs: queued by a dispatch, carried out by act, some at once, the rest in turn."""

import secrets
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Literal

from local.hub.act import Job
from local.hub.deployments import deploy
from local.hub.objects import Links
from local.hub.processes import kill_marked
from local.hub.records import Repository, RunRecord, Token
from local.hub.run import Run
from local.hub.run_folder import RunFolder
from local.hub.store import Store, digest
from local.hub.workflows import Workflow, workflows_of

Conclusion = Literal["success", "failure", "cancelled"]


class Runs:
    """The runs of all repositories."""

    def __init__(self, store: Store, environ: Mapping[str, str], at_once: int) -> None:
        self._store = store
        self._environ = dict(environ)
        self._at_once = at_once
        self._workers: ThreadPoolExecutor | None = None
        self._links = Links("")
        self._processes: dict[int, subprocess.Popen[bytes]] = {}
        self._cancelled: set[int] = set()
        self._lock = threading.Lock()
        self._stopping = False

    def folder(self, run_id: int) -> RunFolder:
        return RunFolder(self._store.folder / "runs" / str(run_id))

    def log(self, run_id: int) -> bytes:
        """Return the log of a run so far."""
        log = self.folder(run_id).log
        return log.read_bytes() if log.exists() else b""

    def of(self, full_name: str) -> list[Run]:
        """Return the runs of a repository, oldest first."""
        return [Run.of(record, self.folder(record.id)) for record in self._store.runs(full_name)]

    def wait_for(self, run_id: int, timeout: float) -> Run:
        """Wait until a run is completed. Raises TimeoutError after `timeout` seconds."""

        def completed() -> bool:
            record = self._store.run(run_id)
            return record is not None and record.status == "completed"

        with self._store.changed:
            if not self._store.changed.wait_for(completed, timeout):
                raise TimeoutError(f"run {run_id} was not completed after {timeout:g} s")
            record = self._store.run(run_id)
        if record is None:
            raise KeyError(run_id)
        return Run.of(record, self.folder(record.id))

    def listening(self, repository: Repository, event: str, kind: str) -> list[Workflow]:
        """Return the workflows of the default branch that an event starts."""
        git = self._store.git(repository)
        commit = git.branches().get(repository.default_branch)
        found = workflows_of(git, commit) if commit else []
        return [workflow for workflow in found if workflow.listens_to(event, kind)]

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
    ) -> RunRecord:
        """Queue a run of `workflow` at `commit`, with `event` as its event file.

        `branch` is the one that the commit is of, the default one if not said; `title` what
        GitHub shows, the event's action or the workflow's name if not said.
        """
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
                title=title or str(event.get("action", workflow.name)),
                actor=actor,
                head_sha=commit,
                branch=branch or repository.default_branch,
                created_at=now,
                updated_at=now,
            )
            self.folder(run.id).write_event(event)
            records.runs[run.id] = run
        self._submit(run.id)
        return run

    def rerun(self, run: RunRecord) -> None:
        """Queue a completed run once more: the same event, the same commit."""
        with self._store.change():
            self._cancelled.discard(run.id)
            run.attempt += 1
            run.status, run.conclusion, run.completed_at = "queued", None, None
            run.updated_at = self._store.clock()
        self._submit(run.id)

    def cancel(self, run: RunRecord) -> None:
        """End the step that a run is at; as on GitHub, steps with `always()` still follow."""
        with self._lock:
            process = self._processes.get(run.id)
            if process is not None:
                self._cancelled.add(run.id)
                process.send_signal(signal.SIGINT)
        if process is None:
            self._conclude(run, "cancelled")

    @contextmanager
    def carried_out(self, links: Links) -> Iterator[None]:
        """Carry out what is queued, until the block ends; then end what is under way."""
        self._links, self._stopping = links, False
        self._workers = ThreadPoolExecutor(self._at_once, thread_name_prefix="run")
        for run in self._store.runs():
            if run.status == "in_progress":  # the hub before this one ended meanwhile
                kill_marked(str(self.folder(run.id).path))
                self._conclude(run, "cancelled")
            if run.status == "queued":
                self._submit(run.id)
        try:
            yield
        finally:
            self._stop(self._workers)

    def _stop(self, workers: ThreadPoolExecutor) -> None:
        with self._lock:
            self._stopping = True
            self._workers = None
            self._cancelled.update(self._processes)
            for run_id in self._processes:
                kill_marked(str(self.folder(run_id).path))
        workers.shutdown(wait=True, cancel_futures=True)

    def _submit(self, run_id: int) -> None:
        if self._workers is not None:
            self._workers.submit(self._carry_out, run_id)

    def _carry_out(self, run_id: int) -> None:
        run = self._store.run(run_id)
        if run is None or run.status != "queued":
            return
        with self._store.change():
            run.status, run.started_at = "in_progress", self._store.clock()
        conclusion: Conclusion = "failure"
        try:
            conclusion = self._run_act(run)
        except (OSError, subprocess.CalledProcessError) as error:
            with self.folder(run_id).log.open("a") as log:
                log.write(f"the hub could not start the run: {error}\n")
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
        if run.id in self._cancelled:
            return "cancelled"
        deployed = deploy(self._store, job.repository, job.folder, run.head_sha)
        return "success" if code == 0 and deployed else "failure"

    def _job(self, run: RunRecord) -> Job:
        repository = self._store.repository(run.repository)
        if repository is None:
            raise FileNotFoundError(run.repository)
        git = self._store.git(repository)
        at = {workflow.path: workflow for workflow in workflows_of(git, run.head_sha)}
        job = Job(
            run=run,
            repository=repository,
            workflow=at[run.workflow],
            links=self._links,
            folder=self.folder(run.id),
            token=secrets.token_urlsafe(32),
            environ=self._environ,
        )
        token = Token(
            owner=repository.owner,
            user=run.actor,
            permissions={"contents": "read"},
            repositories=[repository.full_name],
            of_run=run.id,
        )
        with self._store.change() as records:
            records.tokens[digest(job.token)] = token
        return job

    def _clean_up(self, run: RunRecord, job: Job) -> None:
        """End what a step left running, take back the token, remove the workspace."""
        kill_marked(job.mark)
        with self._lock:
            self._processes.pop(run.id, None)
        with self._store.change() as records:
            records.tokens.pop(digest(job.token), None)
        job.folder.clear()

    def _conclude(self, run: RunRecord, conclusion: Conclusion) -> None:
        now = self._store.clock()
        with self._store.change():
            run.status, run.conclusion = "completed", conclusion
            run.completed_at = run.updated_at = now
