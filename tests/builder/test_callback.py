"""The callback against a real server that fails as scripted."""

from typing import Any

import httpx
import pytest

from builder.callback import deliver
from builder.errors import CallbackFailed
from tests.builder.conftest import RESET, Scripted, ScriptedServer
from tests.conftest import FakeTime

BODY = {"email": "ada@example.com", "task": "t", "round": 1, "nonce": "n-4711", "status": "success"}


def send(server: ScriptedServer, fake_time: FakeTime, said: list[str]) -> Any:
    with httpx.Client() as http:
        return deliver(
            http,
            f"{server.url}/evaluation",
            BODY,
            build_id="b1",
            clock=fake_time.clock,
            progress=said.append,
        )


@pytest.mark.parametrize(
    ("faults", "slept"),
    [([], []), ([Scripted(500)], [1.0]), ([RESET, Scripted(400), Scripted(302)], [1.0, 2.0, 4.0])],
)
def test_deliver__tries_until_a_2xx(
    scripted_server: ScriptedServer,
    fake_time: FakeTime,
    faults: list[Scripted],
    slept: list[float],
) -> None:
    """Anything but a 2xx is tried again after 1, 2, 4, 8, 16 seconds."""
    scripted_server.script = [*faults, Scripted(202)]
    assert send(scripted_server, fake_time, []) == 202
    assert fake_time.slept == slept
    assert {call.headers["idempotency-key"] for call in scripted_server.received} == {"b1"}
    assert all(call.json == BODY for call in scripted_server.received)


def test_deliver__a_rejection_is_told_without_the_learner(
    scripted_server: ScriptedServer, fake_time: FakeTime
) -> None:
    """What the evaluator says is shown, cut, with email and nonce blotted out."""
    reason = "nonce n-4711 of ada@example.com unknown " + "x" * 500
    scripted_server.script = [Scripted(400, reason.encode())]
    said: list[str] = []
    with pytest.raises(CallbackFailed, match="answered 400: nonce ") as raised:
        send(scripted_server, fake_time, said)
    assert fake_time.slept == [1.0, 2.0, 4.0, 8.0, 16.0]
    assert len(scripted_server.received) == len(said) == 6
    told = str(raised.value) + "".join(said)
    assert "n-4711" not in told
    assert "ada@" not in told
    assert len(str(raised.value)) < 400
