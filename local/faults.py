"""A fault plan: which calls to a server go wrong, how, and how often."""

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, Self

from starlette.responses import JSONResponse, Response


class BuildFault(StrEnum):
    """What becomes of a Pages build."""

    ERRORED = "errored"
    MISSING = "missing"
    STUCK = "stuck"
    """It stays at `building`, and nothing is served."""
    LIVE_BUT_BUILDING = "live but building"


@dataclass(frozen=True)
class Fault:
    """How a call ends; with `carried_out`, it is done and only its answer is lost.

    `cut` resets the connection (RST) without an answer, `half` in the middle of one. `hang` keeps
    it open without answering, until the caller goes away. `hold` waits until the rule is released
    or cleared, then answers as usual.
    """

    ending: Literal["answer", "cut", "half", "hang", "hold"]
    carried_out: bool = False
    response: Response | None = None

    @classmethod
    def answer(
        cls, status: int, body: object = b"", headers: Mapping[str, str] | None = None
    ) -> Self:
        """Answer this instead; a body that is no bytes goes as JSON."""
        if isinstance(body, bytes):
            response = Response(body, status, headers, media_type="text/plain")
        else:
            response = JSONResponse(body, status, headers)
        return cls("answer", response=response)


@dataclass(frozen=True)
class Call:
    """A call as it came; `target` is the path with its query.

    `authorized` says whether it came with a credential.
    """

    method: str
    target: str
    authorized: bool = False

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    def __str__(self) -> str:
        return f"{self.method} {self.target}"


@dataclass
class Rule:
    """Which calls meet `fault`: those that `pattern` matches, after the first `skip` of them.

    `times` None means always; `authorized` None, with or without a credential.
    """

    pattern: re.Pattern[str]
    fault: Fault
    skip: int = 0
    times: int | None = 1
    authorized: bool | None = None
    seen: int = 0
    struck: threading.Event = field(default_factory=threading.Event)
    """Set once a caller has met the fault: the call was made if it should be, but not answered."""
    released: threading.Event = field(default_factory=threading.Event)

    def concerns(self, call: Call) -> bool:
        known = self.authorized is None or self.authorized == call.authorized
        return known and self.pattern.search(str(call)) is not None

    @property
    def is_due(self) -> bool:
        """Whether the last call counted meets the fault."""
        last = float("inf") if self.times is None else self.skip + self.times
        return self.skip < self.seen <= last


class FaultPlan:
    """Rules in order; the first one that is due decides. Thread-safe."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        """All calls so far, in order."""
        self._rules: list[Rule] = []
        self._builds: list[BuildFault] = []
        self._lock = threading.Lock()

    def on(
        self,
        pattern: str,
        fault: Fault,
        *,
        skip: int = 0,
        times: int | None = 1,
        authorized: bool | None = None,
    ) -> Rule:
        """Plan a fault for calls whose `METHOD /path?query` matches the regular expression."""
        rule = Rule(re.compile(pattern), fault, skip, times, authorized)
        with self._lock:
            self._rules.append(rule)
        return rule

    def on_builds(self, *faults: BuildFault) -> None:
        """Plan the results of the next Pages builds, one each; later ones succeed."""
        with self._lock:
            self._builds += faults

    def clear(self) -> None:
        """Remove all faults."""
        with self._lock:
            for rule in self._rules:
                rule.released.set()
            self._rules.clear()
            self._builds.clear()

    def take(self, call: Call) -> Rule | None:
        """Count `call`; return the rule whose fault it meets, None if it meets none."""
        with self._lock:
            self.calls.append(call)
            concerned = [rule for rule in self._rules if rule.concerns(call)]
            for rule in concerned:
                rule.seen += 1
            return next((rule for rule in concerned if rule.is_due), None)

    def take_build(self) -> BuildFault | None:
        """Return what becomes of the next Pages build, None if it succeeds."""
        with self._lock:
            return self._builds.pop(0) if self._builds else None
