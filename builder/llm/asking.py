"""Asking the candidates in their order until one has given a whole reply, or the time is up."""

from collections.abc import Awaitable, Callable, Sequence

import anyio
from anyio.from_thread import start_blocking_portal

from builder.deadline import Deadline
from builder.errors import NoModelAnswered
from builder.llm import policy
from builder.llm.calls import Call, Complete, Completion, Failure, Limits, ModelCall, OnPiece, Terms
from builder.llm.candidates import Candidate
from builder.llm.conversation import Conversation
from builder.llm.draft import Draft
from builder.llm.messages import Message, Reply
from builder.llm.progress import PROGRESS_SECONDS, Meter, Progress
from builder.ports import Clock

REASON_LENGTH = 80
"""Characters of each candidate's failure in the error, which is the title of a summary."""


class Model:
    """The candidates as one; `calls` records every HTTP call, `progress` is told while one runs.

    What a candidate refuses, and that one is of no use at all, is remembered between questions.
    Several threads may ask at once.
    """

    def __init__(
        self,
        candidates: Sequence[Candidate],
        complete: Complete,
        *,
        clock: Clock,
        progress: Callable[[Progress], None],
        temperature: float | None = None,
        limits: Limits | None = None,
        progress_seconds: float = PROGRESS_SECONDS,
        sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
    ) -> None:
        self.calls: list[ModelCall] = []
        self._complete = complete
        self._clock = clock
        self._progress = progress
        self._progress_seconds = progress_seconds
        self._sleep = sleep
        self._limits = limits or Limits()
        self._terms = {
            candidate: Terms.of(candidate, temperature, self._limits.max_tokens)
            for candidate in candidates
        }

    def ask(
        self, messages: Sequence[Message], budget: float, *, expects_files: bool = True
    ) -> Reply:
        """Return a reply within `budget` seconds.

        With `expects_files`, a long reply that brings none is stopped. When all that came is a
        reply cut at the output limit, it is returned as not complete. Raises NoModelAnswered.
        """
        deadline = Deadline.counted_from(self._clock.now(), self._clock.now, budget)
        conversations = [
            Conversation(
                candidate=candidate,
                draft=Draft(messages, candidate.model, self._clock.now()),
                expects_files=expects_files,
                terms=terms,
                limits=self._limits,
                deadline=deadline,
                complete=self._recorded,
                sleep=self._sleep,
            )
            for candidate, terms in self._terms.items()
        ]
        # A thread of its own: Playwright's sync API leaves an event loop in the caller's.
        with start_blocking_portal() as portal:
            portal.call(self._race, conversations)
        best = max(conversations, key=lambda one: (one.is_done, len(one.draft.text)), default=None)
        if best is not None and best.draft.text:
            return best.draft.reply(self._clock.now())
        said = [(str(one.candidate), str(one.failure)[:REASON_LENGTH]) for one in conversations]
        raise NoModelAnswered(said)

    async def _race(self, conversations: Sequence[Conversation]) -> None:
        """Start one after the other as they fail or fall silent; the first that is done ends it."""
        async with anyio.create_task_group() as group:

            async def write(conversation: Conversation) -> None:
                if await conversation.write():
                    group.cancel_scope.cancel()

            for conversation in conversations:
                group.start_soon(write, conversation)
                await conversation.wait_for_trouble()

    async def _recorded(self, call: Call, on_piece: OnPiece) -> Completion | Failure:
        """Make one call, tell its progress, and record it however it ends."""
        meter = Meter(call, self._clock.now, self._progress, self._progress_seconds)

        def add(piece: str) -> None:
            on_piece(piece)
            meter.add(piece)

        started_at = self._clock.now()
        answer: Completion | Failure | None = None
        try:
            answer = await self._complete(call, add)
            if isinstance(answer, Completion):
                answer = policy.fault_of(answer, goes_on=bool(call.so_far)) or answer
            return answer
        finally:
            self.calls.append(
                ModelCall(
                    model=call.candidate.model,
                    provider=call.candidate.provider,
                    seconds=self._clock.since(started_at),
                    outcome=str(answer or "cancelled, another candidate was first"),
                    tokens_in=answer.tokens_in if answer else None,
                    tokens_out=answer.tokens_out if answer else None,
                )
            )
