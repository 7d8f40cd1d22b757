"""The models of a run: one writes the app; one, the same unless set, reads and tests."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from builder.llm.asking import Model
from builder.llm.calls import Limits, ModelCall
from builder.llm.candidates import Candidate, ModelSettings
from builder.llm.messages import Message, Reply
from builder.llm.progress import Progress
from builder.ports import Clock, Log
from builder.report import ModelUse

T = TypeVar("T")


@dataclass(frozen=True)
class Models:
    """The models that the settings name; at least one candidate is set."""

    settings: ModelSettings
    log: Log
    clock: Clock

    @cached_property
    def author(self) -> Model:
        """The model that writes the app."""
        return self._model(self.settings.candidates, self._tell)

    @cached_property
    def reader(self) -> Model:
        """The model that reads the request and writes scenarios."""
        return self._model(self.settings.reader_candidates, lambda _: None)

    def ask_reader(self, messages: Sequence[Message], budget: float) -> Reply:
        """Ask for an answer without files within `budget` seconds. Raises NoModelAnswered."""
        return self.reader.ask(messages, budget, expects_files=False)

    @property
    def uses(self) -> list[ModelUse]:
        """Each call that was made, and what came of it."""
        reading = [self._use(call, "reading") for call in self.reader.calls]
        return [*reading, *(self._use(call, "app") for call in self.author.calls)]

    def _model(
        self, candidates: Sequence[Candidate], progress: Callable[[Progress], None]
    ) -> Model:
        from builder.llm.completion import complete

        return Model(
            candidates,
            complete,
            clock=self.clock,
            progress=progress,
            temperature=self.settings.temperature,
            limits=Limits(stall=self.settings.stall_seconds, max_tokens=self.settings.max_tokens),
        )

    def _tell(self, progress: Progress) -> None:
        self.log.line(
            f"  {progress.model}: {progress.characters:,} characters, {progress.files} files so "
            f"far, {progress.seconds:.0f} s"
        )

    def _use(self, call: ModelCall, purpose: str) -> ModelUse:
        return ModelUse(
            purpose=purpose,
            model=call.model,
            provider=call.provider,
            seconds=round(call.seconds, 2),
            outcome=call.outcome,
            tokens_in=call.tokens_in,
            tokens_out=call.tokens_out,
            cost=self.settings.cost(call.model, call.tokens_in, call.tokens_out),
        )


def in_thread(work: Callable[[], T]) -> "Future[T]":
    """Begin `work` in a thread that ends with the process at the latest."""
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except Exception as error:  # noqa: BLE001 - it is raised where the result is taken
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return future
