"""One candidate at work on one question, until its reply is whole or it is given up."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import anyio
from tenacity import AsyncRetrying, RetryCallState, retry_if_result

from builder.deadline import Deadline
from builder.llm import policy
from builder.llm.calls import Call, Complete, Completion, Failure, FailureKind, Limits, Terms
from builder.llm.candidates import Candidate
from builder.llm.draft import Draft

LONG_WAIT = 10.0
"""Seconds; during a longer pause before the next call another candidate may start."""


@dataclass
class Conversation:
    """A candidate and its draft; `failure` says why it was given up."""

    candidate: Candidate
    draft: Draft
    expects_files: bool
    terms: Terms
    limits: Limits
    deadline: Deadline
    complete: Complete
    sleep: Callable[[float], Awaitable[None]]
    failure: Failure | None = None
    is_done: bool = False
    _failures: list[Failure] = field(default_factory=list)
    _trouble: anyio.Event = field(default_factory=anyio.Event)
    _alive_at: float = 0.0

    async def wait_for_trouble(self) -> None:
        """Wait until it failed, fails again and again, or is silent for too long."""
        self._alive_at = anyio.current_time()
        while (left := self._alive_at + self.limits.silence - anyio.current_time()) > 0:
            with anyio.move_on_after(left):
                await self._trouble.wait()
                return

    async def write(self) -> bool:
        """Write the draft to its end; return whether that worked."""
        self.failure = self.terms.hopeless
        while self.failure is None and not self.draft.is_finished:
            outcome = await self._insist()
            if isinstance(outcome, Failure):
                self.failure = outcome
            else:
                self.draft.add(outcome)
        self.is_done = self.failure is None
        self._trouble.set()
        return self.is_done

    async def _insist(self) -> Completion | Failure:
        """Call until there is an answer, or no other call is worth its time."""
        self._failures.clear()
        retrying = AsyncRetrying(
            retry=retry_if_result(lambda outcome: isinstance(outcome, Failure)),
            wait=lambda state: policy.pause(self._failures[-1], state),
            stop=self._is_over,
            before_sleep=self._let_others_start,
            sleep=self.sleep,
            retry_error_callback=lambda _: self._failures[-1],
        )
        return await retrying(self._call)

    def _is_over(self, state: RetryCallState) -> bool:
        fits = policy.fits(state.upcoming_sleep, self.deadline.remaining())
        return not (fits and policy.may_repeat(self._failures))

    def _let_others_start(self, state: RetryCallState) -> None:
        if len(self._failures) > 1 or state.upcoming_sleep > LONG_WAIT:
            self._trouble.set()

    async def _call(self) -> Completion | Failure:
        """Call, and keep a failure in mind."""
        outcome = await self._call_as_wanted()
        if isinstance(outcome, Failure):
            self._failures.append(outcome)
            if policy.is_hopeless(outcome):
                self.terms.hopeless = outcome
        return outcome

    async def _call_as_wanted(self) -> Completion | Failure:
        """Call, again at once when the server wants other parameters."""
        may_lower = True
        while (left := self.deadline.remaining()) > 0:
            call = self._next_call(left)
            outcome = await self.complete(call, self._note_life)
            if isinstance(outcome, Completion):
                return outcome
            limit = self.terms.max_tokens
            if not policy.learn(outcome, self.terms, call.parameters, may_lower=may_lower):
                return outcome
            may_lower = may_lower and self.terms.max_tokens == limit
        return Failure(FailureKind.OUT_OF_TIME, "not asked, no time was left")

    def _next_call(self, left: float) -> Call:
        return Call(
            candidate=self.candidate,
            messages=self.draft.next_messages(),
            parameters=self.terms.parameters,
            budget=left,
            limits=self.limits,
            so_far=self.draft.text,
            expects_files=self.expects_files and not self.draft.text,
        )

    def _note_life(self, _: str) -> None:
        self._alive_at = anyio.current_time()
