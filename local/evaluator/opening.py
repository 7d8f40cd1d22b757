"""Opens what an evaluation needs: one HTTP client and one Chromium for all of it."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import httpx

from local.cdn import NODE_MODULES, CdnFiles
from local.checks import PATIENCE, PageChecks, chromium
from local.evaluator.inspection import Inspector
from local.evaluator.ledger import Ledger
from local.evaluator.session import Progress, Session


@asynccontextmanager
async def opened(
    receiver: str,
    secret: str,
    ledger: Ledger,
    progress: Progress,
    *,
    timeout: float,
    patience: float = PATIENCE,
    credentials: Mapping[str, str] | None = None,
) -> AsyncIterator[Session]:
    """Open a session; `timeout` for each callback and `patience` for each check in seconds.

    `credentials`, by name, may stand in no repository.
    """
    secrets = {"the request's secret": secret, **(credentials or {})}
    async with httpx.AsyncClient() as http, chromium() as browser:
        inspector = Inspector(http, PageChecks(browser, CdnFiles(NODE_MODULES), patience), secrets)
        yield Session(receiver, secret, http, ledger, inspector, progress, timeout)
