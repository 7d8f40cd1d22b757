"""receiver.server over raw sockets: slow, large, unfinished and broken HTTP"""

import asyncio
import json
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
import uvicorn

from receiver.app import create_app
from receiver.server import HEAD_BYTES, BoundedProtocol, server_config
from tests.receiver_parts import DispatcherInMemory, SubmissionOf, settings_for

LIMIT = 100_000
Story = Callable[[int], Awaitable[None]]


class HurriedProtocol(BoundedProtocol):
    """Waits for a head as long as a test may take."""

    head_seconds = 0.2


def _serve(
    story: Story, kept: DispatcherInMemory, *, max_connections: int = 100, **settings: Any
) -> None:
    """Run `story` with the port of a receiver that is served as it is in production."""
    app = create_app(settings_for(max_request_bytes=LIMIT, **settings), kept)
    config = server_config(app, max_connections, HurriedProtocol)
    config.timeout_keep_alive = 1

    async def run() -> None:
        listening = socket.create_server(("127.0.0.1", 0))
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            await story(listening.getsockname()[1])
        finally:
            server.should_exit = True
            await serving

    asyncio.run(run())


async def _send(port: int, *parts: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
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

    _serve(story, kept)


def test_head__slow_on_a_kept_connection(kept: DispatcherInMemory) -> None:
    """A second head has no more time than the first."""

    async def story(port: int) -> None:
        reader, writer = await _send(port, b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        await reader.readuntil(b"}")
        writer.write(b"GET /hea")
        assert await reader.read() == b""
        writer.close()

    _serve(story, kept)


def test_head__too_large(kept: DispatcherInMemory) -> None:
    """A head over the limit is a 400 as soon as it is seen."""

    async def story(port: int) -> None:
        told = await _told(port, b"GET /health HTTP/1.1\r\nX: " + b"x" * (HEAD_BYTES * 2))
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


def test_body__no_room(kept: DispatcherInMemory, submission_of: SubmissionOf) -> None:
    """Slow large bodies shut out large ones as long as they last, and never small ones."""
    small = json.dumps(submission_of()).encode()
    large = json.dumps(submission_of(brief="x" * 90_000)).encode()

    async def story(port: int) -> None:
        slow = [
            await _send(port, _head(f"Content-Length: {LIMIT}"), b" " * 99_000) for _ in range(3)
        ]
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            while (refused := await client.post("/", content=large)).status_code == 200:
                pass
            assert (refused.status_code, refused.json()["error"]) == (503, "busy")
            assert refused.headers["retry-after"] == "10"
            assert (await client.post("/", content=small)).status_code == 200
            for _, writer in slow:
                writer.close()
            while (await client.post("/", content=large)).status_code != 200:
                pass

    _serve(story, kept, max_buffered_bytes=110_000)


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
