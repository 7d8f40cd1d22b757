"""One candidate working on one question, until its reply is complete or it is given up."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import anyio
from tenacity import AsyncRetrying, RetryCallState, retry_if_result

from builder.deadline import Deadline
from builder.llm import policy
from builder.llm.calls import Call, Complete, Completion, Failure, FailureKind, Limits
from builder.llm.candidates import Candidate
from builder.llm.continuation import join
from builder.llm.messages import Message
from builder.llm.terms import Terms

LONG_WAIT = 10.0
"""Seconds; during a longer pause before the next call, another candidate may start."""
CONTINUATIONS = 2
"""How often a model is asked to continue a reply that was cut."""
GO_ON = (
    "Your reply was cut off at the output limit. Go on from exactly where it stopped: the first "
    "character you write is put directly behind the last one above. Repeat nothing, open no code "
    "fence or file block again, add no remark."
)

NOT_ASKED = Failure(FailureKind.OUT_OF_TIME, "not asked, no time was left")


@dataclass
class Conversation:
    """A candidate and what it has written so far; `failure` says why it was given up."""

    candidate: Candidate
    messages: Sequence[Message]
    expects_files: bool
    terms: Terms
    limits: Limits
    deadline: Deadline
    complete: Complete
    sleep: Callable[[float], Awaitable[None]]
    text: str = ""
    failure: Failure | None = None
    is_done: bool = False
    is_cut: bool = False
    _answers: int = 0
    """How many answers make up the text: more than one if the output limit cut it."""
    _failures: list[Failure] = field(default_factory=list)
    _trouble: anyio.Event = field(default_factory=anyio.Event)
    _alive_at: float = 0.0

    async def wait_for_trouble(self) -> None:
        """Wait until it has failed for good, keeps failing, or is silent for too long."""
        self._alive_at = anyio.current_time()
        while (left := self._alive_at + self.limits.silence - anyio.current_time()) > 0:
            with anyio.move_on_after(left):
                await self._trouble.wait()
                return

    async def write(self) -> bool:
        """Write the reply to its end; return whether that worked."""
        self.failure = self.terms.hopeless
        while self.failure is None and not self.is_done:
            outcome = await self._insist()
            if isinstance(outcome, Failure):
                self.failure = outcome
            else:
                self.text = join(self.text, outcome.text)
                self._answers += 1
                self.is_cut = outcome.is_cut
                self.is_done = not self.is_cut or self._answers > CONTINUATIONS
        self._trouble.set()
        return self.is_done

    async def _insist(self) -> Completion | Failure:
        """Call until there is an answer, or until another call is not worth its time."""
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
        """Call, and at once again if the server wants other parameters; remember a failure."""
        failure = NOT_ASKED
        is_learning = may_lower = True
        while is_learning and (left := self.deadline.remaining()) > 0:
            call, limit = self._next_call(left), self.terms.max_tokens
            outcome = await self.complete(call, self._note_life)
            if isinstance(outcome, Completion):
                return outcome
            failure = outcome
            is_learning = self.terms.learn(failure, call.parameters, may_lower=may_lower)
            may_lower = may_lower and self.terms.max_tokens == limit
        self._failures.append(failure)
        if policy.is_hopeless(failure):
            self.terms.hopeless = failure
        return failure

    def _next_call(self, left: float) -> Call:
        cut = [Message("assistant", self.text), Message("user", GO_ON)] if self.text else []
        return Call(
            candidate=self.candidate,
            messages=[*self.messages, *cut],
            parameters=self.terms.parameters,
            budget=left,
            limits=self.limits,
            so_far=self.text,
            expects_files=self.expects_files and not self.text,
        )

    def _note_life(self, _: str) -> None:
        self._alive_at = anyio.current_time()
