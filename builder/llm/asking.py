"""Asking the candidates in their order until one has given a whole reply, or the time is up."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from builder.deadline import Deadline
from builder.errors import NoModelAnswered
from builder.llm import policy as model_policy
from builder.llm.calls import (
    Call,
    Complete,
    Completion,
    Failure,
    FailureKind,
    Limits,
    Meter,
    ModelCall,
    Progress,
    Terms,
)
from builder.llm.candidates import Candidate
from builder.llm.draft import Draft
from builder.llm.messages import Message, Reply
from builder.llm.policy import NextCandidate, OnceMore, Tried, Wait, Without
from builder.ports import Clock

PROGRESS_SECONDS = 3.0
"""Between two words of progress."""


class Model:
    """The candidates as one; `calls` records every HTTP call, `progress` is told while one runs.

    What a candidate refuses, and that one is of no use at all, is remembered between questions.
    """

    def __init__(
        self,
        candidates: Sequence[Candidate],
        complete: Complete,
        *,
        clock: Clock,
        progress: Callable[[Progress], None],
        temperature: float | None = None,
        max_tokens: int | None = None,
        limits: Limits | None = None,
        progress_seconds: float = PROGRESS_SECONDS,
    ) -> None:
        self.calls: list[ModelCall] = []
        self._candidates = tuple(candidates)
        self._complete = complete
        self._clock = clock
        self._progress = progress
        self._progress_seconds = progress_seconds
        self._limits = limits or Limits()
        terms = Terms(self._limits.stall, temperature, max_tokens)
        self._terms = dict.fromkeys(self._candidates, terms)
        self._hopeless: dict[Candidate, Failure] = {}

    def ask(self, messages: Sequence[Message], budget: float) -> Reply:
        """Return a reply within `budget` seconds.

        When all that came is a reply cut at the length limit, that one is returned as not
        complete. Raises NoModelAnswered.
        """
        deadline = Deadline.counted_from(self._clock.now(), self._clock.now, budget)
        drafts = []
        said = []
        for candidate in self._candidates:
            draft = Draft(messages, candidate.model, self._clock.now())
            failure = self._write(draft, candidate, deadline)
            if failure is None:
                return draft.reply(self._clock.now())
            drafts.append(draft)
            said.append((str(candidate), str(failure)))
        longest = max(drafts, key=lambda draft: len(draft.text), default=None)
        if longest is not None and longest.text:
            return longest.reply(self._clock.now())
        raise NoModelAnswered(said)

    def _write(self, draft: Draft, candidate: Candidate, deadline: Deadline) -> Failure | None:
        """Let the candidate write the draft to its end; return why it did not."""
        if candidate in self._hopeless:
            return self._hopeless[candidate]
        while not draft.is_finished:
            outcome = self._insist(draft, candidate, deadline)
            if isinstance(outcome, Failure):
                return outcome
            draft.add(outcome)
        return None

    def _insist(
        self, draft: Draft, candidate: Candidate, deadline: Deadline
    ) -> Completion | Failure:
        """Call until there is an answer or the policy gives the candidate up."""
        tried = Tried()
        while True:
            left = deadline.remaining()
            if left <= 0:
                return Failure(FailureKind.OUT_OF_TIME, "not asked, no time was left")
            outcome = self._call(draft, candidate, left)
            if isinstance(outcome, Completion):
                return outcome
            granted = self._grant(outcome, candidate, tried, deadline.remaining())
            if granted is None:
                return outcome
            tried = granted

    def _grant(
        self, failure: Failure, candidate: Candidate, tried: Tried, left: float
    ) -> Tried | None:
        """Prepare another call as the policy decides, waiting included; None when there is none."""
        terms = self._terms[candidate]
        decision = model_policy.decide(failure, tried, left=left, sent=terms.parameters.keys())
        match decision:
            case Without(parameter):
                self._terms[candidate] = terms.without(parameter)
            case Wait(seconds):
                self._clock.sleep(seconds)
                return replace(tried, waits=tried.waits + 1)
            case OnceMore(seconds):
                if failure.was_accepted:
                    self._terms[candidate] = terms.with_patience(self._limits.thinking)
                self._clock.sleep(seconds)
                return replace(tried, again=tried.again + 1)
            case NextCandidate(for_good):
                if for_good:
                    self._hopeless[candidate] = failure
                return None
        return tried

    def _call(self, draft: Draft, candidate: Candidate, left: float) -> Completion | Failure:
        """Make one call and record it."""
        terms = self._terms[candidate]
        call = Call(
            candidate=candidate,
            messages=draft.conversation(),
            parameters=terms.parameters,
            budget=left,
            connect=self._limits.connect,
            first_token=terms.patience,
            stall=self._limits.stall,
        )
        started_at = self._clock.now()
        answer = self._complete(call, self._meter(draft).hear)
        fault = None
        if isinstance(answer, Completion):
            fault = model_policy.fault_of(answer, goes_on=bool(draft.text))
        self._record(candidate, started_at, answer, fault)
        return fault or answer

    def _meter(self, draft: Draft) -> Meter:
        return Meter(
            model=draft.model,
            now=self._clock.now,
            tell=self._progress,
            every=self._progress_seconds,
            pieces=[draft.text],
        )

    def _record(
        self,
        candidate: Candidate,
        started_at: datetime,
        answer: Completion | Failure,
        fault: Failure | None,
    ) -> None:
        counted = answer if isinstance(answer, Completion) else None
        self.calls.append(
            ModelCall(
                model=candidate.model,
                provider=candidate.provider,
                started_at=started_at,
                seconds=self._clock.since(started_at),
                outcome=str(fault or answer),
                tokens_in=counted.tokens_in if counted else None,
                tokens_out=counted.tokens_out if counted else None,
            )
        )
