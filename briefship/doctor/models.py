"""Each model, asked one small question as the builder asks."""

import base64
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import anyio

from briefship.doctor.diagnosis import Diagnosis, Patient, fault, good, unknown, warning
from briefship.parts import INSTALL, imported
from builder.llm.calls import Call, Complete, Completion, Failure, Limits
from builder.llm.candidates import Candidate, ModelSettings
from builder.llm.messages import Image, Message
from builder.llm.policy import fault_of
from builder.llm.terms import Terms

BUDGET = 120.0
"""Seconds for one model: reasoning ones are silent for a minute."""
RED = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAACAAAAAgCAIAAAD8GO2jAAAAJ0lEQVR42u3NsQkAAAjAsP7/tF7hIASyp6lTCQQC"
    "gUAgEAgEgi/BAjLD/C5w/SM9AAAAAElFTkSuQmCC"
)
"""A red square as PNG."""
QUESTION = "Which colour is the picture? Name it, then count from one to twenty in words."
PICTURE_REFUSED = {400, 404, 415, 422}
"""Statuses with which servers refuse a message that holds a picture."""


def models(patient: Patient) -> Iterator[Diagnosis]:
    """Ask each candidate; several at a time."""
    settings = ModelSettings.from_environ(_environ(patient))
    # The check of the variables reports what is ignored.
    missing = [reason for reason in settings.unusable if reason not in settings.ignored]
    for reason in missing:
        yield fault("models", reason, "Set it as a secret of the workflow repository.")
    candidates = tuple(dict.fromkeys([*settings.candidates, *settings.reader_candidates]))
    if not candidates and not missing:
        fix = "Set MODELS, OPENAI_BASE_URL and OPENAI_API_KEY (README, table of providers)."
        yield warning("models", "none can be asked: every app is the fallback page", fix)
    with ThreadPoolExecutor(4) as pool:
        yield from pool.map(lambda one: _examined(one, settings, patient), candidates)


def _environ(patient: Patient) -> dict[str, str]:
    """Return the environment, over what the workflow repository has as variables."""
    own = patient.context.environ
    if patient.on_runner or "MODELS" in own:
        return dict(own)
    return patient.variables | dict(own)


def _examined(candidate: Candidate, settings: ModelSettings, patient: Patient) -> Diagnosis:
    name = f"model {candidate}"
    is_here = urlsplit(candidate.base_url).hostname in {"localhost", "127.0.0.1"}
    if not candidate.api_key and not is_here and not patient.on_runner:
        return unknown(name, "its key is a secret of the workflow: the workflow doctor asks it")
    complete = imported("builder.llm.completion", INSTALL).complete
    talk = Talk(candidate, Terms(settings.model_temperature, settings.model_max_tokens), complete)
    answer = anyio.run(talk.ask, Limits(stall=settings.model_stall_seconds, reserve=BUDGET / 4))
    if isinstance(answer, Failure):
        return fault(
            name, str(answer), "Check the model's name, its key, its address and its quota."
        )
    seen = talk.behaviour(answer)
    if settings.model_vision and not talk.sees(answer):
        fix = "Unset MODEL_VISION, or choose a model that sees pictures."
        return warning(name, f"{seen}; MODEL_VISION is on", fix)
    return good(name, seen)


@dataclass
class Talk:
    """One question to one candidate, and how its answer came."""

    candidate: Candidate
    terms: Terms
    complete: Complete
    takes_pictures: bool = True
    arrivals: list[float] = field(default_factory=list)
    """When each piece of text came, in seconds after the call."""
    seconds: float = 0.0

    async def ask(self, limits: Limits) -> Completion | Failure:
        """Ask until the server has no more to refuse."""
        picture, may_lower = (Image("image/png", RED),), True
        while True:
            message = Message("user", QUESTION, picture if self.takes_pictures else ())
            limit, began = self.terms.max_tokens, time.monotonic()
            call = Call(self.candidate, [message], self.terms.parameters, BUDGET, limits)
            answer = await self.complete(call, self._note_from(began))
            self.seconds = time.monotonic() - began
            if isinstance(answer, Completion):
                return fault_of(answer, goes_on=False) or answer
            if self.terms.learn(answer, call.parameters, may_lower=may_lower):
                may_lower = may_lower and self.terms.max_tokens == limit
            elif self.takes_pictures and answer.status in PICTURE_REFUSED:
                self.takes_pictures = False
            else:
                return answer

    def _note_from(self, began: float) -> Any:
        self.arrivals = []

        def note(piece: str) -> None:
            if piece:
                self.arrivals.append(time.monotonic() - began)

        return note

    def sees(self, answer: Completion) -> bool:
        """Whether the model knew what the picture shows."""
        return self.takes_pictures and "red" in answer.text.lower()

    def behaviour(self, answer: Completion) -> str:
        """Return how the server behaves."""
        refused = ", ".join(sorted(self.terms.refused))
        words = [
            f"first token after {self.arrivals[0]:.1f} s, whole reply {self.seconds:.1f} s",
            "streams" if len(self.arrivals) > 1 else "does not stream",
            f"refuses {refused}" if refused else "",
            "sees pictures" if self.sees(answer) else "sees no pictures",
        ]
        return "; ".join(filter(None, words))
