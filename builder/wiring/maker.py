"""Puts together what makes the site of a round: models, the fallback, a browser."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TypeVar

from builder.contract.contract import Contract
from builder.contract.reader import read_request
from builder.contract.reading import Reading
from builder.contract.starter_files import attachments, boilerplate
from builder.credentials import Credentials
from builder.errors import NoModelAnswered
from builder.fallback import build, readme
from builder.generate.attempts import Attempt
from builder.generate.author import ModelAuthor
from builder.generate.behaviour import BehaviourTest, record
from builder.generate.generation import (
    AS_IT_STANDS,
    FALLBACK_SECONDS,
    RESERVED_SECONDS,
    Generation,
)
from builder.generate.prompts import Prompt
from builder.generate.tester import ModelTester
from builder.llm.asking import Models
from builder.llm.candidates import ModelSettings
from builder.llm.messages import Ask, Message, Reply
from builder.report import Report
from builder.request import Request
from builder.rounds import Base
from builder.settings import BROWSER_SECONDS
from builder.site import Site
from builder.verify.browser import Browser, programs
from builder.verify.scenarios.scenario import Scenario
from builder.verify.secret_scan import scan
from builder.verify.verification import Verification
from builder.wiring.command import Command
from builder.wiring.data import Data

CREDENTIALS = ("BUILDER_TOKEN", "GITHUB_TOKEN", "OPENAI_API_KEY", "FALLBACK_API_KEY")
"""Variables whose values may occur in no site."""

T = TypeVar("T")


@dataclass
class SiteMaker:
    """Makes the site of one round, within `seconds`."""

    command: Command
    request: Request
    base: Base
    report: Report
    seconds: float = 0.0

    def make(self) -> Attempt:
        """Return the best site that time allows, and record in the report how it was made."""
        self.report.ignored_settings += self._settings.unusable
        generation = self._generation(self._reserved)
        try:
            chosen = generation.run()
            self.report.missing_data = generation.figures.missing
            contract = generation.contract
            lost = (path for path in contract.undeliverable if path not in self.base.site)
            self.command.run.leave_out(self.report, lost)
            record(self.report, self._behaviour, generation.requirements, contract, chosen)
            return chosen
        finally:
            self.report.fallback_reason = generation.fallback_reason
            self.report.reading = generation.reading
            self._end(generation)

    def repair(self, broken: Attempt) -> Attempt | None:
        """Return the site with a repair of its failures, if a model finds one in time."""
        generation = self._generation(self._reserved - FALLBACK_SECONDS)
        try:
            return generation.repaired(broken, self.report.scenarios)
        finally:
            self._end(generation)

    def _end(self, generation: Generation) -> None:
        """Record how it went, and end a browser that was started for nothing."""
        self.report.notes += generation.notes
        self.report.model_calls += self._models.uses if self._models else []
        self._browser.close()

    def _generation(self, reserved: float) -> Generation:
        models, reading = self._models, self.report.reading
        return Generation(
            request=self.request,
            base=self.base,
            author=self.author,
            ask=self._warmed(models.author.ask)
            if models
            else _recorded(self.command.options.reply),
            read=partial(self._read, models) if models and reading is None else None,
            reading=reading,
            fallback=self._fallback,
            verify=self._verify,
            budget=self._budget,
            log=self.command.log,
            repairs=self.command.settings.repairs,
            reserved=reserved,
            behaviour=self._behaviour,
            fetched=lambda: self._data.fetched,
            no_workflows=self.report.no_workflows or "",
        )

    def verify(self, site: Site) -> Attempt:
        """Verify an existing site against the same request."""
        read, rights = self.report.reading, self.report.no_workflows or ""
        contract = Contract.of(self.request, self.base.rounds, read, rights)
        return self._verify(Attempt(site, AS_IT_STANDS), contract)

    @cached_property
    def author(self) -> ModelAuthor:
        """What makes prompts for a model and applies its replies."""
        request, base, vision = self.request, self.base, self._settings.model_vision
        data = self._data
        return ModelAuthor(
            prompt=lambda contract: Prompt(
                request,
                base,
                contract,
                vision,
                data.fetched,
                data.scripts if data.matters else None,
            ),
            scripts=lambda: data.scripts,
            starter=self._starter,
            readme=lambda site, contract: readme(request, base, site, contract),
        )

    @cached_property
    def _data(self) -> Data:
        seconds = lambda: self._budget() - self._reserved  # noqa: E731
        return Data(self.command, self.request, self.report, seconds)

    @cached_property
    def _budget(self) -> Callable[[], float]:
        """Returns the seconds left, counted from its first use."""
        return self.command.clock.deadline(self.seconds).remaining

    @property
    def _reserved(self) -> float:
        return RESERVED_SECONDS + self.command.settings.browser_seconds - BROWSER_SECONDS

    @cached_property
    def _settings(self) -> ModelSettings:
        settings = ModelSettings.from_environ(self.command.environ)
        for reason in settings.unusable:
            self.command.log.warn(reason)
        return settings

    @cached_property
    def _models(self) -> Models | None:
        """The models to ask; None if none is set, or if replies are recorded."""
        if self.command.options.reply or not self._settings.candidates:
            return None
        from builder.llm.completion import complete

        return Models(self._settings, complete, self.command.log, self.command.clock)

    @cached_property
    def _behaviour(self) -> BehaviourTest | None:
        if self._models is None:
            return None
        ask = self._warmed(self._models.ask_for("scenarios"))
        vision = self._settings.model_vision
        tester = ModelTester(self.request, ask, vision, [past.brief for past in self.base.rounds])

        def run(attempt: Attempt, scenarios: Sequence[Scenario]) -> Attempt:
            with self.command.run.timed(self.report, "scenarios"):
                return self._verification.use(attempt, scenarios)

        return BehaviourTest(tester, run, self.command.log)

    def _warmed(self, ask: Ask) -> Ask:
        """Start a browser while the model writes, since its answer is opened next."""

        def warmed(messages: Sequence[Message], seconds: float) -> Reply:
            self._browser.warm_up()
            return ask(messages, seconds)

        return warmed

    @cached_property
    def _browser(self) -> Browser:
        settings = self.command.settings
        return Browser(
            programs(self.command.environ),
            cdn_mirror=settings.cdn_mirror_url,
            budget=settings.browser_seconds,
            check_seconds=settings.check_seconds,
        )

    @cached_property
    def _verification(self) -> Verification:
        environ = self.command.environ
        return Verification(
            request=self.request,
            name=self.command.app_name(self.request.task),
            base=self.base,
            contract=Contract.of(self.request, self.base.rounds),
            scan=scan,
            look=self._browser.look,
            credentials=Credentials({name: environ.get(name, "") for name in CREDENTIALS}),
        )

    def _fallback(self, contract: Contract) -> Site:
        year = self.command.clock.now().year
        return build(self.request, self.base, contract, year=year)

    def _starter(self, contract: Contract) -> Site:
        """Return existing files, attachments and boilerplate."""
        own = boilerplate(self.command.clock.now().year)
        return self.base.site | own | attachments(self.request, contract)

    def _read(self, models: Models, seconds: float) -> "Future[Reading | None]":
        ask, rounds = models.ask_for("reading"), self.base.rounds
        return in_thread(lambda: read_request(self.request, rounds, ask, seconds))

    def _verify(
        self, attempt: Attempt, contract: Contract, scenarios: Sequence[Scenario] = ()
    ) -> Attempt:
        self._verification.contract = contract
        with self.command.run.timed(self.report, "verification"):
            return self._verification(attempt, scenarios)


def _recorded(replies: Sequence[Path]) -> Ask | None:
    """Return what answers in place of a model, one file after the other; None without files."""
    waiting = list(replies)

    def ask(_: Sequence[Message], __: float) -> Reply:
        if not waiting:
            raise NoModelAnswered([("--reply", "no further file")])
        file = waiting.pop(0)
        text = file.read_text(encoding="utf-8")
        return Reply(text=text, model=f"reply {file.name}", seconds=0.0)

    return ask if waiting else None


def in_thread(work: Callable[[], T]) -> "Future[T]":
    """Start `work` in a thread that does not outlive the process."""
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except Exception as error:  # noqa: BLE001 - it is raised where the result is taken
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return future
