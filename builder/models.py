"""The models of a run: one writes the app; one, the same unless set, reads and tests."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from typing import TypeVar

from builder.llm.asking import Model
from builder.llm.calls import Limits
from builder.llm.candidates import ModelSettings
from builder.llm.messages import Message, Reply
from builder.ports import Clock, Log
from builder.report import ModelUse

T = TypeVar("T")


class Models:
    """The models that the settings name; at least one candidate is set.

    `author` writes the app; `reader` reads the request and writes scenarios. What either learns of
    a candidate serves both.
    """

    def __init__(self, settings: ModelSettings, log: Log, clock: Clock) -> None:
        from builder.llm.completion import complete

        self.author = Model(
            settings.candidates,
            complete,
            clock=clock,
            tell=log.line,
            temperature=settings.temperature,
            limits=Limits(stall=settings.stall_seconds, max_tokens=settings.max_tokens),
        )
        candidates = settings.reader_candidates
        self.reader = replace(self.author, candidates=candidates, tell=lambda _: None, calls=[])

    def ask_reader(self, messages: Sequence[Message], budget: float) -> Reply:
        """Ask for an answer without files within `budget` seconds. Raises NoModelAnswered."""
        return self.reader.ask(messages, budget, expects_files=False)

    @property
    def uses(self) -> list[ModelUse]:
        """Each call that was made, and what came of it."""
        reading = {"purpose": "reading"}
        return [*(use.model_copy(update=reading) for use in self.reader.calls), *self.author.calls]


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
