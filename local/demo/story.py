"""The demo: start everything, send the rounds, show the results."""

import asyncio
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.text import Text

from builder.report import Report
from builder.request import Request
from local.demo import evidence
from local.demo.author import SiteAuthor, author
from local.demo.by_hand import keep_running
from local.demo.machine import PROJECT, Machine, machine
from local.demo.watch import Watch
from local.evaluator import requests
from local.evaluator.score import RoundScore, Row, all_good
from local.evaluator.session import Progress, Session, timed
from local.hub import HubOptions, WorkflowRun

REPLIES = PROJECT / "tests" / "replies"
"""Replies of a model, word for word, by the name of their request."""
LOOK_EVERY = 0.3
TAIL = 40
"""Lines of the log that are shown when a run failed."""


@dataclass(frozen=True)
class DemoOptions:
    """What to send, where to put pictures and logs; `timeout` in seconds for each callback.

    A `brief` replaces the request files.
    """

    requests: Sequence[Path] = ()
    brief: str | None = None
    output: Path = Path("demo-output")
    keep: bool = False
    timeout: float = 600.0
    source: Path = PROJECT
    hub: HubOptions = field(default_factory=HubOptions)
    environ: Mapping[str, str] = field(default_factory=dict)
    """May name a model of the user's own."""


@dataclass(frozen=True)
class PlayedRound:
    """The results of one round."""

    score: RoundScore
    run: WorkflowRun | None
    report: Report | None


def demo(options: DemoOptions, console: Console) -> bool:
    """Run the demo; return whether every round was delivered and nothing checkable failed.

    It fails if the builder's browser did not open the page, or if the fallback made the site
    although a model was set. Raises BriefshipError.
    """
    say = timed(console)
    _clear(options.output)
    files = () if options.brief else options.requests
    with (
        TemporaryDirectory(prefix="briefship-demo-") as folder,
        author(options.environ, files, REPLIES) as made_by,
        machine(Path(folder), options.source, options.hub, made_by) as parts,
    ):
        say(f"overview   {parts.github.server_url}/")
        say(f"receiver   {parts.receiver_url}")
        say(f"evaluator  {parts.evaluation_url}")
        say(f"made by    {made_by.described}")
        rounds = asyncio.run(Demo(options, parts, made_by, say).play())
        shutil.copyfile(parts.receiver_log, options.output / "receiver.log")
        _conclude(rounds, options.output, console)
        if options.keep:
            keep_running(parts, console, say, options.output)
        else:
            say("the addresses answer no more; with --keep they do until Ctrl-C")
    return all_good(played.score for played in rounds)


@dataclass(frozen=True)
class Demo:
    """Plays the rounds on the parts that run."""

    options: DemoOptions
    parts: Machine
    made_by: SiteAuthor
    say: Progress

    async def play(self) -> list[PlayedRound]:
        """Play the requests in order; a round that is not delivered is the last."""
        credentials = self.parts.credentials
        session = Session(
            self.parts.receiver_url,
            credentials.task_secret,
            self.parts.ledger,
            self.say,
            self.options.timeout,
            credentials={
                "the dispatch token": credentials.dispatch_token,
                "the builder token": credentials.builder_token,
            },
            expects_model=self.made_by.is_model,
        )
        rounds: list[PlayedRound] = []
        for request in self._requests():
            rounds.append(await self._round(session, request, len(rounds) + 1))
            if rounds[-1].score.pages_url is None:
                break
        return rounds

    def _requests(self) -> Iterator[Request]:
        address = self.parts.evaluation_url
        if self.options.brief:
            yield requests.of_brief(self.options.brief, address)
            return
        for file in self.options.requests:
            yield requests.read(file, address, fresh_nonce=True)

    async def _round(self, session: Session, request: Request, number: int) -> PlayedRound:
        watch = Watch(self.parts.hub)
        picture = self.options.output / f"round-{number}.png"
        score = await self._score(session, request, watch, picture)
        run = watch.run
        if run:
            # Its report is uploaded after the callback.
            wait_for_run = self.parts.hub.wait_for_run
            await asyncio.to_thread(wait_for_run, run.id, self.options.timeout)
            shutil.copyfile(run.log, self.options.output / f"round-{number}.log")
        for line in watch.news():
            self.say(line)
        report = evidence.read_report(run.artifacts if run else None)
        # The report says who made the site and who opened it: the callback does not.
        made = (evidence.author_row(report),) if self.made_by.is_model else ()
        rows = evidence.with_requirements(score.rows, report)
        rows = (*rows, evidence.page_row(report), *made)
        return PlayedRound(replace(score, rows=rows), run, report)

    async def _score(
        self, session: Session, request: Request, watch: Watch, picture: Path
    ) -> RoundScore:
        """Play the round and report what its run does; a run that fails silently ends the wait."""
        playing = asyncio.create_task(session.play(request, picture))
        while not playing.done():
            for line in watch.news():
                self.say(line)
            ended = watch.run and watch.run.conclusion
            if ended in {"failure", "cancelled"} and not self.parts.ledger.answer_to(request):
                playing.cancel()
                await asyncio.wait({playing})
                row = Row.of("The callback comes", False, f"the run ended as {ended}")
                return RoundScore(request.task, request.round, (row,))
            await asyncio.wait({playing}, timeout=LOOK_EVERY)
        return playing.result()


def _clear(output: Path) -> None:
    """Create the folder, or remove what an earlier demo left in it."""
    output.mkdir(parents=True, exist_ok=True)
    for pattern in ("round-*.png", "round-*.log", "receiver.log", "scores.json"):
        for path in output.glob(pattern):
            path.unlink()


def _conclude(rounds: Sequence[PlayedRound], output: Path, console: Console) -> None:
    """Print the tables, the verdicts and the links; keep the scores."""
    for number, played in enumerate(rounds, 1):
        console.print(played.score.to_table())
        if played.score.pages_url is None:
            log = output / (f"round-{number}.log" if played.run else "receiver.log")
            lines = log.read_text("utf-8", "replace").splitlines()
            console.print(Text(f"{log} ends so:\n" + "\n".join(lines[-TAIL:])), soft_wrap=True)
    scores = [played.score.to_json() for played in rounds]
    (output / "scores.json").write_text(json.dumps(scores, indent=1), "utf-8")
    for played in rounds:
        first, *reasons = evidence.verdict_lines(played.report)
        style = "green" if first == "verified" and played.score.is_good else "bold yellow"
        name = f"{played.score.task}, round {played.score.round}"
        console.print(Text(f"verdict of {name}: {first}", style), soft_wrap=True)
        for reason in reasons:
            console.print(Text(reason), soft_wrap=True)
    for name, value in _links(rounds, output):
        if value:
            console.print(Text.assemble((f"{name}: ", "bold"), value), soft_wrap=True)


def _links(rounds: Sequence[PlayedRound], output: Path) -> Iterator[tuple[str, str | None]]:
    last = rounds[-1].score
    yield "site", last.pages_url
    yield "repository", last.repo_url
    yield from ((f"run “{played.run.title}”", played.run.url) for played in rounds if played.run)
    yield "pictures, logs, scores", str(output)
