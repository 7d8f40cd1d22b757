"""Connections to one server, kept, each taken by one call at a time, the last used first."""

import asyncio

import httpx

KEPT_SECONDS = 30.0
"""How long an idle connection may be used again."""


class Lanes:
    """Opens as many connections as there are calls at once; the caller bounds those.

    httpx's own client is the slower half of a small call, and its pool looks at each connection
    for each call, with a system call for the idle ones: with 50 of them that takes longer than the
    call itself. Here each of its transports sees one connection.
    """

    def __init__(self) -> None:
        self._tls = httpx.create_ssl_context()
        self._all: list[httpx.AsyncHTTPTransport] = []
        self._idle: list[httpx.AsyncHTTPTransport] = []
        self._loop: asyncio.AbstractEventLoop | None = None

    async def send(self, request: httpx.Request) -> httpx.Response:
        """Send `request` over an idle lane or a new one; return the answer, its body read.

        No redirect is followed. Raises httpx.RequestError.
        """
        self._follow_loop()
        lane = self._idle.pop() if self._idle else self._open()
        try:
            answer = await lane.handle_async_request(request)
            try:
                await answer.aread()
            finally:
                await answer.aclose()
        finally:
            self._idle.append(lane)
        return answer

    async def aclose(self) -> None:
        """Close every connection."""
        for lane in self._all:
            await lane.aclose()

    def _follow_loop(self) -> None:
        """Begin anew where a serverless host gives each request an event loop of its own."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._loop, self._all, self._idle = loop, [], []

    def _open(self) -> httpx.AsyncHTTPTransport:
        limits = httpx.Limits(max_connections=1, keepalive_expiry=KEPT_SECONDS)
        lane = httpx.AsyncHTTPTransport(verify=self._tls, limits=limits)
        self._all.append(lane)
        return lane
