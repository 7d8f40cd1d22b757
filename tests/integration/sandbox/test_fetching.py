"""Addresses that a request names, fetched from within the sandbox, whatever they lead to."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from builder.generate.fetched import Fetched
from builder.sandbox.bubblewrap import Sandbox
from builder.sandbox.fetching import fetch
from builder.sandbox.proxy import PUBLIC, USER_AGENT

ROWS = json.dumps({"rows": [1, 2]}).encode()


class Odd(BaseHTTPRequestHandler):
    """A server as the internet has them, by the path that is asked for."""

    over: threading.Event
    agents: list[str]

    def do_GET(self) -> None:
        self.agents.append(self.headers["User-Agent"])
        headers = {"Content-Type": "application/json; charset=utf-8"}
        if self.path == "/rows.json":
            self._answer(200, headers, ROWS)
        elif self.path == "/page.json":
            self._answer(200, {"Content-Type": "text/html"}, b"<!doctype html><p>Log in")
        elif self.path == "/gone":
            self._answer(404, headers, b"{}")
        elif self.path == "/huge":
            self._answer(200, headers | {"Content-Length": str(2 << 30)}, b"[" * (8 << 20))
        elif self.path == "/inside":
            self._answer(302, {"Location": "http://127.0.0.1/"}, b"")
        else:  # stalls
            self._answer(200, headers | {"Content-Length": "99"}, b"[")
            self.over.wait(60)

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def odd() -> Iterator[ThreadingHTTPServer]:
    handler = type("Handler", (Odd,), {"over": threading.Event(), "agents": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.handle_error = lambda *_: None  # type: ignore[method-assign] # clients that go away
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server
    handler.over.set()  # type: ignore[attr-defined]
    server.shutdown()
    server.server_close()


def fetched(server: ThreadingHTTPServer, *paths: str) -> list[Fetched]:
    network = replace(PUBLIC, hosts={"odd.example": ("127.0.0.1", server.server_port)})
    return fetch([f"http://odd.example{path}" for path in paths], Sandbox(network).run)


def test_fetch__what_addresses_answer(odd: ThreadingHTTPServer) -> None:
    """Status, type and bytes are as they came; HTML in place of JSON keeps its type."""
    rows, page, gone = fetched(odd, "/rows.json", "/page.json", "/gone")
    assert rows.content == ROWS
    assert (rows.status, rows.media_type, rows.charset) == (200, "application/json", "utf-8")
    assert rows.is_there
    assert (page.media_type, page.content) == ("text/html", b"<!doctype html><p>Log in")
    assert not gone.is_there
    assert gone.reason == "it answered with status 404"
    assert set(odd.RequestHandlerClass.agents) == {USER_AGENT}  # type: ignore[attr-defined]


def test_fetch__bad_servers(odd: ThreadingHTTPServer) -> None:
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
