"""receiver.server over raw sockets: slow, large, unfinished and broken HTTP"""

import asyncio
import json
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from receiver.app import create_app
from receiver.server import BUSY, HEAD_BYTES, BoundedProtocol, Server, server_config
from tests.receiver_parts import DispatcherInMemory, SubmissionOf, settings_for, submission

LIMIT = 100_000
FLOOD = "127.0.0.2"
Story = Callable[[int], Awaitable[None]]
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class HurriedProtocol(BoundedProtocol):
    """Waits for a head as long as a test may take."""

    head_seconds = 0.2


def _serve(
    story: Story,
    kept: DispatcherInMemory,
    *,
    max_connections: int = 100,
    protocol: type[BoundedProtocol] = BoundedProtocol,
    **settings: Any,
) -> None:
    """Run `story` with the port of a receiver that is served as it is in production."""
    app = create_app(settings_for(max_request_bytes=LIMIT, **settings), kept)
    config = server_config(app, max_connections, protocol)
    config.timeout_keep_alive = 1

    async def run() -> None:
        listening = socket.create_server(("127.0.0.1", 0))
        server = Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            await story(listening.getsockname()[1])
        finally:
            server.should_exit = True
            await serving

    asyncio.run(run())


async def _send(port: int, *parts: bytes) -> Connection:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for part in parts:
        writer.write(part)
    return reader, writer


async def _told(port: int, *parts: bytes) -> bytes:
    """Send, and return all that comes until the server hangs up."""
    reader, writer = await _send(port, *parts)
    try:
        return await reader.read()
    finally:
        writer.close()


def _head(*headers: str, path: str = "/handle_task") -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", *headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def test_body__slow(kept: DispatcherInMemory) -> None:
    """A body that does not come in time is a 408, and the connection ends."""

    async def story(port: int) -> None:
        told = await _told(port, _head("Content-Length: 100"), b"{")
        assert told.startswith(b"HTTP/1.1 408 ")
        assert b"connection: close" in told
        assert json.loads(told.rpartition(b"\r\n")[2])["error"] == "too_slow"

    _serve(story, kept, request_seconds=0.2)


def test_body__aborted(kept: DispatcherInMemory) -> None:
    """A sender that hangs up within its body leaves the receiver as it was."""

    async def story(port: int) -> None:
        _, writer = await _send(port, _head("Content-Length: 100"), b"{")
        writer.transport.abort()
        async with httpx.AsyncClient() as client:
            assert (await client.get(f"http://127.0.0.1:{port}/health")).status_code == 200

    _serve(story, kept)
    assert kept.tasks == []


@pytest.mark.parametrize("begun", [b"", b"POST / HT", b"POST / HTTP/1.1\r\nHost: x\r\nA: "])
def test_head__slow(kept: DispatcherInMemory, begun: bytes) -> None:
    """A client that does not complete its head is hung up on."""

    async def story(port: int) -> None:
        assert await _told(port, begun) == b""

    _serve(story, kept, protocol=HurriedProtocol)


def test_head__slow_on_a_kept_connection(kept: DispatcherInMemory) -> None:
    """A second head has no more time than the first."""

    async def story(port: int) -> None:
        reader, writer = await _send(port, b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        await reader.readuntil(b"}")
        writer.write(b"GET /hea")
        assert await reader.read() == b""
        writer.close()

    _serve(story, kept, protocol=HurriedProtocol)


def test_head__too_large(kept: DispatcherInMemory) -> None:
    """A head over the limit is a 400 as soon as it is seen."""

    async def story(port: int) -> None:
        told = await _told(port, b"GET /health HTTP/1.1\r\nX: " + b"x" * (HEAD_BYTES + 1))
        assert told.startswith(b"HTTP/1.1 400 ")

    _serve(story, kept)


def test_body__declared_too_large(kept: DispatcherInMemory) -> None:
    """A declared length over the limit is a 413 before any of the body is sent."""

    async def story(port: int) -> None:
        told = await _told(port, _head(f"Content-Length: {LIMIT + 1}"))
        assert told.startswith(b"HTTP/1.1 413 ")
        assert b"connection: close" in told

    _serve(story, kept)


def test_body__chunked_too_large(kept: DispatcherInMemory) -> None:
    """A chunked body is a 413 as soon as it passes the limit, though its end never comes."""

    async def story(port: int) -> None:
        chunk = b"8000\r\n" + b"x" * 0x8000 + b"\r\n"
        told = await _told(port, _head("Transfer-Encoding: chunked"), *[chunk] * 4)
        assert told.startswith(b"HTTP/1.1 413 ")

    _serve(story, kept)


async def _hold(port: int, sent: bytes) -> Connection:
    """Send the begin of a request from the address of the flood, until the receiver has read it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(FLOOD, 0))
    writer.write(sent)
    for _ in range(20):  # the receiver runs in the same event loop
        await asyncio.sleep(0)
    return reader, writer


def _half_body(sent: int) -> bytes:
    return _head(f"Content-Length: {LIMIT}") + b" " * sent


async def _post(port: int, **fields: Any) -> httpx.Response:
    async with httpx.AsyncClient() as client:
        return await client.post(f"http://127.0.0.1:{port}/", json=submission(**fields))


@pytest.mark.parametrize(("sent", "held"), [(99_000, 2), (1_000, 50)])
def test_bodies__the_oldest_gives_way(kept: DispatcherInMemory, sent: int, held: int) -> None:
    """When bodies fill the room, large or small, the oldest slow one is a 503, not the new one."""

    async def story(port: int) -> None:
        slow = [await _hold(port, _half_body(sent)) for _ in range(held)]
        assert (await _post(port, brief="x" * sent)).status_code == 200
        told = await slow[0][0].read()
        assert told.startswith(b"HTTP/1.1 503 ")
        assert b"retry-after: 10" in told
        assert b'"busy"' in told
        for reader, writer in slow[1:]:
            assert not reader.at_eof()
            writer.close()
        slow[0][1].close()

    _serve(story, kept, max_buffered_bytes=sent * held + sent // 2)


def test_bodies__an_honest_slow_sender_outlasts_a_flood(kept: DispatcherInMemory) -> None:
    """The address with the most bodies loses its own, though another one's is older."""
    body = json.dumps(submission(brief="x" * 50_000)).encode()

    async def story(port: int) -> None:
        reader, writer = await _send(port, _head(f"Content-Length: {len(body)}"), body[:40_000])
        flood = [await _hold(port, _half_body(30_000)) for _ in range(8)]
        writer.write(body[40_000:])
        assert (await reader.readline()).startswith(b"HTTP/1.1 200 ")
        for _, flooding in (*flood, (reader, writer)):
            flooding.close()

    _serve(story, kept, max_buffered_bytes=130_000)


def test_bodies__count_until_the_task_is_dispatched(kept: DispatcherInMemory) -> None:
    """What GitHub is still being told fills the room too, and is not dropped for a newcomer."""
    may_answer = kept.may_answer = asyncio.Event()

    async def story(port: int) -> None:
        first = asyncio.create_task(_post(port, brief="x" * 90_000))
        await kept.is_called.wait()
        assert (await _post(port, brief="x" * 90_000)).status_code == 503
        may_answer.set()
        assert (await first).status_code == 200
        assert (await _post(port, brief="x" * 90_000)).status_code == 200

    _serve(story, kept, max_buffered_bytes=150_000)


@pytest.mark.parametrize("begun", [b"", b"POST / HTTP/1.1\r\n", _head("Content-Length: 9") + b"{"])
def test_connections__the_oldest_slow_one_gives_way(kept: DispatcherInMemory, begun: bytes) -> None:
    """Beyond the limit a slow connection of the busiest address is told 503, a newcomer served."""

    async def story(port: int) -> None:
        slow = [await _hold(port, begun) for _ in range(5)]
        assert (await _post(port)).status_code == 200
        told = await slow[0][0].read()
        assert told.startswith(b"HTTP/1.1 503 ")
        assert told.endswith(BUSY)
        for _, writer in slow:
            writer.close()

    _serve(story, kept, max_connections=5)


def test_connections__a_request_under_way_is_never_dropped(kept: DispatcherInMemory) -> None:
    """However many connections come, a complete request gets its answer."""
    may_answer = kept.may_answer = asyncio.Event()

    async def story(port: int) -> None:
        under_way = asyncio.create_task(_post(port))
        await kept.is_called.wait()
        flood = [await _hold(port, b"") for _ in range(6)]
        may_answer.set()
        assert (await under_way).status_code == 200
        for _, writer in flood:
            writer.close()

    _serve(story, kept, max_connections=2)


@pytest.mark.parametrize("chunked", [True, False])
def test_body__sender_reads_the_413(kept: DispatcherInMemory, chunked: bool) -> None:
    """A usual client that sends megabytes too many gets to read why they are refused."""

    async def parts() -> Any:
        for _ in range(100):
            yield b"x" * 65_536

    async def story(port: int) -> None:
        async with httpx.AsyncClient() as client:
            url = f"http://127.0.0.1:{port}/"
            for _ in range(5):
                content = parts() if chunked else b"x" * 6_553_600
                answer = await client.post(url, content=content)
                assert answer.status_code == 413

    _serve(story, kept)


def test_body__understated_length(kept: DispatcherInMemory, submission_of: SubmissionOf) -> None:
    """Only the declared length is the body; what follows is no part of it and no request."""
    body = json.dumps(submission_of()).encode()

    async def story(port: int) -> None:
        told = await _told(port, _head(f"Content-Length: {len(body) - 5}"), body)
        assert told.startswith(b"HTTP/1.1 400 ")
        assert b"malformed_json" in told

    _serve(story, kept)
    assert kept.tasks == []


def test_body__to_a_path_that_takes_none(kept: DispatcherInMemory) -> None:
    """A body that nobody reads ends its connection instead of being taken in."""

    async def story(port: int) -> None:
        told = await _told(port, _head("Content-Length: 10000000", path="/nowhere"), b"x" * 1000)
        assert told.startswith(b"HTTP/1.1 404 ")
        assert b"connection: close" in told

    _serve(story, kept)


@pytest.mark.parametrize(
    "sent",
    [
        b"\x00\x01\x02\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
        b"GET /\x00 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nn-4711: \x00\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
    ],
)
def test_broken_http(kept: DispatcherInMemory, sent: bytes) -> None:
    """What is no HTTP is refused without an echo and without a failure of ours."""

    async def story(port: int) -> None:
        told = await _told(port, sent)
        assert told.split(b" ")[1] in {b"400", b"501"}
        assert b"n-4711" not in told

    _serve(story, kept)


def test_pipelined(kept: DispatcherInMemory) -> None:
    """Requests sent in one go are answered in their order."""

    async def story(port: int) -> None:
        one = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"
        last = b"GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        told = await _told(port, one * 3 + last)
        assert told.count(b"HTTP/1.1 200 ") == 3
        assert told.count(b"HTTP/1.1 404 ") == 1

    _serve(story, kept)
