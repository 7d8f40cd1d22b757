"""Plays the rounds of a task: sends, follows the run, and looks at what was delivered."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from builder.request import Request
from local.cdn import NODE_MODULES, CdnFiles
from local.checks import PageChecks
from local.demo import watch
from local.demo.machine import Machine
from local.evaluator import requests as wire
from local.evaluator.callbacks import Delivered
from local.evaluator.delivery import collect
from local.evaluator.inspection import check_page
from local.hub import WorkflowRun
from local.provision import REPOSITORY
from tests.bench.chain.model import Timed
from tests.bench.chain.timeline import PUBLISH, Span, Timeline

PAUSE = 0.02
TIMEOUT = 600.0
PATIENCE = 3.0
"""Seconds that a check may take to become true."""
RECEIVE, START = "Receive", "Start"
STAGES = ("Install", "Prepare", "Generate", PUBLISH, "Notify")
"""Steps of the workflow that are stages; all others belong to the one before."""


class Clock:
    """Seconds since the epoch, less those for which it was stopped."""

    def __init__(self) -> None:
        self._behind, self._stopped_at = 0.0, 0.0

    def __call__(self) -> float:
        return (self._stopped_at or time.time()) - self._behind

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Stop it, so that Pages does not get on while somebody looks."""
        self._stopped_at = time.time()
        try:
            yield
        finally:
            self._behind += time.time() - self._stopped_at
            self._stopped_at = 0.0


@dataclass(frozen=True)
class Found:
    """What an evaluator finds."""

    is_live: bool
    """Whether each file of the commit is served with its bytes."""
    is_head: bool
    passed: int
    checks: int


@dataclass(frozen=True)
class Played:
    """One round; builds of Pages are named for their commits."""

    timeline: Timeline
    commit: str
    verdict: str | None
    at_callback: Found
    later: Found
    """Once Pages is through."""

    @property
    def after_later(self) -> float:
        """Seconds of the callback after push and first publication, whichever was later."""
        builds = self.timeline.builds
        pushed = next(each.start for each in builds if each.name == self.commit)
        return self.timeline.stages[-1].end - max(pushed, builds[0].end)


@dataclass(frozen=True)
class Player:
    """Plays on the parts that run; `receiver` is the URL that requests go to."""

    parts: Machine
    model: Timed
    clock: Clock
    scale: float
    receiver: str
    pages: PageChecks = field(default_factory=lambda: PageChecks(CdnFiles(NODE_MODULES), PATIENCE))

    def play(self, files: Sequence[Path]) -> Iterator[Played]:
        """Play the requests of a task in order."""
        rounds: list[Request] = []
        for file in files:
            rounds.append(wire.read(file, self.parts.evaluation_url, fresh_nonce=True))
            yield self._round(rounds)

    def _round(self, rounds: Sequence[Request]) -> Played:
        runs_before, calls_before = len(self._runs), len(self.model.calls)
        stages, callback = self._stages(rounds[-1], runs_before)
        with self.clock.stopped():
            at_callback = self._look(rounds, callback)
        for run in self._runs[runs_before:]:
            self.parts.hub.wait_for_run(run.id, TIMEOUT)
        builds = self._settled(callback)
        timeline = Timeline(
            stages,
            self.model.calls[calls_before:],
            [each for each in builds if each.start >= stages[0].start],
            self.scale,
        )
        later = self._look(rounds, callback)
        return Played(timeline, callback.commit_sha, callback.verdict, at_callback, later)

    @property
    def _runs(self) -> list[WorkflowRun]:
        return self.parts.hub.runs(REPOSITORY)

    def _stages(self, request: Request, runs_before: int) -> tuple[list[Span], Delivered]:
        """Send a request and note when each stage begins, until the callback."""
        before, posted = self.parts.ledger.note_sent(request), self.clock()
        body = request.to_wire() | {"secret": self.parts.credentials.task_secret}
        httpx.post(self.receiver, json=body, timeout=TIMEOUT).raise_for_status()
        begun = {RECEIVE: posted, START: self.clock()}
        while (callback := self.parts.ledger.answer_to(request, after=before)) is None:
            for run in self._runs[runs_before:]:
                for line in watch.steps(run.folder.read_log()):
                    if line.strip() in STAGES:
                        begun.setdefault(line.strip(), self.clock())
                if run.conclusion == "failure":
                    raise RuntimeError(run.folder.read_log()[-3000:])
            time.sleep(PAUSE)
        ends = [*begun.values(), self.clock()][1:]
        if not isinstance(callback, Delivered):
            raise RuntimeError(callback.error)
        return [
            Span(name, begun[name], end) for name, end in zip(begun, ends, strict=True)
        ], callback

    def _settled(self, callback: Delivered) -> list[Span]:
        """Wait until Pages has nothing left to do; return its builds."""
        name = urlsplit(callback.repo_url).path.strip("/")
        while not all(build.finished for build in self.parts.hub.builds(name)):
            time.sleep(PAUSE)
        builds = self.parts.hub.builds(name)
        return [Span(build.commit, build.created_at, build.updated_at) for build in builds]

    def _look(self, rounds: Sequence[Request], callback: Delivered) -> Found:
        return asyncio.run(self._found(rounds, callback))

    async def _found(self, rounds: Sequence[Request], callback: Delivered) -> Found:
        delivered = await collect(rounds, callback)
        site = delivered.clone.site
        rows = await check_page(self.pages, rounds, callback, None)
        checks = [row.is_passed for row in rows[1:]]
        return Found(
            all(delivered.served[path] == site[path] for path in site.served),
            delivered.clone.head == callback.commit_sha,
            sum(checks),
            len(checks),
        )
