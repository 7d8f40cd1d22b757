"""How uvicorn is run: bounded heads, no banner, in-flight requests finish."""

import asyncio
import gc
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_BYTES = 16 * 1024
HEAD_SECONDS = 10.0
"""What a client has for request line and headers."""
GARBAGE_THRESHOLDS = (10_000, 50, 50)
SHUTDOWN_SECONDS = 9
"""Covers a dispatch; container hosts kill ten seconds after the signal to stop."""


def configured(app: ASGIApp) -> uvicorn.Config:
    """Return the server's configuration."""
    return uvicorn.Config(
        app,
        http=PunctualProtocol,
        ws="none",
        loop="asyncio",
        log_config=None,
        access_log=False,
        server_header=False,
        # X-Forwarded-For is read by us, as configured.
        proxy_headers=False,
        h11_max_incomplete_event_size=HEAD_BYTES,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )


def spare_the_collector() -> None:
    """Let the cycle collector pass over what is loaded now, and look at the rest less often.

    With hundreds of requests under way it would take a quarter of the processor time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GARBAGE_THRESHOLDS)


class PunctualProtocol(H11Protocol):
    """Hangs up on a client that does not complete its head in time: uvicorn itself would wait."""

    head_seconds = HEAD_SECONDS

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to wait for the first head."""
        super().connection_made(transport)  # type: ignore[arg-type]
        self._await_head()

    def data_received(self, data: bytes) -> None:
        """Wait for the rest of a head that began after an idle time, no longer for a whole one."""
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop_waiting()
        elif self._waiting is None and self.timeout_keep_alive_task is None:
            self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _await_head(self) -> None:
        self._waiting = self.loop.call_later(self.head_seconds, self.transport.abort)

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
