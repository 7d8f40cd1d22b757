"""A load generator: so many connections, each sends its next request when it has its answer."""

import asyncio
import time
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Load:
    """What came of it; latencies in milliseconds."""

    seconds: float
    latencies: list[float] = field(repr=False)
    failures: int

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        """Return the latency that `share` of the answers kept to."""
        return percentile(self.latencies, share)


def percentile(values: list[float], share: float) -> float:
    """Return the value that `share` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


class _Run:
    """What all connections of a run share."""

    def __init__(self, request: bytes, ends_at: float, remaining: int) -> None:
        self.request = request
        self.ends_at = ends_at
        self.remaining = remaining
        self.latencies: list[float] = []
        self.failures = 0

    def may_go_on(self, now: float) -> bool:
        self.remaining -= 1
        return self.remaining >= 0 and now < self.ends_at


class _Connection(asyncio.Protocol):
    def __init__(self, run: _Run) -> None:
        self._run = run
        self._received = bytearray()
        self._sent_at = 0.0
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.set_write_buffer_limits(high=2**24)
        self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self._run.failures += exc is not None
            self.done.set_result(None)

    def data_received(self, data: bytes) -> None:
        self._received += data
        end = self._received.find(b"\r\n\r\n")
        if end < 0 or len(self._received) < end + 4 + _content_length(self._received[:end]):
            return
        now = time.perf_counter()
        if self._received.startswith(b"HTTP/1.1 200"):
            self._run.latencies.append((now - self._sent_at) * 1000)
        else:
            self._run.failures += 1
        self._received.clear()
        self._send()

    def _send(self) -> None:
        now = time.perf_counter()
        if self._run.may_go_on(now):
            self._sent_at = now
            self._transport.write(self._run.request)
        else:
            self._transport.close()


def _content_length(head: bytearray) -> int:
    begin = head.lower().find(b"content-length:")
    if begin < 0:
        return 0
    return int(head[begin + 15 :].split(b"\r\n")[0])


def post(path: str, body: bytes) -> bytes:
    """Return an HTTP request."""
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    return head.encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body


async def generate(
    port: int, request: bytes, *, connections: int, seconds: float = 60.0, count: int = 10**9
) -> Load:
    """Send `request` for `seconds`, or `count` times."""
    loop = asyncio.get_running_loop()
    began = time.perf_counter()
    run = _Run(request, began + seconds, count)
    opened = [
        await loop.create_connection(lambda: _Connection(run), "127.0.0.1", port)
        for _ in range(connections)
    ]
    await asyncio.gather(*(protocol.done for _, protocol in opened))
    return Load(time.perf_counter() - began, run.latencies, run.failures)
