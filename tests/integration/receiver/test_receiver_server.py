"""receiver.server and receiver.body over raw sockets: slow, large, unfinished and broken HTTP"""

import json
import logging
import socket
import struct
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from threading import Event
from typing import Any

import httpx
import pytest

from receiver.server import HEAD_BYTES
from tests.receiver_parts import DispatcherInMemory, serving, submission

LIMIT = 100_000
FLOOD = "127.0.0.2"
CLOSE = b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


def _connect(client: httpx.Client, sent: bytes, address: str = "127.0.0.1") -> socket.socket:
    port = client.base_url.port
    connection = socket.create_connection(("127.0.0.1", port), 30, source_address=(address, 0))
    connection.sendall(sent)
    return connection


def _rest(connection: socket.socket) -> bytes:
    """Return all that comes until the server hangs up."""
    with closing(connection):
        return b"".join(iter(lambda: connection.recv(65_536), b""))


def _told(client: httpx.Client, sent: bytes) -> bytes:
    return _rest(_connect(client, sent))


def _head(*headers: str, path: str = "/handle_task") -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", *headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _half_body(sent: int) -> bytes:
    return _head(f"Content-Length: {LIMIT}") + b" " * sent


def _flood(stack: ExitStack, client: httpx.Client, count: int, sent: bytes) -> list[socket.socket]:
    """Send the begin of a request from many connections of one address."""
    return [stack.enter_context(_connect(client, sent, FLOOD)) for _ in range(count)]


def _post(client: httpx.Client, **fields: Any) -> int:
    """Post on a new connection; return the status."""
    return httpx.post(f"{client.base_url}/handle_task", json=submission(**fields)).status_code


def _is_busy(told: bytes) -> bool:
    assert b"\r\nRetry-After: 10\r\n" in told
    assert json.loads(told.rpartition(b"\r\n")[2])["error"] == "busy"
    return told.startswith(b"HTTP/1.1 503 ")


@pytest.fixture
def limited(kept: DispatcherInMemory) -> Iterator[httpx.Client]:
    with serving(kept, max_request_bytes=LIMIT, head_seconds=1) as client:
        yield client


def test_body__aborted(kept: DispatcherInMemory, caplog: pytest.LogCaptureFixture) -> None:
    """A sender that hangs up within its body is logged as such, and others are served."""
    caplog.set_level(logging.INFO, "receiver")
    with serving(kept) as client:
        connection = _connect(client, _head("Content-Length: 100") + b"{")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()
        assert client.get("/health").status_code == 200
    fields = [record.__dict__.get("fields", {}) for record in caplog.records]
    assert [one["status"] for one in fields if one.get("error") == "disconnected"] == [499]
    assert kept.tasks == []


def test_head__slow(kept: DispatcherInMemory) -> None:
    """A client that does not complete its head, the first or a later one, is hung up on."""
    begun = [b"", b"POST / HT", b"POST / HTTP/1.1\r\nHost: x\r\nA: "]
    first = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"
    with serving(kept, head_seconds=1) as client:
        connections = [_connect(client, sent) for sent in begun]
        second = _connect(client, first)
        while not second.recv(65_536).endswith(b"}"):
            pass
        second.sendall(b"GET /hea")
        assert [_rest(connection) for connection in (*connections, second)] == [b""] * 4


def test_body__not_read(kept: DispatcherInMemory) -> None:
    """A body that is slow, too large or for nobody is refused before its end, with a reason."""
    chunk = b"8000\r\n" + b"x" * 0x8000 + b"\r\n"
    cases = [
        (_head("Content-Length: 100") + b"{", 408, "too_slow"),
        (_head(f"Content-Length: {LIMIT + 1}"), 413, "too_large"),
        (_head("Content-Length: " + "9" * 19), 413, "too_large"),
        (_head(f"Content-Length: {LIMIT + 1}", "Expect: 100-continue"), 413, "too_large"),
        (_head("Transfer-Encoding: chunked") + chunk * 4, 413, "too_large"),
        (_head("Content-Length: 10000000", path="/nowhere") + b"x" * 1000, 404, "not_found"),
    ]
    with serving(kept, max_request_bytes=LIMIT, request_seconds=0.5) as client:
        connections = [_connect(client, sent) for sent, _, _ in cases]
        for connection, (_, status, error) in zip(connections, cases, strict=True):
            told = _rest(connection)
            assert told.startswith(b"HTTP/1.1 %d " % status)
            assert b"connection: close" in told
            assert json.loads(told.rpartition(b"\r\n")[2])["error"] == error


@pytest.mark.parametrize("sender", ["httpx", "chunked", "urllib"])
def test_body__sender_reads_the_413(limited: httpx.Client, sender: str) -> None:
    """A usual client that sends 20 MB gets to read why they are refused."""
    body, url = b"x" * 20_000_000, f"{limited.base_url}/handle_task"
    for _ in range(2):
        if sender == "urllib":
            with pytest.raises(urllib.error.HTTPError) as caught:
                urllib.request.urlopen(url, body)  # noqa: S310 - our own server
            status = caught.value.code
            caught.value.close()
        else:
            parts = iter([body[:65_536]] * 300)
            status = limited.post(url, content=parts if sender == "chunked" else body).status_code
        assert status == 413


def test_body__understated_length(limited: httpx.Client, kept: DispatcherInMemory) -> None:
    """Only the declared length is the body; what follows is no part of it and no request."""
    body = json.dumps(submission()).encode()
    told = _told(limited, _head(f"Content-Length: {len(body) - 5}") + body)
    assert told.startswith(b"HTTP/1.1 400 ")
    assert b"malformed_json" in told
    assert kept.tasks == []


@pytest.mark.parametrize(("sent", "held"), [(99_000, 2), (1_000, 50)])
def test_bytes__the_oldest_gives_way(kept: DispatcherInMemory, sent: int, held: int) -> None:
    """When bodies fill the room, large or small, the oldest slow one is a 503, not the new one."""
    room = len(_half_body(sent)) * held + sent + 100
    with serving(kept, max_buffered_bytes=room) as client, ExitStack() as stack:
        slow = _flood(stack, client, held, _half_body(sent))
        assert _post(client, brief="x" * sent) == 200
        assert _is_busy(_rest(slow[0]))
        for connection in slow[1:]:
            connection.setblocking(False)
            with pytest.raises(BlockingIOError):
                connection.recv(1)


def test_bytes__an_honest_slow_sender_outlasts_a_flood(kept: DispatcherInMemory) -> None:
    """The address with the most connections loses its own, though another one's is older."""
    body = json.dumps(submission(brief="x" * 50_000)).encode()
    with serving(kept, max_buffered_bytes=130_000) as client, ExitStack() as stack:
        honest = _connect(client, _head(f"Content-Length: {len(body)}") + body[:40_000])
        _flood(stack, client, 8, _half_body(30_000))
        honest.sendall(body[40_000:])
        with closing(honest):
            assert honest.recv(65_536).startswith(b"HTTP/1.1 200 ")


def test_bytes__count_until_the_task_is_dispatched(kept: DispatcherInMemory) -> None:
    """What GitHub is still being told fills the room too, and is not dropped for a newcomer."""
    may_answer = kept.may_answer = Event()
    with serving(kept, max_buffered_bytes=150_000) as client, ThreadPoolExecutor() as pool:
        first = pool.submit(_post, client, brief="x" * 90_000)
        assert kept.is_called.wait(20)
        assert _post(client, brief="x" * 90_000) == 503
        may_answer.set()
        assert first.result() == 200
        assert _post(client, brief="x" * 90_000) == 200
    assert len(kept.tasks) == 2


def test_connections__the_oldest_slow_one_gives_way(
    kept: DispatcherInMemory, caplog: pytest.LogCaptureFixture
) -> None:
    """Beyond the limit a slow connection is told 503, and logged as that; a newcomer is served."""
    caplog.set_level(logging.INFO, "receiver")
    for begun in (b"", b"POST / HTTP/1.1\r\n", _half_body(1)):
        with serving(kept, max_connections=5) as client, ExitStack() as stack:
            slow = _flood(stack, client, 5, begun)
            assert _post(client) == 200
            assert _is_busy(_rest(slow[0]))
    fields = [record.__dict__.get("fields", {}) for record in caplog.records]
    assert [one["status"] for one in fields if one.get("error") == "busy"] == [503]


def test_connections__a_request_under_way_is_never_dropped(kept: DispatcherInMemory) -> None:
    """However many connections come, a complete request gets its answer."""
    may_answer = kept.may_answer = Event()
    with (
        serving(kept, max_connections=2) as client,
        ThreadPoolExecutor() as pool,
        ExitStack() as stack,
    ):
        under_way = pool.submit(_post, client)
        assert kept.is_called.wait(20)
        flood = _flood(stack, client, 6, b"")
        assert _is_busy(_rest(flood[0]))
        may_answer.set()
        assert under_way.result() == 200


def test_broken_http(client: httpx.Client) -> None:
    """What is no HTTP is refused without an echo and without a failure of ours."""
    for sent in (
        b"\x00\x01\x02\r\n\r\n",
        b"GET /health HTTP/1.1\r\nX: " + b"x" * (HEAD_BYTES + 1),
        _head("Content-Length: many"),
        _head("Content-Length: -1"),
        _head("Content-Length: 1", "Content-Length: 2"),
        _head("Content-Length: 5", "Transfer-Encoding: gzip"),
        _head("Transfer-Encoding: chunked") + b"ZZ\r\n",
        b"GET /\x00 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nn-4711: \x00\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
    ):
        told = _told(client, sent)
        assert told.split(b" ")[1] in {b"400", b"501"}, sent
        assert b"n-4711" not in told


def test_pipelined(client: httpx.Client) -> None:
    """Requests sent in one go are answered in their order, those without a body by the head."""
    one = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"
    told = _told(client, one * 3 + one.replace(b"GET", b"HEAD") + CLOSE)
    statuses = [part.split(b" ")[0] for part in told.split(b"HTTP/1.1 ")[1:]]
    assert statuses == [b"200", b"200", b"200", b"405", b"200"]
