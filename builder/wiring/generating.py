"""The commands `generate` and `prompt`: a model, the templates, a browser."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from builder import stages
from builder.brief import contract as old
from builder.contract.contract import LICENSE, Contract
from builder.credentials import Credentials
from builder.errors import NoModelAnswered, NothingToDo
from builder.generate.attempts import Attempt
from builder.generate.generation import Ask, Generation
from builder.generate.model_author import ModelAuthor
from builder.llm.asking import Model
from builder.llm.calls import Limits, ModelCall, Progress
from builder.llm.candidates import ModelSettings
from builder.llm.messages import Message, Reply
from builder.ports import Checkout
from builder.publish.checkout import Git
from builder.rendering import Renderer
from builder.report import ModelUse, Report, Step
from builder.request import Request
from builder.rounds import NOTHING, Base
from builder.site import Site
from builder.starter_files import attachments, licence
from builder.verify.browser import Browser, executable
from builder.verify.secret_scan import scan
from builder.verify.verifying import Look, Verification
from builder.wiring.context import Context

KEPT_SECONDS = 190.0
"""Of the deadline, for what follows: a first publication takes a minute, the callback retries."""
CLONE_SECONDS = 60.0
CREDENTIALS = ("BUILDER_TOKEN", "GITHUB_TOKEN", "OPENAI_API_KEY", "FALLBACK_API_KEY")
"""Variables whose values may stand in no site."""


def generate(context: Context) -> None:
    """Make the site of this round into the work directory."""
    work = context.desk.work
    work.clear()
    task = context.fetched(context.begin())
    work.keep(task)
    request = task.inline()
    seconds = context.deadline(task).budget(keep=KEPT_SECONDS, at_least=0.0)

    def make(request: Request, base: Base, report: Report) -> Attempt:
        return Generator(context, request, base, report).make(seconds)

    stages.generate(
        context.desk, task, request, find=lambda: _published(context, request), make=make
    )


def prompt(context: Context) -> None:
    """Print what a model would be asked."""
    task = context.fetched(context.read())
    request = task.inline()
    if context.options.base:
        base = _read_base(context.options.base)
    else:
        published = _published(context, request) if request.round > 1 else None
        base = published.base() if published else NOTHING
    for message in Generator(context, request, base, Report.of(task)).author.first():
        context.log.line(f"=== {message.role}\n{message.text}")


def _read_base(folder: Path) -> Base:
    if not folder.is_dir():
        raise NothingToDo(f"{folder} is no folder", fix="Give --base a checkout of the app.")
    return Base.read(folder)


def _published(context: Context, request: Request) -> Checkout | None:
    """Clone the app repository as everybody sees it, without a token."""
    owner = context.settings.builder_owner
    if owner is None:
        context.log.warn("BUILDER_OWNER is not set: what stands published is not looked at")
        return None
    git = Git(
        context.settings.server_url,
        context.clock,
        remaining=lambda: CLONE_SECONDS,
        stall_seconds=context.settings.call_seconds,
    )
    full_name = f"{owner}/{context.repository_name(request.task)}"
    return git.clone(full_name, context.desk.work.checkout)


@dataclass
class Generator:
    """All that one round's site is made with."""

    context: Context
    request: Request
    base: Base
    report: Report

    def make(self, seconds: float) -> Attempt:
        """Return the best site that `seconds` allow, and tell the report of the way."""
        start = self.context.clock.now()
        generation = Generation(
            request=self.request,
            base=self.base,
            author=self.author,
            ask=self._ask(),
            fallback=self._fallback,
            verify=self._verify,
            budget=lambda: seconds - self.context.clock.since(start),
            log=self.context.log,
            repairs=self.context.settings.repairs,
        )
        try:
            return generation.run()
        finally:
            self.report.notes += generation.notes
            self.report.model_calls = [self._use(call) for call in self._model.calls]

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
    def _contract(self) -> old.Contract:
        return old.Contract.of(self.request, self.base.rounds)

    @cached_property
    def _new_contract(self) -> Contract:
        return Contract.of(self.request, self.base.rounds)

    @cached_property
    def _models(self) -> ModelSettings:
        return ModelSettings.from_environ(self.context.environ)

    @cached_property
    def _model(self) -> Model:
        from builder.llm.completion import complete

        return Model(
            self._models.candidates,
            complete,
            clock=self.context.clock,
            progress=self._progress,
            temperature=self._models.temperature,
            max_tokens=self._models.max_tokens,
            limits=Limits.of(self._models.stall_seconds),
        )

    @cached_property
    def _verification(self) -> Verification:
        environ = self.context.environ
        return Verification(
            request=self.request,
            name=self.context.repository_name(self.request.task),
            base=self.base,
            contract=self._contract,
            scan=scan,
            look=self._look(),
            credentials=Credentials({name: environ.get(name, "") for name in CREDENTIALS}),
        )

    def _ground(self) -> Site:
        """What stands, what came along, and what every app has."""
        year = self.context.clock.now().year
        return self.base.site | {
            LICENSE: licence(year, self._render).encode(),
            ".nojekyll": b"",
            **attachments(self.request, self._new_contract),
        }

    def _fallback(self, request: Request, base: Base) -> Site:
        from builder.fallback import build

        return build(request, base, self._new_contract, self._render)

    def _readme(self, site: Site) -> str:
        from builder.fallback import readme

        return readme(self.request, self.base, site, self._new_contract, self._render)

    def _render(self, template: str, **values: object) -> str:
        return Renderer().render(template, **values)

    def _ask(self) -> Ask | None:
        if self.context.options.reply:
            return recorded(self.context.options.reply)
        return self._model.ask if self._models.candidates else None

    def _look(self) -> Look | None:
        program = executable(self.context.environ)
        if program is None:
            return None
        settings = self.context.settings
        browser = Browser(
            program, cdn_mirror=settings.cdn_mirror, check_seconds=settings.check_seconds
        )
        return browser.look

    def _verify(self, attempt: Attempt) -> Attempt:
        start = self.context.clock.now()
        try:
            return self._verification(attempt)
        finally:
            seconds = round(self.context.clock.since(start), 2)
            self.report.steps.append(Step(name="verification", seconds=seconds))

    def _progress(self, progress: Progress) -> None:
        self.context.log.line(
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
