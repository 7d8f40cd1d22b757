"""A GitHub that takes every event and blob after a given delay, and does nothing else."""

import argparse
import asyncio
from functools import partial

DISPATCHED = b"HTTP/1.1 204 No Content\r\n\r\n"
STORED = b'HTTP/1.1 201 Created\r\nContent-Length: 50\r\n\r\n{"sha":"%b"}' % (b"0" * 40)


async def _answer(delay: float, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            length = head.partition(b"content-length:")[2].partition(b"\r\n")[0]
            await reader.readexactly(int(length or 0))
            if delay:
                await asyncio.sleep(delay)
            writer.write(STORED if b"/git/blobs " in head else DISPATCHED)
    except (OSError, asyncio.IncompleteReadError):
        writer.close()


async def _serve(delay: float) -> None:
    server = await asyncio.start_server(partial(_answer, delay), "127.0.0.1", 0, backlog=2048)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--delay", type=float, default=0.0, help="seconds")
    asyncio.run(_serve(parser.parse_args().delay))
