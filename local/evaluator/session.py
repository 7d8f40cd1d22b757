"""An evaluation: send a request, wait for its callback, inspect the delivery."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx
from rich.console import Console
from rich.text import Text

from builder.request import Request
from local.cdn import NODE_MODULES, CdnFiles
from local.checks import PageChecks
from local.evaluator.callbacks import Apology, Callback, Delivered, Ledger
from local.evaluator.inspection import check_page, check_repository, judge
from local.evaluator.score import RoundScore, Row

SEND_SECONDS = 30.0
TRIES = 4
PAUSE = 0.2
LONGEST_WAIT = 10.0
"""Seconds of a `Retry-After` that are waited for."""

Progress = Callable[[str], None]
"""Takes a line of progress."""


def timed(console: Console) -> Progress:
    """Return what prints lines with the seconds since now; their text may come from outside."""
    started = time.monotonic()

    def say(text: str) -> None:
        line = f"{time.monotonic() - started:6.1f} s  {text}"
        console.print(Text(line), soft_wrap=True)

    return say


@dataclass(frozen=True)
class Session:
    """Sends to `receiver` (a URL) and waits up to `timeout` seconds for each callback.

    Neither the secret nor `credentials`, by name, may occur in a repository. `expects_model` says
    whether a site made by the fallback is a failure.
    """

    receiver: str
    secret: str = field(repr=False)
    ledger: Ledger
    progress: Progress
    timeout: float
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)
    expects_model: bool = True
    pages: PageChecks = field(default_factory=lambda: PageChecks(CdnFiles(NODE_MODULES)))

    async def play(self, request: Request, screenshot: Path | None = None) -> RoundScore:
        before = self.ledger.note_sent(request)
        accepted = await self._send(request)
        rows, callback = [accepted], None
        if accepted.is_passed:
            started = time.monotonic()
            callback = await self._answer(request, before)
            rows.append(self._answered(callback, time.monotonic() - started))
        if callback:
            rows.append(judge(callback, expects_model=self.expects_model))
        verdict = callback.verdict if callback else None
        score = RoundScore(request.task, request.round, tuple(rows), verdict)
        if not isinstance(callback, Delivered):
            return score
        self.progress("checking the repository and the page")
        rounds = [*self.ledger.earlier_rounds(request), request]
        secrets = {"the request's secret": self.secret, **self.credentials}
        rows += await check_page(self.pages, rounds, callback, screenshot)
        rows += await check_repository(rounds, callback, secrets)
        links = callback.model_dump(include={"repo_url", "commit_sha", "pages_url"})
        return replace(score, rows=tuple(rows), **links)

    async def _send(self, request: Request) -> Row:
        self.progress(f"sending {request.task} round {request.round}")
        check, seen = "The receiver accepts the request", "nothing"
        body = request.to_wire() | {"secret": self.secret}
        async with httpx.AsyncClient(timeout=SEND_SECONDS) as http:
            for _ in range(TRIES):
                try:
                    answer = await http.post(self.receiver, json=body)
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

    async def _answer(self, request: Request, before: int) -> Callback | None:
        """Poll the ledger, since callbacks arrive on another thread."""
        try:
            async with asyncio.timeout(self.timeout):
                while (callback := self.ledger.answer_to(request, after=before)) is None:
                    await asyncio.sleep(PAUSE)
                return callback
        except TimeoutError:
            return None

    def _answered(self, callback: Callback | None, seconds: float) -> Row:
        check = "The callback comes and reports success"
        if callback is None:
            return Row.of(check, False, f"none within {self.timeout:.0f} s")
        self.progress(f"callback: {callback.status}, {callback.verdict or 'without a verdict'}")
        if isinstance(callback, Apology):
            return Row.of(check, False, f"error: {callback.error}")
        return Row.of(check, True, f"after {seconds:.1f} s")


def _wait(answer: httpx.Response) -> float:
    text = answer.headers.get("Retry-After", "1")
    return min(float(text) if text.isdigit() else 1.0, LONGEST_WAIT)
