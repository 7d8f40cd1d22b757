"""A load generator: so many connections, each sends its next request when it has its answer."""

import asyncio
import json
import time
from dataclasses import dataclass, field

SECRET = "bench-secret"


@dataclass
class Load:
    """What came of it; latencies in milliseconds."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list, repr=False)
    failures: int = 0

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        """Return the latency that `share` of the answers kept to."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]

    def note(self, status: bytes, began: float) -> None:
        """Count an answer to a request that was sent at `began`."""
        if status == b"200":
            self.latencies.append((time.perf_counter() - began) * 1000)
        else:
            self.failures += 1


def request_of(size: int) -> bytes:
    """Return a valid HTTP request whose body has about `size` bytes, an attachment the most."""
    attachment = {"name": "data.csv", "url": "data:text/csv;base64,"}
    body = {
        "email": "ada@example.com",
        "secret": SECRET,
        "task": "bench",
        "round": 1,
        "nonce": "n-1",
        "brief": "Publish a page that shows the sum of the column sales of data.csv in #total.",
        "checks": ["Repo has MIT license", {"js": "document.title === 'Bench'"}],
        "evaluation_url": "http://127.0.0.1/evaluation",
        "attachments": [attachment],
    }
    attachment["url"] += "QUJD" * ((size - len(json.dumps(body))) // 4)
    content = json.dumps(body).encode()
    head = "POST /handle_task HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    return head.encode() + b"Content-Length: %d\r\n\r\n" % len(content) + content


async def exchange(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes
) -> bytes:
    """Send a request and read its answer; return the status."""
    writer.write(request)
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = head.partition(b"content-length:")[2].partition(b"\r\n")[0]
    await reader.readexactly(int(length or 0))
    return head.split(b" ")[1]


async def generate(
    port: int, request: bytes, *, connections: int, seconds: float = 60.0, count: int = 10**9
) -> Load:
    """Send `request` for `seconds`, or `count` times."""
    load, turns, began = Load(), iter(range(count)), time.perf_counter()

    async def one_after_the_other() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            while (now := time.perf_counter()) < began + seconds and next(turns, None) is not None:
                load.note(await exchange(reader, writer, request), now)
        except (OSError, asyncio.IncompleteReadError):
            load.failures += 1
        writer.close()

    await asyncio.gather(*(one_after_the_other() for _ in range(connections)))
    load.seconds = time.perf_counter() - began
    return load
