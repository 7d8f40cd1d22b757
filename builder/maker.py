"""Makes the site of a round out of its parts: a model, the templates, a browser."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

from builder.command import Command
from builder.contract.contract import LICENSE, Contract
from builder.contract.reader import read_request, stored_reading
from builder.contract.reading import Reading
from builder.credentials import Credentials
from builder.errors import NoModelAnswered
from builder.generate.attempts import Attempt
from builder.generate.author import ModelAuthor
from builder.generate.behaviour import BehaviourTest
from builder.generate.generation import AS_IT_STANDS, Generation
from builder.generate.tester import ModelTester
from builder.llm.asking import Model
from builder.llm.calls import Limits, ModelCall
from builder.llm.candidates import Candidate, ModelSettings
from builder.llm.messages import Ask, Message, Reply
from builder.llm.progress import Progress
from builder.rendering import Renderer
from builder.report import ModelUse, Report, Step
from builder.request import Request
from builder.rounds import Base
from builder.site import Site
from builder.starter_files import attachments, licence
from builder.verify.browser import Browser, programs
from builder.verify.scenarios.outcomes import State, by_requirement
from builder.verify.scenarios.scenario import Scenario
from builder.verify.secret_scan import scan
from builder.verify.verification import Look, Verification

CREDENTIALS = ("BUILDER_TOKEN", "GITHUB_TOKEN", "OPENAI_API_KEY", "FALLBACK_API_KEY")
"""Variables whose values may stand in no site."""


@dataclass
class SiteMaker:
    """All that one round's site is made with; `seconds` is what making it may take."""

    command: Command
    request: Request
    base: Base
    report: Report
    seconds: float = 0.0

    def make(self) -> Attempt:
        """Return the best site that the time allows, and tell the report how it came about."""
        start = self.command.clock.now()
        if self.report.reading is None:
            self.report.reading = stored_reading(self.request, self.base.rounds)
        self.report.ignored_settings += self._models.unusable
        generation = Generation(
            request=self.request,
            base=self.base,
            author=self.author,
            ask=self._ask(),
            read=self._read if self._asks_models and self.report.reading is None else None,
            reading=self.report.reading,
            fallback=self._fallback,
            verify=self._verify,
            budget=lambda: self.seconds - self.command.clock.since(start),
            log=self.command.log,
            repairs=self.command.settings.repairs,
            behaviour=self._behaviour if self._asks_models else None,
        )
        try:
            chosen = generation.run()
            self._tell_behaviour(generation.requirements, chosen)
            return chosen
        finally:
            self.report.notes += generation.notes
            self.report.fallback_reason = generation.fallback_reason
            self.report.reading = generation.reading
            self.report.notes += self._tester.notes
            if self._asks_models:
                read = [self._use(call, "reading") for call in self._reader.calls]
                self.report.model_calls = [*read, *map(self._use, self._model.calls)]

    def verify(self, site: Site) -> Attempt:
        """Hold a site that stands already against the same request."""
        contract = Contract.of(self.request, self.base.rounds, self.report.reading)
        return self._verify(Attempt(site, AS_IT_STANDS), contract)

    def _tell_behaviour(self, requirements: Sequence[str], chosen: Attempt) -> None:
        """Tell the report how each requirement came out, and which scenarios to keep."""
        scenarios = self._behaviour.scenarios
        ran = [scenario for scenario in scenarios if scenario.id in chosen.outcomes]
        untested = self._behaviour.untested if self._asks_models else "no model was asked"
        why_not = untested or "the tester wrote no scenario for it"
        self.report.requirements = by_requirement(requirements, ran, chosen.outcomes, why_not)
        self.report.scenarios = [each for each in ran if chosen.outcomes[each.id].passed]
        if not ran:
            self.report.untested = untested
        proposed = chosen.model_checks.keys()
        self.report.untried_checks = [
            each.requirement
            for each in self.report.requirements
            if each.state is State.NOT_TRIED and each.requirement not in proposed
            if any(check.source == each.requirement for check in self.request.checks)
        ]

    @cached_property
    def _behaviour(self) -> BehaviourTest:
        def run(attempt: Attempt, scenarios: Sequence[Scenario]) -> Attempt:
            return self._timed("scenarios", lambda: self._verification.use(attempt, scenarios))

        return BehaviourTest(self._tester, run, self.command.log)

    @cached_property
    def _tester(self) -> ModelTester:
        ask = partial(self._reader.ask, expects_files=False)
        return ModelTester(self.request, self._render, ask, vision=self._models.vision)

    @cached_property
    def author(self) -> ModelAuthor:
        """What stands between the request and a model."""
        return ModelAuthor(
            request=self.request,
            base=self.base,
            starter=self._starter,
            readme=self._readme,
            render=self._render,
            vision=self._models.vision,
        )

    @cached_property
    def _models(self) -> ModelSettings:
        settings = ModelSettings.from_environ(self.command.environ)
        for told in settings.unusable:
            self.command.log.warn(told)
        return settings

    @cached_property
    def _model(self) -> Model:
        return self._asking(self._models.candidates, self._progress)

    @cached_property
    def _reader(self) -> Model:
        return self._asking(self._models.reader_candidates, lambda _: None)

    def _asking(
        self, candidates: Sequence[Candidate], progress: Callable[[Progress], None]
    ) -> Model:
        from builder.llm.completion import complete

        return Model(
            candidates,
            complete,
            clock=self.command.clock,
            progress=progress,
            temperature=self._models.temperature,
            limits=Limits(stall=self._models.stall_seconds, max_tokens=self._models.max_tokens),
        )

    @cached_property
    def _verification(self) -> Verification:
        environ = self.command.environ
        return Verification(
            request=self.request,
            name=self.command.repository_name(self.request.task),
            base=self.base,
            contract=Contract.of(self.request, self.base.rounds),
            scan=scan,
            look=self._look(),
            credentials=Credentials({name: environ.get(name, "") for name in CREDENTIALS}),
        )

    def _starter(self, contract: Contract) -> Site:
        """Return existing files, attachments and boilerplate."""
        year = self.command.clock.now().year
        return self.base.site | {
            LICENSE: licence(year, self._render).encode(),
            ".nojekyll": b"",
            **attachments(self.request, contract),
        }

    def _fallback(self, contract: Contract) -> Site:
        from builder.fallback import build

        return build(self.request, self.base, contract, self._render)

    def _readme(self, site: Site, contract: Contract) -> str:
        from builder.fallback import readme

        return readme(self.request, self.base, site, contract, self._render)

    def _render(self, template: str, **values: object) -> str:
        return Renderer().render(template, **values)

    @property
    def _asks_models(self) -> bool:
        return bool(self._models.candidates) and not self.command.options.reply

    def _ask(self) -> Ask | None:
        if self.command.options.reply:
            return recorded(self.command.options.reply)
        return self._model.ask if self._asks_models else None

    def _read(self, seconds: float) -> "Future[Reading | None]":
        """Begin to read the request in a thread that ends with the process at the latest."""
        future: Future[Reading | None] = Future()
        rounds = self.base.rounds
        ask = partial(self._reader.ask, expects_files=False)

        def read() -> None:
            try:
                found = read_request(self.request, rounds, ask, seconds, self._render)
                future.set_result(found)
            except Exception as error:  # noqa: BLE001 - it is raised where the result is taken
                future.set_exception(error)

        threading.Thread(target=read, daemon=True).start()
        return future

    def _look(self) -> Look:
        settings = self.command.settings
        browser = Browser(
            programs(self.command.environ),
            cdn_mirror=settings.cdn_mirror,
            check_seconds=settings.check_seconds,
        )
        return browser.look

    def _verify(
        self, attempt: Attempt, contract: Contract, scenarios: Sequence[Scenario] = ()
    ) -> Attempt:
        self._verification.contract = contract
        return self._timed("verification", lambda: self._verification(attempt, scenarios))

    def _timed(self, name: str, work: Callable[[], Attempt]) -> Attempt:
        start = self.command.clock.now()
        try:
            return work()
        finally:
            seconds = round(self.command.clock.since(start), 2)
            self.report.steps.append(Step(name=name, seconds=seconds))

    def _progress(self, progress: Progress) -> None:
        self.command.log.line(
            f"  {progress.model}: {progress.characters:,} characters, {progress.files} files so "
            f"far, {progress.seconds:.0f} s"
        )

    def _use(self, call: ModelCall, purpose: str = "app") -> ModelUse:
        return ModelUse(
            purpose=purpose,
            model=call.model,
            provider=call.provider,
            seconds=round(call.seconds, 2),
            outcome=call.outcome,
            tokens_in=call.tokens_in,
            tokens_out=call.tokens_out,
            cost=self._models.cost(call.model, call.tokens_in, call.tokens_out),
        )


def recorded(files: Sequence[Path]) -> Ask:
    """Answer from files, in their order."""
    waiting = list(files)

    def ask(_: Sequence[Message], __: float) -> Reply:
        if not waiting:
            raise NoModelAnswered([("--reply", "no further file")])
        file = waiting.pop(0)
        return Reply(text=file.read_text(encoding="utf-8"), model=f"reply {file.name}", seconds=0.0)

    return ask
