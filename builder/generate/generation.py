"""Makes a site: ask a model, verify, repair what was found, choose the best.

A model reads the request for its requirements while the first draft is written. The fallback is
chosen if no model delivers, or if it passes more of the checks.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from typing import Protocol

from builder.contract.contract import Contract
from builder.contract.reading import Reading
from builder.errors import NoModelAnswered
from builder.findings import Source
from builder.generate.attempts import Attempt, best
from builder.generate.behaviour import BehaviourTest
from builder.generate.fetched import Fetched
from builder.generate.figures import Figures
from builder.llm.messages import Ask, Message, Reply
from builder.ports import Log
from builder.request import Request
from builder.rounds import Base, Round
from builder.site import Site
from builder.verify.scenarios.scenario import Scenario

MODEL_SECONDS = 25.0
"""Minimum time left to start a model call: about what a fast model takes for a small page."""
VERIFICATION_SECONDS = 25.0
"""Reserved to verify an attempt: a failing check takes 15 s, scenarios 20 s."""
FALLBACK_SECONDS = 20.0
"""Reserved to verify the fallback, if the model's app fails."""
RESERVED_SECONDS = VERIFICATION_SECONDS + FALLBACK_SECONDS
READING_SECONDS = 15.0
"""How long to wait for an unfinished reading once there is a draft."""
FALLBACK = "fallback"
AS_IT_STANDS = "the site as it stands"

Read = Callable[[float], "Future[Reading | None]"]
"""Starts reading the request, within a number of seconds, and returns at once."""


class Author(Protocol):
    """Turns the request and findings into messages for a model, and its reply into a site."""

    def first(self, contract: Contract) -> Sequence[Message]:
        """Return the messages that ask for the app."""

    def repair(self, attempt: Attempt, contract: Contract) -> Sequence[Message]:
        """Return the messages that ask to repair an attempt."""

    def attempt(self, reply: Reply, before: Attempt | None, contract: Contract) -> Attempt:
        """Apply a reply to the attempt that it repairs, or to what the round builds on."""


@dataclass
class Generation:
    """Makes the site of one round; `ask` is None if no model is set, `read` if none should read.

    `budget` returns the seconds that generating may still take; at most `repairs` repairs are
    asked for.
    """

    request: Request
    base: Base
    author: Author
    ask: Ask | None
    fallback: Callable[[Contract], Site]
    verify: Callable[[Attempt, Contract, Sequence[Scenario]], Attempt]
    budget: Callable[[], float]
    log: Log
    read: Read | None = None
    behaviour: BehaviourTest | None = None
    fetched: Callable[[], Sequence[Fetched]] = tuple
    """Returns what the addresses that the request names answered."""
    no_workflows: str = ""
    """Why no workflow file can be delivered."""
    repairs: int = 2
    reserved: float = RESERVED_SECONDS
    """Seconds that models leave for what follows."""
    notes: list[str] = field(default_factory=list)
    """What a person should know about how the site was made."""
    reading: Reading | None = None
    fallback_reason: str | None = None
    """Why no model's work is chosen; None if one is."""

    def run(self) -> Attempt:
        """Return the best attempt that time allows."""
        if self.ask is None:
            self._note("No model is set (MODELS): the fallback is published")
        attempts = self._by_model(self.ask) if self.ask else []
        usable = [attempt for attempt in attempts if attempt.is_usable]
        if usable:
            chosen = self._better_than(best(usable))
        else:
            if attempts:
                self._note(f"No reply by {attempts[-1].author} was usable")
            self.fallback_reason = self.notes[-1]
            chosen = best(self._without_model())
        self._log_attempt("Published", chosen)
        return chosen

    def repaired(self, broken: Attempt, scenarios: Sequence[Scenario]) -> Attempt | None:
        """Ask once for a repair of a published site; None if it breaks what held before."""
        if self.ask is None or self._seconds < MODEL_SECONDS:
            why = "no time is left for a repair" if self.ask else "no model is set"
            self._note(f"The app's own workflow failed, and {why}")
            return None
        try:
            reply = self.ask(self.author.repair(broken, self.contract), self._seconds)
        except NoModelAnswered as error:
            self._note(f"The app's own workflow failed and was not repaired: {error}")
            return None
        attempt = self.author.attempt(reply, broken, self.contract)
        attempt = self.figures.judged(self.verify(attempt, self.contract, scenarios))
        self._log_attempt("Repair of the workflow", attempt)
        known = {(one.source, one.subject) for one in broken.failures}
        is_new = attempt.is_usable and attempt.site != broken.site
        if is_new and all((one.source, one.subject) in known for one in attempt.failures):
            return attempt
        self._note("The app's own workflow failed, and no reply repaired it without harm")
        return None

    @property
    def contract(self) -> Contract:
        """The contract as far as it is known; the reading is added later."""
        return Contract.of(self.request, self.base.rounds, self.reading, self.no_workflows)

    @property
    def requirements(self) -> list[str]:
        """What scenarios should test; what earlier rounds left untested comes last."""
        asked = Round.of(self.request, self.reading).requirements()
        return list(dict.fromkeys([*asked, *self.figures.to_say, *self.contract.untried]))

    @property
    def figures(self) -> Figures:
        """What the contract says of figures; without such a rule, nothing is fetched for it."""
        contract = self.contract
        fetched = self.fetched() if contract.from_data else ()
        return Figures(contract, fetched, self.base.computed)

    def _by_model(self, ask: Ask) -> list[Attempt]:
        """Ask, then repair the best attempt while something is wrong and time allows."""
        attempts: list[Attempt] = []
        longest = MODEL_SECONDS
        reading = self.read(self._seconds) if self.read and self._seconds >= longest else None
        messages = self.author.first(self.contract)
        for repair in range(self.repairs + 1):
            if self._seconds < longest:
                self._note(f"{max(0, self.budget()):.0f} s are left: too few for a model call")
                break
            try:
                reply = ask(messages, self._seconds)
            except NoModelAnswered as error:
                self._note(f"{error}")
                break
            if reading and self.reading is None:
                self._finish(reading)
            longest = max(longest, reply.seconds)
            attempts.append(self._attempt(reply, attempts, repair))
            if not attempts[-1].failures:
                break
            messages = self.author.repair(best(attempts), self.contract)
        return attempts

    @property
    def _seconds(self) -> float:
        """The seconds that a model may take."""
        return self.budget() - self.reserved

    def _finish(self, reading: "Future[Reading | None]") -> None:
        """Adopt the reading; without one, the contract is the certain core."""
        wait([reading], timeout=max(0.0, min(READING_SECONDS, self._seconds)))
        if not reading.done():
            self._note("The request was not read in time: only what is certain is required")
            return
        error = reading.exception()
        self.reading = None if error else reading.result()
        if self.reading is None:
            why = f" ({type(error).__name__})" if error else ""
            self._note(f"No model read the request{why}: only what is certain is required")

    def _attempt(self, reply: Reply, before: Sequence[Attempt], repair: int) -> Attempt:
        repaired = best(before) if before else None
        attempt = self.author.attempt(reply, repaired, self.contract)
        test = self.behaviour
        if repaired and test:
            earlier = self.contract.scenarios
            test.settle(attempt.disputes, repaired, self.requirements, earlier, self._seconds)
        scenarios = test.scenarios if repaired and test else ()
        attempt = self.figures.judged(self.verify(attempt, self.contract, scenarios))
        self._log_attempt(f"Repair {repair}" if repair else "First attempt", attempt)
        if test is None:
            return attempt
        is_read = self.reading is not None
        return test.begin(attempt, self.requirements, self._seconds, is_read=is_read)

    def _better_than(self, app: Attempt) -> Attempt:
        """Return the model's app, unless the fallback passes more of the request's own checks."""
        passed, total = app.score(Source.CHECK)
        if passed == total or self.budget() < FALLBACK_SECONDS:
            return app
        other = max(self._without_model(), key=lambda attempt: attempt.score(Source.CHECK)[0])
        score = other.score(Source.CHECK)[0]
        if score <= passed or other.rank[1] > app.rank[1]:
            return app
        self.fallback_reason = (
            f"it passes {score} of {total} checks, the app by {app.author} {passed}"
        )
        self._note(f"{other.author.capitalize()} is published: {self.fallback_reason}")
        return other

    def _without_model(self) -> list[Attempt]:
        """Return the attempts without a model; in a later round, first the existing site."""
        site = self.fallback(self.contract)
        sites = {FALLBACK: site}
        if self.base.site:
            new = {one.name for one in self.request.attachments}
            brought = {path: site[path] for path in site if path in new}
            sites = {AS_IT_STANDS: Site({**site, **self.base.site, **brought}), FALLBACK: site}
        return [self.verify(Attempt(sites[by], by), self.contract, ()) for by in sites]

    def _note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)
            self.log.warn(text)

    def _log_attempt(self, title: str, attempt: Attempt) -> None:
        failed, regressions, scenarios, warnings = attempt.rank
        self.log.line(
            f"{title}, by {attempt.author}: {failed} failures, {regressions} regressions, "
            f"{scenarios} of {len(attempt.outcomes)} scenarios failed, {warnings} warnings"
        )
        for finding in attempt.findings:
            self.log.line(f"  {finding.severity}: {finding}")
