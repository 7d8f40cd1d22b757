"""Inspects a delivery and its page; earlier rounds are checked again."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from builder.errors import BriefshipError
from builder.request import Request
from builder.verdict import Verdict
from local.checks import PageChecks
from local.evaluator import delivery, rules
from local.evaluator.callbacks import Callback, Delivered
from local.evaluator.score import Row, RowOutcome

ACCEPTED: Mapping[str, RowOutcome] = {
    Verdict.VERIFIED: RowOutcome.PASSED,
    Verdict.PARTLY_VERIFIED: RowOutcome.NOT_CHECKABLE,
}


def judge(callback: Callback, *, expects_model: bool = True) -> Row:
    """Return the run's own verdict; a fallback is no failure if no model was expected."""
    check, verdict = "The run's own verdict", callback.verdict
    if verdict is None:
        return Row(check, RowOutcome.NOT_CHECKABLE, "the callback has none")
    if verdict == Verdict.FALLBACK and not expects_model:
        return Row(check, RowOutcome.NOT_CHECKABLE, verdict)
    return Row(check, ACCEPTED.get(verdict, RowOutcome.FAILED), verdict)


async def check_repository(
    rounds: Sequence[Request],
    callback: Delivered,
    secrets: Mapping[str, str],
) -> list[Row]:
    """Return rows for what a delivery must fulfil; `secrets`, by name, may occur nowhere in it."""
    try:
        delivered = await delivery.collect(rounds, callback)
    except BriefshipError as error:
        return [Row.of("The repository holds the commit", False, str(error))]
    personal = {f"the nonce of round {asked.round}": asked.nonce for asked in rounds}
    known = {"the email": rounds[-1].email, **personal, **secrets}
    return list(rules.rows(delivered, known))


async def check_page(
    pages: PageChecks, rounds: Sequence[Request], callback: Delivered, screenshot: Path | None
) -> list[Row]:
    """Return rows for the page and each JavaScript check, including those of earlier rounds."""
    titles = _checks(rounds)
    visit = await pages.visit(callback.pages_url, list(titles), screenshot)
    opened = "The page was opened in a browser, by the evaluator"
    seen = {opened: visit.opened, **dict(zip(titles.values(), visit.checks, strict=True))}
    return [Row.of(title, found.holds, found.seen) for title, found in seen.items()]


def _checks(rounds: Sequence[Request]) -> dict[str, str]:
    """Return the titles of the JavaScript checks of all rounds by expression, newest first."""
    titles: dict[str, str] = {}
    for asked in reversed(rounds):
        prefix = "" if asked is rounds[-1] else f"round {asked.round}: "
        for check in asked.checks:
            if check.is_javascript:
                titles.setdefault(check.source, f"{prefix}{check.source}")
    return titles
