"""The models of a run: one writes the app; one, the same unless set, reads and tests."""

from dataclasses import replace
from functools import partial

from builder.llm.asking import Model
from builder.llm.calls import Complete, Limits
from builder.llm.candidates import ModelSettings
from builder.llm.messages import Ask
from builder.ports import Clock, Log
from builder.report import ModelUse


class Models:
    """The models that the settings name; at least one candidate is set.

    `author` writes the app; `reader` reads the request and writes scenarios. What one learns about
    a candidate serves both.
    """

    def __init__(self, settings: ModelSettings, complete: Complete, log: Log, clock: Clock) -> None:
        self.author = Model(
            settings.candidates,
            complete,
            clock=clock,
            tell=log.line,
            temperature=settings.model_temperature,
            limits=Limits(stall=settings.model_stall_seconds, max_tokens=settings.model_max_tokens),
        )
        candidates = settings.reader_candidates
        self.reader = replace(self.author, candidates=candidates, tell=lambda _: None, calls=[])

    def ask_for(self, purpose: str) -> Ask:
        """Return what asks the reader for an answer without files."""
        return partial(self.reader.ask, purpose=purpose)

    @property
    def uses(self) -> list[ModelUse]:
        """Every call that was made, and how it ended."""
        return [*self.reader.calls, *self.author.calls]
