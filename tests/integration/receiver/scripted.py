"""A server on loopback that plays GitHub by a script, faults of the connection included."""

import asyncio
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

SHA = "c0ffee" * 6 + "c0ff"

BUILD = {"path": ".github/workflows/build.yml", "state": "active"}


@dataclass(frozen=True)
class Reply:
    """An HTTP answer."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True)
class Reset:
    """The connection is cut."""


@dataclass(frozen=True)
class Hang:
    """No answer comes until the client hangs up."""


@dataclass(frozen=True)
class Well:
    """GitHub does what it is asked to."""


Step = Reply | Reset | Hang | Well


@dataclass(frozen=True)
class Call:
    """A request that came in; header names in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class ScriptedGitHub:
    """Answers with the steps of `script` in their order, then as GitHub when all is well."""

    def __init__(self) -> None:
        self.script: list[Step] = []
        self.calls: list[Call] = []
        self.events: list[str] = []
        """Build ids of the events that it holds."""
        self.connections = 0
        self.url = ""

    async def serve_connection(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.connections += 1
        try:
            while await self._exchange(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.transport.abort()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        call = await _read(reader)
        self.calls.append(call)
        step = self.script.pop(0) if self.script else Well()
        match step:
            case Reset():
                return False
            case Hang():
                await reader.read()
                return False
            case Reply():
                writer.write(_encode(step))
            case Well():
                writer.write(_encode(self._do(call)))
        return True

    def _do(self, call: Call) -> Reply:
        if call.path.endswith("/dispatches"):
            self.events.append(call.json()["client_payload"]["id"])
            return Reply(204)
        if call.path.endswith("/git/blobs"):
            return Reply(201, body=json.dumps({"sha": SHA}).encode())
        if "/actions/workflows" in call.path:
            return Reply(200, body=json.dumps({"workflows": [BUILD]}).encode())
        return Reply(200, body=b"{}")


async def _read(reader: asyncio.StreamReader) -> Call:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    method, path, _ = head[0].split(" ")
    headers = {
        name.lower(): value
        for name, _, value in (line.partition(": ") for line in head[1:] if line)
    }
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Call(method, path, headers, body)


def _encode(reply: Reply) -> bytes:
    headers = dict(reply.headers)
    if reply.status != 204:
        headers["Content-Length"] = str(len(reply.body))
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {reply.status} Scripted\r\n{lines}\r\n".encode() + reply.body


@contextmanager
def scripted_github() -> Iterator[ScriptedGitHub]:
    """Serve on a free port in a thread of its own."""
    github = ScriptedGitHub()
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(
        asyncio.start_server(github.serve_connection, "127.0.0.1", 0, limit=2**24)
    )
    github.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield github
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.run_until_complete(_end(server))
        loop.close()


async def _end(server: asyncio.Server) -> None:
    server.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
