"""How a site comes about: ask a model, verify, repair with what was found, keep the best.

Without a model, or when none answers in time, the fallback is published.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from builder.errors import NoModelAnswered
from builder.generate.attempts import Attempt, best
from builder.llm.messages import Message, Reply
from builder.ports import Log
from builder.request import Request
from builder.rounds import Base
from builder.site import Site

MODEL_NEEDS = 25.0
"""Seconds without which no model call is begun: a small page takes a fast model about that."""
VERIFICATION_KEEPS = 20.0
"""Seconds kept for looking at what a model made: a check that fails is waited for 15 s."""
FALLBACK = "fallback"
AS_IT_STANDS = "the site as it stands"

Ask = Callable[[Sequence[Message], float], Reply]
"""Takes the messages and the seconds that the answer may take. Raises NoModelAnswered."""


class Author(Protocol):
    """Turns the request, and findings, into what a model is told, and its reply into a site."""

    def first(self) -> Sequence[Message]:
        """Return what is asked at first."""

    def repair(self, attempt: Attempt) -> Sequence[Message]:
        """Return what is asked to mend an attempt."""

    def attempt(self, reply: Reply, before: Attempt | None) -> Attempt:
        """Apply a reply to the attempt that it repairs, or to what the round builds on."""


@dataclass
class Generation:
    """One round's way to its site; `ask` is None where no model is set.

    `budget` tells the seconds that generating may still take; at most `repairs` rounds of repair.
    """

    request: Request
    base: Base
    author: Author
    ask: Ask | None
    fallback: Callable[[Request, Base], Site]
    verify: Callable[[Attempt], Attempt]
    budget: Callable[[], float]
    log: Log
    repairs: int = 2
    notes: list[str] = field(default_factory=list)
    """What a person should know about the way taken."""

    def run(self) -> Attempt:
        """Return the best attempt that the time allows."""
        if self.ask is None:
            self._note("No model is set (MODELS): the fallback is published")
        attempts = self._by_model(self.ask) if self.ask else []
        usable = [attempt for attempt in attempts if attempt.is_usable]
        chosen = best(usable or self._without_model())
        self._tell("Chosen", chosen)
        return chosen

    def _by_model(self, ask: Ask) -> list[Attempt]:
        """Ask, then repair the best so far while something is wrong and the clock allows."""
        attempts: list[Attempt] = []
        longest = MODEL_NEEDS
        messages = self.author.first()
        for repair in range(self.repairs + 1):
            if self.budget() < longest + VERIFICATION_KEEPS:
                self._note(f"{max(0, self.budget()):.0f} s are left: too few for a model call")
                break
            reply = self._reply(ask, messages)
            if reply is None:
                break
            longest = max(longest, reply.seconds)
            attempts.append(self._attempt(reply, attempts, repair))
            if not attempts[-1].failures:
                break
            messages = self.author.repair(best(attempts))
        return attempts

    def _reply(self, ask: Ask, messages: Sequence[Message]) -> Reply | None:
        try:
            return ask(messages, self.budget() - VERIFICATION_KEEPS)
        except NoModelAnswered as error:
            self._note(f"{error}")
            return None

    def _attempt(self, reply: Reply, before: Sequence[Attempt], repair: int) -> Attempt:
        repaired = best(before) if before else None
        attempt = self.verify(self.author.attempt(reply, repaired))
        self._tell(f"Repair {repair}" if repair else "First attempt", attempt)
        return attempt

    def _without_model(self) -> list[Attempt]:
        """Offer the fallback and, in a later round, the one that stands."""
        site = self.fallback(self.request, self.base)
        attempts = [self.verify(Attempt(site, FALLBACK))]
        if self.base.site:
            kept = Site({**site, **self.base.site, **self._brought(site)})
            attempts.append(self.verify(Attempt(kept, AS_IT_STANDS)))
        return attempts

    def _brought(self, site: Site) -> dict[str, bytes]:
        """Return the files of this round's attachments."""
        names = {attachment.name for attachment in self.request.attachments}
        return {path: site[path] for path in site if path in names}

    def _note(self, text: str) -> None:
        self.notes.append(text)
        self.log.warn(text)

    def _tell(self, title: str, attempt: Attempt) -> None:
        failed, regressions, warnings = attempt.rank
        self.log.line(
            f"{title} by {attempt.author}: {failed} failures, {regressions} regressions, "
            f"{warnings} warnings"
        )
        for finding in attempt.findings:
            self.log.line(f"  {finding.severity}: {finding}")
