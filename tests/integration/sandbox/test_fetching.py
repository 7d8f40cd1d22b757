"""Addresses that a request names, fetched from within the sandbox, whatever they lead to."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pytest

from builder.generate.fetched import Fetched
from builder.sandbox.bubblewrap import Sandbox
from builder.sandbox.fetching import fetch
from builder.sandbox.proxy import PUBLIC, USER_AGENT
from tests.counting_server import Exchange, counting, send

ROWS = json.dumps({"rows": [1, 2]}).encode()


@dataclass
class Odd:
    """A server as the internet has them, by the path that is asked for."""

    port: int = 0
    over: threading.Event = field(default_factory=threading.Event)
    agents: list[str] = field(default_factory=list)

    def answer(self, exchange: Exchange) -> None:
        self.agents.append(exchange.headers["User-Agent"])
        headers = {"Content-Type": "application/json; charset=utf-8"}
        if exchange.path == "/rows.json":
            send(exchange, 200, headers, ROWS)
        elif exchange.path == "/page.json":
            send(exchange, 200, {"Content-Type": "text/html"}, b"<!doctype html><p>Log in")
        elif exchange.path == "/gone":
            send(exchange, 404, headers, b"{}")
        elif exchange.path == "/huge":
            send(exchange, 200, headers | {"Content-Length": str(2 << 30)}, b"[" * (8 << 20))
        elif exchange.path == "/inside":
            send(exchange, 302, {"Location": "http://127.0.0.1/"}, b"")
        else:  # stalls
            send(exchange, 200, headers | {"Content-Length": "99"}, b"[")
            self.over.wait(60)


@pytest.fixture
def odd() -> Iterator[Odd]:
    server = Odd()
    with counting("127.0.0.1", server.answer, []) as server.port:
        yield server
        server.over.set()


def fetched(server: Odd, *paths: str) -> list[Fetched]:
    network = replace(PUBLIC, hosts={"odd.example": ("127.0.0.1", server.port)})
    return fetch([f"http://odd.example{path}" for path in paths], Sandbox(network).run)


def test_fetch__what_addresses_answer(odd: Odd) -> None:
    """Status, type and bytes are as they came; HTML in place of JSON keeps its type."""
    rows, page, gone = fetched(odd, "/rows.json", "/page.json", "/gone")
    assert rows.content == ROWS
    assert (rows.status, rows.media_type, rows.charset) == (200, "application/json", "utf-8")
    assert rows.is_there
    assert (page.media_type, page.content) == ("text/html", b"<!doctype html><p>Log in")
    assert not gone.is_there
    assert gone.reason == "it answered with status 404"
    assert set(odd.agents) == {USER_AGENT}


def test_fetch__bad_servers(odd: Odd) -> None:
    """One that stalls, that sends gigabytes or that leads inside does not hold up the others."""
    stalled, huge, inside, rows = fetched(odd, "/stall", "/huge", "/inside", "/rows.json")
    assert rows.is_there
    assert stalled.reason == "it did not answer in time" or "timed out" in stalled.reason
    assert huge.reason == "it is larger than 5,242,880 bytes"
    assert huge.content == b""
    assert inside.reason == "it answered with status 403"
    unknown, private = fetch(["http://no.such.invalid/", "http://10.0.0.1/"], Sandbox().run)
    assert not unknown.is_there
    assert private.reason == "it answered with status 403"
