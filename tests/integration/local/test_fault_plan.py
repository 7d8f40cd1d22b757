"""The fault plan in front of a real server: what callers meet, and what the server has done."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from local.faults import Call, Fault, FaultPlan
from local.faulty import Faulty
from local.server import serve


@dataclass
class Counter:
    """A server that remembers what was posted to it."""

    url: str = ""
    plan: FaultPlan = field(default_factory=FaultPlan)
    posted: list[bytes] = field(default_factory=list)

    async def answer(self, request: Request) -> Response:
        self.posted.append(await request.body())
        return PlainTextResponse("x" * 10_000)


@pytest.fixture
def counter() -> Iterator[Counter]:
    made = Counter()
    app = Starlette(routes=[Route("/{path:path}", made.answer, methods=["GET", "POST"])])
    with serve(Faulty(app, made.plan)) as made.url:
        yield made


def test_faults__are_met_by_count_and_credential(counter: Counter) -> None:
    """A rule spares `skip` calls, strikes `times` calls, and is cleared with the plan."""
    counter.plan.on("GET /a", Fault.answer(503, {"message": "no"}), skip=1, times=2)
    seen = [httpx.get(f"{counter.url}/a").status_code for _ in range(4)]
    assert seen == [200, 503, 503, 200]
    counter.plan.on(".", Fault("cut"), authorized=True)
    assert counter.plan.take(Call("GET", "/a")) is None
    counter.plan.clear()
    assert counter.plan.take(Call("GET", "/a", authorized=True)) is None


def test_faults__an_answer_with_headers(counter: Counter) -> None:
    """Status, body and headers are those of the plan, and the call is not carried out."""
    fault = Fault.answer(429, {"message": "slow down"}, {"Retry-After": "7"})
    counter.plan.on("POST /a", fault)
    answer = httpx.post(f"{counter.url}/a", content=b"x" * 300_000)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")
    assert answer.json() == {"message": "slow down"}
    assert counter.posted == []


@pytest.mark.parametrize("done", [False, True])
def test_faults__a_connection_that_breaks_or_hangs(counter: Counter, done: bool) -> None:
    """The caller meets a reset or waits in vain; whether the call was carried out is the plan's."""
    counter.plan.on("POST /a", Fault("cut", carried_out=done))
    with pytest.raises(httpx.ReadError):
        httpx.post(f"{counter.url}/a", content=b"body")
    rule = counter.plan.on("POST /b", Fault("hang", carried_out=done))
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(f"{counter.url}/b", content=b"body", timeout=0.2)
    assert rule.struck.is_set()
    assert counter.posted == [b"body"] * 2 * done
    counter.plan.on("GET /a", Fault("half", carried_out=True))
    with pytest.raises(httpx.NetworkError):
        httpx.get(f"{counter.url}/a")


def test_faults__a_call_that_is_held(counter: Counter) -> None:
    """A held call is carried out when it is released, after others."""
    rule = counter.plan.on("POST /a", Fault("hold"))
    with ThreadPoolExecutor() as pool:
        held = pool.submit(httpx.post, f"{counter.url}/a", content=b"held")
        assert rule.struck.wait(10)
        httpx.post(f"{counter.url}/b", content=b"other")
        rule.released.set()
        assert held.result().status_code == 200
    assert counter.posted == [b"other", b"held"]


def test_serve__a_taken_port_or_a_failing_application(counter: Counter) -> None:
    """A port that is taken is an OSError, a failing start an error, not a server that hangs."""

    # Three parameters: uvicorn calls what takes none to get an application.
    async def lifespan(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise OSError("no disk")

    port = int(counter.url.rpartition(":")[2])
    with pytest.raises(OSError, match="in use"), serve(lifespan, port):
        pass
    with pytest.raises(RuntimeError, match="did not start"), serve(lifespan):
        pass
