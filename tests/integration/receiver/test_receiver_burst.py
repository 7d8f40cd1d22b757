"""Many tasks at once, a GitHub that fails now and then, and a receiver that is killed"""

import asyncio
import random
from collections import Counter
from typing import Any

import httpx

from builder.request import Request
from receiver.submission import Submission
from tests.integration.receiver.conftest import Start
from tests.integration.receiver.scripted import Reply, Reset, ScriptedGitHub, Step, Well
from tests.receiver_parts import SubmissionOf

TASKS = 1_000
AT_ONCE = 50
KILLED_AFTER = 300
FAULTS: tuple[Step, ...] = (
    Reply(500),
    Reset(),
    Reply(429),
    Reply(429, {"Retry-After": "0"}),
)


def _failing(share: float, steps: int) -> list[Step]:
    """Return a script in which that share of the calls fails, the same one every time."""
    dice = random.Random(4711)  # noqa: S311 - a script that repeats, not a secret
    return [dice.choice(FAULTS) if dice.random() < share else Well() for _ in range(steps)]


class Senders:
    """Some senders that send tasks, one after the other, and note the status of each."""

    def __init__(self, tasks: dict[str, dict[str, Any]]) -> None:
        self.tasks = tasks
        self.accepted: Counter[str] = Counter()
        self.statuses: Counter[int] = Counter()
        self.enough = asyncio.Event()

    async def send(self, url: str) -> None:
        """Send what was not accepted so far; stop when nobody listens any more."""
        left = [build_id for build_id in self.tasks if not self.accepted[build_id]]
        limits = httpx.Limits(max_connections=AT_ONCE)
        async with httpx.AsyncClient(base_url=url, limits=limits, timeout=30) as client:
            await asyncio.gather(*(self._one_after_the_other(client, left) for _ in range(AT_ONCE)))

    async def _one_after_the_other(self, client: httpx.AsyncClient, left: list[str]) -> None:
        while left:
            build_id = left.pop()
            try:
                answer = await client.post("/handle_task", json=self.tasks[build_id])
            except httpx.TransportError:
                return
            self.statuses[answer.status_code] += 1
            if answer.status_code == 200:
                self.accepted[build_id] += 1
            if self.accepted.total() == KILLED_AFTER:
                self.enough.set()


def _tasks(submission_of: SubmissionOf) -> dict[str, dict[str, Any]]:
    wires = [submission_of(task=f"task-{number}", nonce=f"n-{number}") for number in range(TASKS)]
    requests: list[Request] = [Submission.from_wire(wire).request() for wire in wires]
    return {request.build_id: wire for request, wire in zip(requests, wires, strict=True)}


def test_burst__each_200_has_one_event(
    start: Start, github: ScriptedGitHub, submission_of: SubmissionOf
) -> None:
    """Every 200 has one event, every event one 200, and who got a 503 succeeds in the end."""
    github.script = _failing(0.2, TASKS * 10)
    receiver = start(GITHUB_API_URL=github.url)

    async def story() -> Senders:
        senders = Senders(_tasks(submission_of))
        while senders.accepted.total() < TASKS:
            await senders.send(receiver.url)
        return senders

    senders = asyncio.run(story())
    assert set(senders.statuses) == {200, 503}
    assert senders.accepted == Counter(dict.fromkeys(senders.tasks, 1))
    assert Counter(github.events) == senders.accepted


def test_burst__killed(start: Start, github: ScriptedGitHub, submission_of: SubmissionOf) -> None:
    """What was answered before a kill -9 has one event; what was under way is sent again."""
    github.script = _failing(0.2, TASKS * 10)
    receiver = start(GITHUB_API_URL=github.url)
    senders = Senders(_tasks(submission_of))

    async def until_killed() -> None:
        sending = asyncio.create_task(senders.send(receiver.url))
        await senders.enough.wait()
        receiver.process.kill()
        await sending

    asyncio.run(until_killed())
    receiver.end()
    answered = set(senders.accepted.elements())
    held = Counter(github.events)
    assert KILLED_AFTER <= len(answered) < TASKS
    assert all(held[build_id] == 1 for build_id in answered)
    assert 0 <= len(held) - len(answered) <= AT_ONCE

    async def again() -> None:
        second = start(GITHUB_API_URL=github.url)
        while senders.accepted.total() < TASKS:
            await senders.send(second.url)

    asyncio.run(again())
    held = Counter(github.events)
    assert all(held[build_id] == 1 for build_id in answered)
    assert set(held) == set(senders.tasks)
    assert held.total() - TASKS <= AT_ONCE
