"""The story of the demo: start everything, send the rounds, show what came of them."""

import asyncio
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.text import Text

from builder.report import Report
from builder.request import Request
from local.demo import figures
from local.demo.author import SiteAuthor, author
from local.demo.by_hand import keep_running
from local.demo.figures import Figures
from local.demo.machine import PROJECT, Machine, machine
from local.demo.narrator import Narrator
from local.demo.watch import Watch
from local.evaluator import requests
from local.evaluator.score import RoundScore, Row, all_good
from local.evaluator.session import Session, opened
from local.hub import HubOptions, WorkflowRun
from local.provision import REPOSITORY

REPLIES = PROJECT / "tests" / "replies"
"""Replies of a model, word for word, by the name of their request."""
LOOK_EVERY = 0.3
TAIL = 40
"""Lines of the log that are shown when a run failed."""


@dataclass(frozen=True)
class DemoOptions:
    """What to send, where to put pictures and logs; `timeout` in seconds for each callback.

    A `brief` of one's own goes instead of the request files.
    """

    requests: Sequence[Path] = ()
    brief: str | None = None
    output: Path = Path("demo-output")
    keep: bool = False
    timeout: float = 600.0
    source: Path = PROJECT
    hub: HubOptions = field(default_factory=HubOptions)
    environ: Mapping[str, str] = field(default_factory=dict)
    """Where a model of the user's own may be set."""


@dataclass(frozen=True)
class PlayedRound:
    """What came of one round."""

    score: RoundScore
    figures: Figures
    run: WorkflowRun | None
    report: Report | None


def demo(options: DemoOptions, console: Console) -> bool:
    """Run the demo; return whether every round was delivered and nothing checkable failed.

    A page that the builder's browser did not open fails, and so does a site from the fallback
    where a model was set. Raises BriefshipError.
    """
    narrator = Narrator(console)
    _clear(options.output)
    files = () if options.brief else options.requests
    with TemporaryDirectory(prefix="briefship-demo-") as folder:
        narrator.say("starting GitHub, receiver and evaluator on this machine")
        with (
            author(options.environ, files, REPLIES) as made_by,
            machine(
                Path(folder),
                options.source,
                hub_options=options.hub,
                variables=made_by.variables,
                secrets=made_by.secrets,
            ) as parts,
        ):
            _introduce(parts, made_by, narrator)
            rounds = asyncio.run(Demo(options, parts, narrator, made_by).play())
            shutil.copyfile(parts.receiver_log, options.output / "receiver.log")
            _conclude(rounds, options, narrator)
            if options.keep:
                keep_running(parts, narrator)
            else:
                narrator.say("the addresses answer no more; with --keep they do until Ctrl-C")
    return all_good(played.score for played in rounds)


class Demo:
    """Plays the rounds on the parts that run."""

    def __init__(
        self, options: DemoOptions, parts: Machine, narrator: Narrator, made_by: SiteAuthor
    ) -> None:
        self._options = options
        self._parts = parts
        self._narrator = narrator
        self._made_by = made_by

    async def play(self) -> list[PlayedRound]:
        """Play the requests in order; a round that is not delivered is the last."""
        credentials = self._parts.credentials
        rounds: list[PlayedRound] = []
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
            expects_model=self._made_by.is_model,
        ) as session:
            for request in self._requests():
                with self._narrator.chapter(f"{request.task}, round {request.round}"):
                    rounds.append(await self._round(session, request, len(rounds) + 1))
                if rounds[-1].score.pages_url is None:
                    break
        return rounds

    def _requests(self) -> Iterator[Request]:
        address = self._parts.evaluation_url
        if self._options.brief:
            yield requests.of_brief(self._options.brief, address)
            return
        for file in self._options.requests:
            yield requests.read(file, address, fresh_nonce=True)

    async def _round(self, session: Session, request: Request, number: int) -> PlayedRound:
        calls = len(self._parts.hub.requests)
        watch = Watch(self._parts.hub, REPOSITORY)
        picture = self._options.output / f"round-{number}.png"
        score = await self._score(session, request, watch, picture)
        run = await self._completed(watch)
        for line in watch.news():
            self._narrator.say(line)
        if run and run.log.exists():
            shutil.copyfile(run.log, self._options.output / f"round-{number}.log")
        report = figures.read_report(run.artifacts if run else None)
        # Who made the site and who opened it is told by the report: the callback is not enough.
        made = (figures.author_row(report),) if self._made_by.is_model else ()
        graded = replace(score, rows=(*score.rows, figures.page_row(report), *made))
        taken = Figures.of(self._parts.hub.requests[calls:], report)
        return PlayedRound(graded, taken, run, report)

    async def _score(
        self, session: Session, request: Request, watch: Watch, picture: Path
    ) -> RoundScore:
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
                return RoundScore(request.task, request.round, (row,))
            await asyncio.wait({playing}, timeout=LOOK_EVERY)
        return playing.result()

    async def _completed(self, watch: Watch) -> WorkflowRun | None:
        """Wait for the run to end: its report is uploaded after the callback."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._options.timeout):
                while (run := watch.run) and run.status != "completed":
                    await asyncio.sleep(LOOK_EVERY)
        return watch.run


def _clear(output: Path) -> None:
    """Make the folder, without what an earlier demo left there."""
    output.mkdir(parents=True, exist_ok=True)
    for pattern in ("round-*.png", "round-*.log", "receiver.log", "scores.json"):
        for path in output.glob(pattern):
            path.unlink()


def _introduce(parts: Machine, made_by: SiteAuthor, narrator: Narrator) -> None:
    narrator.say(f"overview   {parts.github.server_url}/")
    narrator.say(f"receiver   {parts.receiver_url}")
    narrator.say(f"evaluator  {parts.evaluation_url}")
    narrator.say(f"made by    {made_by.described}")


def _conclude(rounds: Sequence[PlayedRound], options: DemoOptions, narrator: Narrator) -> None:
    """Print the tables, the verdicts and the links; keep the scores."""
    console = narrator.console
    for played in rounds:
        console.print(played.score.to_table())
    console.print(figures.table([played.figures for played in rounds]))
    scores = [played.score.to_json() for played in rounds]
    (options.output / "scores.json").write_text(json.dumps(scores, indent=1), "utf-8")
    for number, played in enumerate(rounds, 1):
        if played.score.pages_url is None:
            _quote(number, options, narrator)
    for played in rounds:
        first, *reasons = figures.verdict_lines(played.report)
        style = "green" if first == "verified" and played.score.is_good else "bold yellow"
        name = f"{played.score.task}, round {played.score.round}"
        console.print(Text(f"verdict of {name}: {first}", style), soft_wrap=True)
        for reason in reasons:
            console.print(Text(reason), soft_wrap=True)
    _print_links(rounds, options, console)


def _quote(number: int, options: DemoOptions, narrator: Narrator) -> None:
    """Show the end of what may tell why a round failed: its run's log, else the receiver's."""
    of_run, of_receiver = options.output / f"round-{number}.log", options.output / "receiver.log"
    log = of_run if of_run.exists() else of_receiver
    lines = log.read_text("utf-8", "replace").splitlines()
    narrator.say(f"{log} ends so:", "bold")
    narrator.quote("\n".join(lines[-TAIL:]))


def _print_links(rounds: Sequence[PlayedRound], options: DemoOptions, console: Console) -> None:
    last = rounds[-1].score
    links = [("site", last.pages_url), ("repository", last.repo_url)]
    links += [(f"run “{played.run.title}”", played.run.url) for played in rounds if played.run]
    for name, value in [*links, ("pictures, logs, scores", str(options.output))]:
        if value:
            console.print(Text.assemble((f"{name}: ", "bold"), value), soft_wrap=True)
