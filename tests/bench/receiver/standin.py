"""A GitHub that takes every event and blob after a given delay, and does nothing else."""

import argparse
import asyncio
import json

DISPATCHED = b"HTTP/1.1 204 No Content\r\n\r\n"
_SHA = json.dumps({"sha": "0" * 40}).encode()
STORED = b"HTTP/1.1 201 Created\r\nContent-Length: %d\r\n\r\n%s" % (len(_SHA), _SHA)


class StandIn(asyncio.Protocol):
    """One connection."""

    delay = 0.0

    def __init__(self) -> None:
        self._received = bytearray()
        self._needed = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        if len(self._received) < self._needed:
            return
        end = self._received.find(b"\r\n\r\n")
        if end < 0:
            return
        head = bytes(self._received[:end])
        self._needed = end + 4 + _content_length(head)
        if len(self._received) >= self._needed:
            self._received.clear()
            self._needed = 0
            self._answer(STORED if b"/git/blobs " in head else DISPATCHED)

    def _answer(self, answer: bytes) -> None:
        if self.delay:
            asyncio.get_running_loop().call_later(self.delay, self._transport.write, answer)
        else:
            self._transport.write(answer)


def _content_length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    return 0


async def _serve(delay: float) -> None:
    StandIn.delay = delay
    server = await asyncio.get_running_loop().create_server(StandIn, "127.0.0.1", 0, backlog=2048)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--delay", type=float, default=0.0, help="seconds")
    asyncio.run(_serve(parser.parse_args().delay))
