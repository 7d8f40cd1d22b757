"""One inspection: look at what was delivered, open the page; earlier rounds are checked again."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from builder.errors import BriefshipError
from builder.request import Check, Request
from builder.verdict import Verdict
from local.checks import PageChecks
from local.evaluator import delivery
from local.evaluator.callbacks import Callback, Delivered
from local.evaluator.score import Row, RowOutcome

LICENCE_CHECK = r"\s*(?:the )?repo(?:sitory)? has (?:an? )?MIT licen[cs]e(?: file)?\.?\s*"


@dataclass(frozen=True)
class Grader:
    """Looks at what was delivered; `secrets` are values by name that may stand nowhere.

    `expects_model` says whether a site from the fallback is a failure.
    """

    http: httpx.AsyncClient
    pages: PageChecks
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    expects_model: bool = True

    async def grade(
        self,
        request: Request,
        callback: Delivered,
        earlier: Sequence[Request] = (),
        screenshot: Path | None = None,
    ) -> list[Row]:
        """Return a row for all that the delivery must hold and for each check, earlier ones too."""
        rounds = [*earlier, request]
        repository = await self._repository(rounds, callback)
        page = await self._page(rounds, callback, screenshot)
        rows = [self.judge(callback), *repository, *page]
        return [_covered(row, rows) for row in rows]

    def judge(self, callback: Callback) -> Row:
        """Return what the run says of itself."""
        check, verdict = "The run's own verdict", callback.verdict
        if verdict is None:
            return Row(check, RowOutcome.NOT_CHECKABLE, "the callback has none")
        accepted: dict[str, RowOutcome] = {
            Verdict.VERIFIED: RowOutcome.PASSED,
            Verdict.PARTLY_VERIFIED: RowOutcome.NOT_CHECKABLE,
        }
        if not self.expects_model:
            accepted[Verdict.FALLBACK] = RowOutcome.NOT_CHECKABLE
        return Row(check, accepted.get(verdict, RowOutcome.FAILED), verdict)

    async def _repository(self, rounds: Sequence[Request], callback: Delivered) -> list[Row]:
        try:
            delivered = await delivery.collect(self.http, rounds, callback)
        except BriefshipError as error:
            return [Row.of("The repository holds the commit", False, str(error))]
        personal = {f"the nonce of round {asked.round}": asked.nonce for asked in rounds}
        secrets = {"the email": rounds[-1].email, **personal, **self.secrets}
        return list(delivery.rows(delivered, secrets))

    async def _page(
        self, rounds: Sequence[Request], callback: Delivered, screenshot: Path | None
    ) -> list[Row]:
        checks = list(_checks(rounds))
        scripts = [check.source for _, check in checks if check.is_javascript]
        visit = await self.pages.visit(callback.pages_url, scripts, screenshot)
        opened = "The page was opened in a browser, by the evaluator"
        rows, seen = [Row.of(opened, visit.opened.holds, visit.opened.seen)], iter(visit.checks)
        for title, check in checks:
            if check.is_javascript:
                observation = next(seen)
                rows.append(Row.of(title, observation.holds, observation.seen))
            else:
                rows.append(Row(title, RowOutcome.NOT_CHECKABLE, "in plain words"))
        return rows


def _checks(rounds: Sequence[Request]) -> Iterator[tuple[str, Check]]:
    """Yield the checks of the last round, then those of earlier ones that it does not repeat."""
    last = rounds[-1]
    yield from ((check.source, check) for check in last.checks)
    known = {check.source for check in last.checks}
    for asked in rounds[:-1]:
        for check in asked.checks:
            if check.source not in known:
                known.add(check.source)
                yield f"round {asked.round}: {check.source}", check


def _covered(row: Row, rows: Sequence[Row]) -> Row:
    """Give a check in plain words the outcome of the rule that surely means the same."""
    check = re.sub(r"^round \d+: ", "", row.check)
    if row.outcome is not RowOutcome.NOT_CHECKABLE or not re.fullmatch(LICENCE_CHECK, check, re.I):
        return row
    rule = next((other for other in rows if other.check.startswith("LICENSE is")), row)
    return Row(row.check, rule.outcome, f"by the rule: {rule.check}")
