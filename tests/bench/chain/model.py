"""Recorded replies of a model, given after the time that a model takes."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from builder.generate.reply import parse
from local.demo.author import SiteAuthor, recorded
from local.evaluator import requests as wire
from local.model import READER, TESTER, ScriptedModel
from local.script import Answer
from local.server import serve
from tests.bench.chain.timeline import Span

DRAFT_SECONDS = 60.0
"""Of a model that writes an app."""
ASIDE_SECONDS = 15.0
"""Of one that reads the request, or writes scenarios."""
ASIDES = {READER: "reading", TESTER: "scenarios"}


class Timed:
    """A model as an ASGI application, with the time of each of its answers."""

    def __init__(self, model: ASGIApp, clock: Callable[[], float]) -> None:
        self.calls: list[Span] = []
        self._model = model
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._model(scope, receive, send)
            return
        start, first = self._clock(), await receive()
        came = [first]

        async def again() -> Message:
            return came.pop() if came else await receive()

        name = next((ASIDES[words] for words in ASIDES if words.encode() in first["body"]), "app")
        try:
            await self._model(scope, again, send)
        finally:
            self.calls.append(Span(name, start, self._clock()))


@contextmanager
def author(
    rounds: Sequence[Path], replies: Path, scale: float, clock: Callable[[], float]
) -> Iterator[tuple[SiteAuthor, Timed]]:
    """Serve the replies to the requests, also in the form that the common design asks for."""
    answers: list[Answer] = []
    # Prompts of a later round also contain the briefs of earlier ones.
    for file in reversed(rounds):
        reading, scenarios, app = recorded(file, replies)
        aside, draft = ASIDE_SECONDS * scale, DRAFT_SECONDS * scale
        answers += [replace(reading, delay=aside), replace(scenarios, delay=aside)]
        answers += [replace(app, delay=draft), replace(_as_json(file, app), delay=draft)]
    model = Timed(ScriptedModel(*answers, reading=None, scenarios=None), clock)
    with serve(model) as url:
        variables = {"MODELS": "recorded", "OPENAI_BASE_URL": f"{url}/v1"}
        keys = {"OPENAI_API_KEY": "recorded-replies-need-no-key"}
        yield SiteAuthor("recorded replies", True, variables, keys), model


def _as_json(file: Path, app: Answer) -> Answer:
    """Return the same files as a JSON object."""
    brief = re.escape(wire.read(file, "http://localhost/").brief)
    files = {path: content.decode() for path, content in parse(app.text).files.items()}
    return Answer(json.dumps(files), match=rf"\AYou are an expert.*# The brief\n{brief}")
