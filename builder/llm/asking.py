"""The models of a run; each asks its candidates in order until one has given a whole reply."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import anyio
from anyio.from_thread import start_blocking_portal

from builder.errors import NoModelAnswered
from builder.llm import policy
from builder.llm.calls import Call, Complete, Completion, Failure, Limits, OnPiece
from builder.llm.candidates import Candidate, ModelSettings
from builder.llm.conversation import Conversation
from builder.llm.messages import Ask, Message, Reply, spoken
from builder.llm.terms import Terms
from builder.ports import Clock, Log
from builder.report import APP, ModelUse

REASON_LENGTH = 80
"""Characters of each candidate's failure in the error, which is shown in the summary's title."""
PROGRESS_SECONDS = 10.0
"""Between two progress messages."""


@dataclass
class Model:
    """All candidates as one model; `log_line` logs progress.

    Several threads may ask at once.
    """

    candidates: Sequence[Candidate]
    complete: Complete
    clock: Clock
    log_line: Callable[[str], None]
    temperature: float | None = None
    limits: Limits = field(default_factory=Limits)
    terms: dict[Candidate, Terms] = field(default_factory=dict)
    """What is known about each candidate; several models may share it."""
    progress_seconds: float = PROGRESS_SECONDS
    sleep: Callable[[float], Awaitable[None]] = anyio.sleep
    calls: list[ModelUse] = field(default_factory=list)
    """The record of every HTTP call."""

    def ask(self, messages: Sequence[Message], budget: float, purpose: str = APP) -> Reply:
        """Return a reply within `budget` seconds.

        If the purpose is the app, a long reply without files is stopped. If the only reply was cut
        at the output limit, it is returned as incomplete. Raises NoModelAnswered.
        """
        start = self.clock.now()
        deadline = self.clock.deadline(budget, start)
        conversations = [
            Conversation(
                candidate,
                messages,
                expects_files=purpose == APP,
                terms=self._terms_of(candidate),
                limits=self.limits,
                deadline=deadline,
                complete=partial(self._recorded, purpose),
                sleep=self.sleep,
            )
            for candidate in self.candidates
        ]
        # A thread of its own: Playwright's sync API leaves an event loop in the caller's.
        with start_blocking_portal() as portal:
            portal.call(self._race, conversations)
        best = max(conversations, key=lambda one: (one.is_done, len(one.text)), default=None)
        if best is None or not best.text:
            said = [(str(one.candidate), str(one.failure)[:REASON_LENGTH]) for one in conversations]
            raise NoModelAnswered(said)
        seconds = self.clock.since(start)
        return Reply(spoken(best.text), best.candidate.model, seconds, complete=not best.is_cut)

    def _terms_of(self, candidate: Candidate) -> Terms:
        return self.terms.setdefault(candidate, Terms(self.temperature, self.limits.max_tokens))

    async def _race(self, conversations: Sequence[Conversation]) -> None:
        """Start the next one when one fails or falls silent; the first to finish ends the race."""
        async with anyio.create_task_group() as group:

            async def write(conversation: Conversation) -> None:
                if await conversation.write():
                    group.cancel_scope.cancel()

            for conversation in conversations:
                group.start_soon(write, conversation)
                await conversation.wait_for_trouble()

    async def _recorded(self, purpose: str, call: Call, on_piece: OnPiece) -> Completion | Failure:
        """Make one call, report its progress, and record it however it ends."""
        start = self.clock.now()
        answer: Completion | Failure | None = None
        candidate = call.candidate
        use = ModelUse(model=candidate.model, provider=candidate.provider, purpose=purpose)
        try:
            answer = await self.complete(call, self._logging_progress(call, on_piece))
            if isinstance(answer, Completion):
                use.tokens_in, use.tokens_out = answer.tokens_in, answer.tokens_out
                use.cost = answer.cost
                answer = policy.fault_of(answer, goes_on=bool(call.so_far)) or answer
            return answer
        finally:
            use.outcome = str(answer or "cancelled, another candidate was first")
            use.seconds = round(self.clock.since(start), 2)
            self.calls.append(use)

    def _logging_progress(self, call: Call, on_piece: OnPiece) -> OnPiece:
        """Return `on_piece`, extended to report how long the reply is, once it has begun."""
        length = len(call.so_far)
        start = logged_at = self.clock.now()

        def add(piece: str) -> None:
            nonlocal length, logged_at
            on_piece(piece)
            length += len(piece)
            if piece and self.clock.since(logged_at) >= self.progress_seconds:
                logged_at = self.clock.now()
                seconds = self.clock.since(start)
                self.log_line(f"  {call.candidate.model}: {length:,} characters, {seconds:.0f} s")

        return add


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
            log_line=log.line,
            temperature=settings.model_temperature,
            limits=Limits(stall=settings.model_stall_seconds, max_tokens=settings.model_max_tokens),
        )
        candidates = settings.reader_candidates
        self.reader = replace(self.author, candidates=candidates, log_line=lambda _: None, calls=[])

    def ask_for(self, purpose: str) -> Ask:
        """Return what asks the reader for an answer without files."""
        return partial(self.reader.ask, purpose=purpose)

    @property
    def uses(self) -> list[ModelUse]:
        """Every call that was made, and how it ended."""
        return [*self.reader.calls, *self.author.calls]
