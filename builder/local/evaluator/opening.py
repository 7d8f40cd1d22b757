"""Opens what an evaluation needs: one HTTP client and one Chromium for all of it."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import httpx

from builder.local.cdn import NODE_MODULES, CdnFiles
from builder.local.checks import PageChecks, chromium
from builder.local.evaluator.inspection import Inspector
from builder.local.evaluator.ledger import Ledger
from builder.local.evaluator.session import Progress, Session


@asynccontextmanager
async def opened(
    receiver: str,
    secret: str,
    ledger: Ledger,
    progress: Progress,
    *,
    timeout: float,
    credentials: Mapping[str, str] | None = None,
) -> AsyncIterator[Session]:
    """Open a session; `timeout` in seconds for each callback.

    `credentials`, by name, may stand in no repository.
    """
    secrets = {"the request's secret": secret, **(credentials or {})}
    async with httpx.AsyncClient() as http, chromium() as browser:
        inspector = Inspector(http, PageChecks(browser, CdnFiles(NODE_MODULES)), secrets)
        yield Session(receiver, secret, http, ledger, inspector, progress, timeout)
