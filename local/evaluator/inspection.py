"""The story of one inspection: clone, fetch, compare, open the page."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from builder.errors import BriefshipError
from builder.request import Check, Request
from local.checks import PageChecks
from local.evaluator import delivery, served
from local.evaluator.callback import Delivered
from local.evaluator.clone import clone
from local.evaluator.score import Outcome, Row


@dataclass(frozen=True)
class Inspector:
    """Looks at what was delivered; `secrets` are values by name that may stand nowhere."""

    http: httpx.AsyncClient
    pages: PageChecks
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)

    async def inspect(
        self, request: Request, callback: Delivered, screenshot: Path | None = None
    ) -> list[Row]:
        """Return a row for everything the delivery must hold and for each check of the request."""
        repository = await self._repository(request, callback)
        observed = await self._page(request, callback, screenshot)
        rows = [*repository, *observed]
        return [_covered(row, rows) for row in rows]

    async def _repository(self, request: Request, callback: Delivered) -> list[Row]:
        with TemporaryDirectory(prefix="briefship-clone-") as folder:
            place = Path(folder) / "app"
            try:
                app = await asyncio.to_thread(clone, callback.repo_url, callback.commit_sha, place)
            except BriefshipError as error:
                return [Row.of("The repository holds the commit", False, str(error))]
        wanted = {*app.site.served, delivery.FRONT_PAGE}
        wanted |= {attachment.name for attachment in request.attachments}
        found = await served.fetch(self.http, callback.pages_url, sorted(wanted))
        held = delivery.Delivery(request, callback, app, found)
        personal = {"the email": request.email, "the nonce": request.nonce}
        return list(delivery.rows(held, {**personal, **self.secrets}))

    async def _page(
        self, request: Request, callback: Delivered, screenshot: Path | None
    ) -> list[Row]:
        scripts = [check.source for check in request.checks if check.is_javascript]
        seen = iter(await self.pages.observe(callback.pages_url, scripts, screenshot))
        rows = []
        for check in request.checks:
            if check.is_javascript:
                observation = next(seen)
                rows.append(Row.of(check.source, observation.holds, observation.seen))
            else:
                rows.append(_in_words(check))
        return rows


def _in_words(check: Check) -> Row:
    return Row(check.source, Outcome.NOT_CHECKABLE, "in plain words")


def _covered(row: Row, rows: list[Row]) -> Row:
    """Give a check in plain words the outcome of the rule that surely means the same."""
    licence = r"\s*(?:the )?repo(?:sitory)? has (?:an? )?MIT licen[cs]e(?: file)?\.?\s*"
    if row.outcome is Outcome.NOT_CHECKABLE and re.fullmatch(licence, row.check, re.IGNORECASE):
        rule = next((other for other in rows if other.check.startswith("LICENSE is")), row)
        return Row(row.check, rule.outcome, f"by the rule: {rule.check}")
    return row
