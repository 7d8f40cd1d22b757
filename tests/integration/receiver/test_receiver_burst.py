"""Many tasks at once, a GitHub that fails now and then, and a receiver that is killed"""

import asyncio
import random
from collections import Counter
from typing import Any

import httpx

from receiver.submission import Submission
from tests.integration.receiver.conftest import Start
from tests.integration.receiver.scripted import WELL, ScriptedGitHub
from tests.receiver_parts import submission
from tests.scripted_server import RESET, Scripted

TASKS = 1000
AT_ONCE = 10
"""Few enough that a slow machine answers each call within the seconds it has."""
KILLED_AFTER = 100
FAULTS = (Scripted(500), RESET, Scripted(429), Scripted(429, headers={"Retry-After": "0"}))


class Senders:
    """Some senders that send tasks, one after the other, and note the status of each."""

    def __init__(self) -> None:
        wires = [submission(task=f"task-{number}") for number in range(TASKS)]
        self.tasks: dict[str, dict[str, Any]] = {
            Submission.from_wire(wire).build_id: wire for wire in wires
        }
        self.accepted: Counter[str] = Counter()
        self.statuses: Counter[int] = Counter()
        self.enough = asyncio.Event()

    async def send(self, url: str) -> None:
        """Send what was not accepted so far; stop when nobody listens any more."""
        left = [build_id for build_id in self.tasks if not self.accepted[build_id]]
        async with httpx.AsyncClient(base_url=url, timeout=30) as client:
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


def test_burst__killed(start: Start, github: ScriptedGitHub) -> None:
    """Each 200 has one event, also before a kill -9; who got none sends again and succeeds."""
    dice = random.Random(4711)  # noqa: S311 - a script that repeats, not a secret
    github.script = [dice.choice(FAULTS) if dice.random() < 0.2 else WELL for _ in range(3000)]
    receiver = start(GITHUB_API_URL=github.url)

    async def until_killed() -> Senders:
        senders = Senders()
        sending = asyncio.create_task(senders.send(receiver.url))
        await senders.enough.wait()
        receiver.process.kill()
        await sending
        return senders

    senders = asyncio.run(until_killed())
    answered, held = set(senders.accepted), Counter(github.events)
    assert KILLED_AFTER <= len(answered) < TASKS
    assert all(held[build_id] == 1 for build_id in answered)
    assert len(held) - len(answered) <= AT_ONCE

    async def again() -> None:
        second = start(GITHUB_API_URL=github.url)
        while senders.accepted.total() < TASKS:
            await senders.send(second.url)

    asyncio.run(again())
    lost = held.keys() - answered
    expected = Counter({build_id: 1 + (build_id in lost) for build_id in senders.tasks})
    assert Counter(github.events) == expected
    assert set(senders.statuses) == {200, 503}
    assert senders.accepted == Counter(dict.fromkeys(senders.tasks, 1))
