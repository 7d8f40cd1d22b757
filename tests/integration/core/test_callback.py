"""The callback against a real server that fails as scripted."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from builder.errors import CallbackFailed, CallbackRefused
from builder.notify import CallbackClient, next_wait
from builder.request import Addressee
from tests.conftest import FakeTime
from tests.scripted_server import RESET, Scripted, ScriptedServer

WHO: dict[str, Any] = {"email": "ada@example.com", "task": "t", "round": 1, "nonce": "n-4711"}
BODY = WHO | {"status": "success"}


@dataclass
class Sender:
    """Delivers `BODY` to the scripted server and keeps what was said."""

    server: ScriptedServer
    fake_time: FakeTime
    http: httpx.Client
    said: list[str] = field(default_factory=list)
    addresses: Sequence[str] = ("127.0.0.1",)
    allow_private: bool = True
    seconds: float = 40.0

    def send(self, host: str = "127.0.0.1") -> int:
        clock = self.fake_time.clock
        deadline = clock.deadline(self.seconds)
        client = CallbackClient(
            self.http,
            clock,
            deadline.remaining,
            self.said.append,
            allow_private=self.allow_private,
            resolve=lambda *_: self.addresses,
        )
        url = f"http://{host}:{self.server.url.rpartition(':')[2]}/evaluation"
        return client.deliver(Addressee(**WHO, evaluation_url=url), BODY)


@pytest.fixture(scope="module")
def http() -> Iterator[httpx.Client]:
    with httpx.Client() as client:
        yield client


@pytest.fixture
def sender(scripted_server: ScriptedServer, fake_time: FakeTime, http: httpx.Client) -> Sender:
    return Sender(scripted_server, fake_time, http)


@pytest.mark.parametrize(
    ("faults", "slept"),
    [
        ([], []),
        ([RESET, Scripted(400), Scripted(302)], [1.0, 2.0, 4.0]),
        ([Scripted(429, headers={"Retry-After": "7"})], [7.0]),
        ([Scripted(429, headers={"Retry-After": "700"})], [1.0]),
        ([Scripted(429, headers={"Retry-After": "Mon, 23 Nov 2026 12:00:07 GMT"})], [7.0]),
    ],
)
def test_deliver__tries_until_a_2xx(
    sender: Sender, faults: list[Scripted], slept: list[float]
) -> None:
    """Anything but a 2xx is tried again after 1, 2, 4, 8, 16 seconds, or when it asks to."""
    sender.server.script = [*faults, Scripted(202)]
    assert sender.send() == 202
    assert sender.fake_time.slept == slept
    received = sender.server.received
    build_id = Addressee(**WHO, evaluation_url=sender.server.url).build_id
    assert {call.headers["idempotency-key"] for call in received} == {build_id}
    assert all(call.json == BODY for call in received)


def test_deliver__a_rejection_is_told_without_the_learner(sender: Sender) -> None:
    """What the evaluator says is shown, cut, with email and nonce blotted out."""
    reason = "nonce n-4711 of ada@example.com unknown " + "x" * 500
    sender.server.script = [Scripted(400, reason.encode())]
    with pytest.raises(CallbackFailed, match=r"answered 400: nonce ") as raised:
        sender.send()
    assert sender.fake_time.slept == [1.0, 2.0, 4.0, 8.0, 16.0]
    assert len(sender.server.received) == len(sender.said) + 1 == 6
    told = str(raised.value) + "".join(sender.said)
    assert "n-4711" not in told
    assert "ada@" not in told
    assert len(str(raised.value)) < 400


def test_deliver__what_may_pass_is_tried_until_the_deadline(sender: Sender) -> None:
    """A 503 is tried on after the five, as long as the deadline allows."""
    sender.seconds = 80.0
    sender.server.script = [Scripted(503)]
    with pytest.raises(CallbackFailed, match=r"answered 503"):
        sender.send()
    assert sender.fake_time.slept == [1.0, 2.0, 4.0, 8.0, 16.0, 20.0, 20.0]


def test_next_wait__rows() -> None:
    """Five tries whatever happens, then only for what may pass and fits."""
    rows: list[tuple[int, int | None, float | None, float, float | None]] = [
        (0, 400, None, -50.0, 1.0),
        (2, 503, 9.0, 100.0, 9.0),
        (2, 503, 1.0, 100.0, 4.0),
        (5, 400, None, 500.0, None),
        (5, None, None, 19.0, None),
        (9, 429, 30.0, 31.0, 30.0),
    ]
    for tries, status, asked, remaining, wait in rows:
        failure = CallbackFailed("x", status=status, retry_after=asked)
        assert next_wait(tries, failure, remaining) == wait


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["93.184.215.14", "fd00::1"]])
def test_deliver__private_addresses_are_refused(sender: Sender, addresses: list[str]) -> None:
    """A name with any private address is not called, and not tried again."""
    sender.allow_private, sender.addresses = False, addresses
    sender.server.script = [Scripted(200)]
    with pytest.raises(CallbackRefused, match="not public"):
        sender.send("grader.example")
    assert sender.server.received == []
    assert sender.fake_time.slept == []


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["127.0.0.2", "127.0.0.1"]])
def test_deliver__connects_to_the_addresses_that_were_checked(
    sender: Sender, addresses: list[str]
) -> None:
    """The name is looked up once and goes along as Host; a dead address gives way to the next."""
    sender.addresses = addresses
    sender.server.script = [Scripted(200)]
    assert sender.send("grader.example") == 200
    (call,) = sender.server.received
    assert call.headers["host"].startswith("grader.example:")
    assert sender.fake_time.slept == []


@pytest.mark.parametrize(
    ("status", "location", "calls"),
    [
        (308, "/evaluation/", ["/evaluation", "/evaluation/"]),
        (302, "/elsewhere", ["/evaluation"]),
        (307, "http://127.0.0.9:1/x", ["/evaluation"]),
        (307, "ftp://127.0.0.1/x", ["/evaluation"]),
    ],
)
def test_deliver__redirects_stay_on_the_host(
    sender: Sender, status: int, location: str, calls: list[str]
) -> None:
    """A redirect is followed where it keeps the method and the host."""
    sender.server.script = [Scripted(status, headers={"Location": location}), Scripted(200)]
    sender.send()
    first_try = [call.path for call in sender.server.received][: len(calls)]
    assert first_try == calls
    assert bool(sender.fake_time.slept) is (len(calls) == 1)
