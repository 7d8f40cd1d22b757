"""Makes the site of a round out of its parts: a model, the templates, a browser."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from builder.contract.contract import LICENSE, Contract
from builder.credentials import Credentials
from builder.errors import NoModelAnswered
from builder.generate.attempts import Attempt
from builder.generate.generation import AS_IT_STANDS, FALLBACK, Ask, Generation
from builder.generate.model_author import ModelAuthor
from builder.llm.asking import Model
from builder.llm.calls import Limits, ModelCall
from builder.llm.candidates import ModelSettings
from builder.llm.messages import Message, Reply
from builder.llm.progress import Progress
from builder.rendering import Renderer
from builder.report import ModelUse, Report, Step
from builder.request import Request
from builder.rounds import Base
from builder.site import Site
from builder.starter_files import attachments, licence
from builder.verify.browser import Browser, programs
from builder.verify.secret_scan import scan
from builder.verify.verifying import Look, Verification
from builder.wiring import Command

CREDENTIALS = ("BUILDER_TOKEN", "GITHUB_TOKEN", "OPENAI_API_KEY", "FALLBACK_API_KEY")
"""Variables whose values may stand in no site."""
NO_USABLE_REPLY = "no reply of a model could be used"


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
        self.report.ignored_settings += self._models.ignored
        generation = Generation(
            request=self.request,
            base=self.base,
            author=self.author,
            ask=self._ask(),
            fallback=self._fallback,
            verify=self._verify,
            budget=lambda: self.seconds - self.command.clock.since(start),
            log=self.command.log,
            repairs=self.command.settings.repairs,
        )
        try:
            chosen = generation.run()
            if chosen.author in {FALLBACK, AS_IT_STANDS}:
                self.report.fallback_reason = "; ".join(generation.notes) or NO_USABLE_REPLY
            return chosen
        finally:
            self.report.notes += generation.notes
            self.report.model_calls = [self._use(call) for call in self._model.calls]

    def verify(self, site: Site) -> Attempt:
        """Hold a site that stands already against the same request."""
        return self._verify(Attempt(site, AS_IT_STANDS))

    @cached_property
    def author(self) -> ModelAuthor:
        """What stands between the request and a model."""
        return ModelAuthor(
            request=self.request,
            base=self.base,
            contract=self._contract,
            ground=self._ground(),
            readme=self._readme,
            render=self._render,
            vision=self._models.vision,
        )

    @cached_property
    def _contract(self) -> Contract:
        return Contract.of(self.request, self.base.rounds)

    @cached_property
    def _models(self) -> ModelSettings:
        settings = ModelSettings.from_environ(self.command.environ)
        for told in settings.ignored:
            self.command.log.warn(told)
        return settings

    @cached_property
    def _model(self) -> Model:
        from builder.llm.completion import complete

        return Model(
            self._models.candidates,
            complete,
            clock=self.command.clock,
            progress=self._progress,
            temperature=self._models.temperature,
            max_tokens=self._models.max_tokens,
            limits=Limits(stall=self._models.stall_seconds),
        )

    @cached_property
    def _verification(self) -> Verification:
        environ = self.command.environ
        return Verification(
            request=self.request,
            name=self.command.repository_name(self.request.task),
            base=self.base,
            contract=self._contract,
            scan=scan,
            look=self._look(),
            credentials=Credentials({name: environ.get(name, "") for name in CREDENTIALS}),
        )

    def _ground(self) -> Site:
        """What stands, what came along, and what every app has."""
        year = self.command.clock.now().year
        return self.base.site | {
            LICENSE: licence(year, self._render).encode(),
            ".nojekyll": b"",
            **attachments(self.request, self._contract),
        }

    def _fallback(self, request: Request, base: Base) -> Site:
        from builder.fallback import build

        return build(request, base, self._contract, self._render)

    def _readme(self, site: Site) -> str:
        from builder.fallback import readme

        return readme(self.request, self.base, site, self._contract, self._render)

    def _render(self, template: str, **values: object) -> str:
        return Renderer().render(template, **values)

    def _ask(self) -> Ask | None:
        if self.command.options.reply:
            return recorded(self.command.options.reply)
        return self._model.ask if self._models.candidates else None

    def _look(self) -> Look:
        settings = self.command.settings
        browser = Browser(
            programs(self.command.environ),
            cdn_mirror=settings.cdn_mirror,
            check_seconds=settings.check_seconds,
        )
        return browser.look

    def _verify(self, attempt: Attempt) -> Attempt:
        start = self.command.clock.now()
        try:
            return self._verification(attempt)
        finally:
            seconds = round(self.command.clock.since(start), 2)
            self.report.steps.append(Step(name="verification", seconds=seconds))

    def _progress(self, progress: Progress) -> None:
        self.command.log.line(
            f"  {progress.model}: {progress.characters:,} characters, {progress.files} files so "
            f"far, {progress.seconds:.0f} s"
        )

    def _use(self, call: ModelCall) -> ModelUse:
        return ModelUse(
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
