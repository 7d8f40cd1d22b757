"""The story of the demo: start everything, send the rounds, show what came of them."""

import asyncio
import json
import shutil
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.text import Text

from builder.request import Request
from local.demo import figures
from local.demo.author import author
from local.demo.figures import Figures
from local.demo.machine import PROJECT, Machine, machine
from local.demo.narrator import Narrator
from local.demo.watch import Watch
from local.evaluator import requests
from local.evaluator.opening import opened
from local.evaluator.score import Row, Score, all_good
from local.evaluator.session import Session
from local.evaluator.table import table
from local.hub import Run
from local.provision import REPOSITORY

REPLIES = PROJECT / "tests" / "replies"
"""Replies of a model, word for word, by the name of their request."""
LOOK_EVERY = 0.3
TAIL = 40
"""Lines of the log that are shown when a run failed."""


@dataclass(frozen=True)
class DemoOptions:
    """What to send, where to put pictures and logs; `timeout` in seconds for each callback."""

    requests: Sequence[Path]
    output: Path = Path("demo-output")
    keep: bool = False
    timeout: float = 600.0
    source: Path = PROJECT
    environ: Mapping[str, str] = field(default_factory=dict)
    """Where a model of the user's own may be set."""


@dataclass(frozen=True)
class Played:
    """What came of one round."""

    score: Score
    figures: Figures
    run: Run | None


def demo(options: DemoOptions, console: Console) -> bool:
    """Run the demo; return whether every round was delivered and nothing checkable failed.

    Raises BriefshipError.
    """
    narrator = Narrator(console)
    _clear(options.output)
    with TemporaryDirectory(prefix="briefship-demo-") as folder:
        narrator.say("starting GitHub, receiver and evaluator on this machine")
        with (
            author(options.environ, options.requests, REPLIES) as made_by,
            machine(
                Path(folder),
                options.source,
                variables=made_by.variables,
                secrets=made_by.secrets,
            ) as parts,
        ):
            _introduce(parts, narrator)
            narrator.say(f"made by    {made_by.described}")
            rounds = asyncio.run(Demo(options, parts, narrator).play())
            shutil.copyfile(parts.receiver_log, options.output / "receiver.log")
            _conclude(rounds, options, narrator)
            if options.keep:
                _keep_running(narrator)
            else:
                narrator.say("the addresses answer no more; with --keep they do until Ctrl-C")
    return all_good(played.score for played in rounds)


class Demo:
    """Plays the rounds on the parts that run."""

    def __init__(self, options: DemoOptions, parts: Machine, narrator: Narrator) -> None:
        self._options = options
        self._parts = parts
        self._narrator = narrator

    async def play(self) -> list[Played]:
        """Play the requests in order; a round that is not delivered is the last."""
        credentials = self._parts.credentials
        rounds: list[Played] = []
        async with opened(
            self._parts.receiver_url,
            credentials.task_secret,
            self._parts.ledger,
            self._narrator.say,
            timeout=self._options.timeout,
            credentials={
                "the dispatch token": credentials.dispatch_token,
                "the builder token": credentials.builder_token,
            },
        ) as session:
            for file in self._options.requests:
                sendable = requests.read(file, self._parts.evaluation_url, fresh_nonce=True)
                with self._narrator.chapter(
                    f"{sendable.request.task}, round {sendable.request.round}"
                ):
                    rounds.append(await self._round(session, sendable.request, len(rounds) + 1))
                if rounds[-1].score.pages_url is None:
                    break
        return rounds

    async def _round(self, session: Session, request: Request, number: int) -> Played:
        calls = len(self._parts.hub.requests)
        watch = Watch(self._parts.hub, REPOSITORY)
        picture = self._options.output / f"round-{number}.png"
        score = await self._score(session, request, watch, picture)
        run = await self._completed(watch)
        for line in watch.news():
            self._narrator.say(line)
        self._keep_log(run, number)
        taken = Figures.of(self._parts.hub.requests[calls:], run.artifacts if run else None)
        return Played(score, taken, run)

    async def _score(
        self, session: Session, request: Request, watch: Watch, picture: Path
    ) -> Score:
        """Play the round and tell what its run does; a run that fails silently ends the wait."""
        playing = asyncio.create_task(session.play(request, picture))
        while not playing.done():
            for line in watch.news():
                self._narrator.say(line)
            run = watch.run
            silent = self._parts.ledger.answer_to(request) is None
            if run and run.conclusion and run.conclusion != "success" and silent:
                playing.cancel()
                await asyncio.wait({playing})
                row = Row.of("The callback comes", False, f"the run ended as {run.conclusion}")
                return Score(request.task, request.round, (row,))
            await asyncio.wait({playing}, timeout=LOOK_EVERY)
        return playing.result()

    async def _completed(self, watch: Watch) -> Run | None:
        """Wait for the run to end: its report is uploaded after the callback."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._options.timeout):
                while (run := watch.run) and run.status != "completed":
                    await asyncio.sleep(LOOK_EVERY)
        return watch.run

    def _keep_log(self, run: Run | None, number: int) -> None:
        if run and run.log.exists():
            shutil.copyfile(run.log, self._options.output / f"round-{number}.log")


def _clear(output: Path) -> None:
    """Make the folder, without what an earlier demo left there."""
    output.mkdir(parents=True, exist_ok=True)
    for pattern in ("round-*.png", "round-*.log", "receiver.log", "scores.json"):
        for path in output.glob(pattern):
            path.unlink()


def _introduce(parts: Machine, narrator: Narrator) -> None:
    narrator.say(f"GitHub     {parts.github.server_url}")
    narrator.say(f"receiver   {parts.receiver_url}")
    narrator.say(f"evaluator  {parts.evaluation_url}")


def _conclude(rounds: Sequence[Played], options: DemoOptions, narrator: Narrator) -> None:
    console = narrator.console
    for number, played in enumerate(rounds, 1):
        console.print(table(played.score))
        if not played.score.is_good:
            _quote(number, options, narrator)
    console.print(figures.table([played.figures for played in rounds]))
    _print_links(rounds, options, console)
    scores = [played.score.to_json() for played in rounds]
    (options.output / "scores.json").write_text(json.dumps(scores, indent=1), encoding="utf-8")


def _quote(number: int, options: DemoOptions, narrator: Narrator) -> None:
    """Show the end of what may tell why a round failed: its run's log, else the receiver's."""
    of_run, of_receiver = options.output / f"round-{number}.log", options.output / "receiver.log"
    log = of_run if of_run.exists() else of_receiver
    lines = log.read_text("utf-8", "replace").splitlines()
    narrator.say(f"{log} ends so:", "bold")
    narrator.quote("\n".join(lines[-TAIL:]))


def _print_links(rounds: Sequence[Played], options: DemoOptions, console: Console) -> None:
    last = rounds[-1].score
    for name, value in (
        ("site", last.pages_url),
        ("repository", last.repo_url),
        ("pictures, logs, scores", str(options.output)),
    ):
        if value:
            console.print(Text.assemble((f"{name}: ", "bold"), value), soft_wrap=True)


def _keep_running(narrator: Narrator) -> None:
    narrator.say("everything goes on running; Ctrl-C ends it", "bold")
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        narrator.say("stopping")
