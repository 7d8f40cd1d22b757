"""The story of an evaluation: send a request, wait for its callback, inspect the delivery."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from builder.request import Request
from local.evaluator.callback import Apology, Callback
from local.evaluator.inspection import Inspector
from local.evaluator.ledger import Ledger
from local.evaluator.score import Row, Score

SEND_SECONDS = 30.0
TRIES = 4
PAUSE = 0.2
LONGEST_WAIT = 10.0
"""Seconds of a `Retry-After` that are waited for."""

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Session:
    """Sends to `receiver` (a URL) and waits up to `timeout` seconds for each callback."""

    receiver: str
    secret: str = field(repr=False)
    http: httpx.AsyncClient
    ledger: Ledger
    inspector: Inspector
    progress: Progress
    timeout: float = 600.0

    async def play(self, request: Request, screenshot: Path | None = None) -> Score:
        """Take one round through and score it."""
        earlier = self.ledger.note_sent(request)
        accepted = await self._send(request)
        if not accepted.is_passed:
            return Score(request.task, request.round, (accepted,))
        started = asyncio.get_running_loop().time()
        callback = await self._answer(request, earlier)
        answered = self._answered(callback, asyncio.get_running_loop().time() - started)
        if callback is None or isinstance(callback, Apology):
            return Score(request.task, request.round, (accepted, answered))
        self.progress("checking the repository and the page")
        rows = await self.inspector.inspect(request, callback, screenshot)
        return Score(
            request.task,
            request.round,
            (accepted, answered, *rows),
            callback.repo_url,
            callback.commit_sha,
            callback.pages_url,
        )

    async def _send(self, request: Request) -> Row:
        self.progress(f"sending {request.task} round {request.round}")
        check, seen = "The receiver accepts the request", "nothing"
        for _ in range(TRIES):
            try:
                answer = await self._post(request)
            except httpx.HTTPError as error:
                return Row.of(check, False, f"no answer ({type(error).__name__})")
            seen = f"{answer.status_code} in {answer.elapsed.total_seconds():.2f} s"
            if answer.status_code == 200:
                self.progress(f"accepted: {seen}")
                return Row.of(check, True, seen)
            seen = f"{seen}: {answer.text[:300]}"
            if answer.status_code != 503:
                break
            await asyncio.sleep(_wait(answer))
        return Row.of(check, False, seen)

    async def _post(self, request: Request) -> httpx.Response:
        body = request.to_wire() | {"secret": self.secret}
        return await self.http.post(self.receiver, json=body, timeout=SEND_SECONDS)

    async def _answer(self, request: Request, earlier: int) -> Callback | None:
        """Poll the ledger: callbacks come in on another thread."""
        try:
            async with asyncio.timeout(self.timeout):
                while (callback := self.ledger.answer_to(request, after=earlier)) is None:
                    await asyncio.sleep(PAUSE)
                return callback
        except TimeoutError:
            return None

    def _answered(self, callback: Callback | None, seconds: float) -> Row:
        check = "The callback comes and tells of success"
        if callback is None:
            return Row.of(check, False, f"none within {self.timeout:.0f} s")
        self.progress(f"callback: {callback.status}")
        if isinstance(callback, Apology):
            return Row.of(check, False, f"error: {callback.error}")
        return Row.of(check, True, f"after {seconds:.1f} s")


def _wait(answer: httpx.Response) -> float:
    text = answer.headers.get("Retry-After", "1")
    return min(float(text) if text.isdigit() else 1.0, LONGEST_WAIT)
