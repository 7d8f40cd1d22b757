"""What a delivery must fulfil apart from its page, and what the builder saw of its requirements."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from builder.contract.contract import Contract
from builder.request import Attachment, Request
from builder.rounds import Round
from builder.verdict import Verdict
from local.evaluator.delivery import FRONT_PAGE, GradedDelivery
from local.evaluator.score import Row, RowOutcome

USED = "used and seen, by the builder"
UNTRIED = "not tried, by what the commit keeps"

SECTIONS = {
    "summary": r"summary|overview|about|what|description|introduction",
    "setup": r"set ?-?up|install|getting started|run",
    "usage": r"usage|use|using",
    "code explanation": r"code|how it works|explanation|structure|architecture",
    "licence": r"licen[cs]e",
}
"""What a README explains, and the words in the headings that do."""

TOKENS = {
    "a GitHub token": rb"\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,})",
    "an API key": rb"\bsk-[A-Za-z0-9_-]{20,}",
    "an AWS key": rb"\bAKIA[0-9A-Z]{16}\b",
    "a private key": rb"-----BEGIN [A-Z ]*PRIVATE KEY-----",
}
"""Formats of credentials, as their issuers document them."""


def rows(delivery: GradedDelivery, secrets: Mapping[str, str]) -> Iterator[Row]:
    """Check everything but the page; `secrets` are values by name that may occur nowhere."""
    yield _head(delivery)
    yield _licence(delivery)
    yield _readme(delivery)
    yield from _attachments(delivery)
    yield _pages(delivery)
    yield _secrets(delivery, secrets)
    yield from _requirements(delivery)


def _head(delivery: GradedDelivery) -> Row:
    head, reported = delivery.clone.head, delivery.callback.commit_sha
    return Row.of("The commit reported is the head of main", head == reported, f"head is {head}")


def _licence(delivery: GradedDelivery) -> Row:
    text = delivery.clone.site.get("LICENSE", b"").decode("utf-8", "replace")
    wanted = ("MIT", "is hereby granted")
    missing = [words for words in wanted if words not in text]
    seen = f"without {' and '.join(missing)}" if text else "no file LICENSE"
    return Row.of("LICENSE is the MIT licence", not missing, seen if missing else "whole")


def _readme(delivery: GradedDelivery) -> Row:
    text = delivery.clone.site.get("README.md", b"").decode("utf-8", "replace")
    headings = re.findall(r"^#{1,6}[ \t]+(.+)$", text, re.MULTILINE)
    titles = "\n".join(headings)
    missing = [
        topic for topic, words in SECTIONS.items() if not re.search(rf"(?i)\b(?:{words})", titles)
    ]
    seen = f"no heading for: {', '.join(missing)}" if text else "no file README.md"
    return Row.of("README.md has its sections", not missing, seen if missing else "all five")


def _attachments(delivery: GradedDelivery) -> Iterator[Row]:
    """Compare the attachments of all rounds; of several with one name, the newest counts."""
    newest = {
        attachment.name: (asked.round, attachment)
        for asked in delivery.rounds
        for attachment in asked.attachments
    }
    for number, attachment in newest.values():
        yield _named(delivery, number, _attachment(delivery, attachment))


def _named(delivery: GradedDelivery, number: int, row: Row) -> Row:
    """Prefix the round, unless it is the last one."""
    is_earlier = number != delivery.rounds[-1].round
    return replace(row, check=f"round {number}: {row.check}") if is_earlier else row


def _attachment(delivery: GradedDelivery, attachment: Attachment) -> Row:
    name, content = attachment.name, attachment.decode()
    places = {"in the commit": delivery.clone.site.get(name), "on Pages": delivery.served.get(name)}
    wrong = [place for place, found in places.items() if found != content]
    seen = f"other bytes, or none, {' and '.join(wrong)}"
    return Row.of(
        f"{name} arrives byte for byte", not wrong, seen if wrong else f"{len(content)} bytes"
    )


def _pages(delivery: GradedDelivery) -> Row:
    site = delivery.clone.site
    wanted = {path: site[path] for path in site.served}
    if "index.html" in wanted:
        wanted[FRONT_PAGE] = wanted["index.html"]
    wrong = [path for path, content in wanted.items() if delivery.served.get(path) != content]
    seen = ", ".join(f"{path or 'the front page'}: {_seen(delivery, path)}" for path in wrong)
    ok = bool(wanted) and not wrong
    return Row.of("Pages serves every file of the commit", ok, seen or f"{len(wanted)} addresses")


def _seen(delivery: GradedDelivery, path: str) -> str:
    found = delivery.served.get(path, "not fetched")
    return found if isinstance(found, str) else "other bytes"


def _secrets(delivery: GradedDelivery, secrets: Mapping[str, str]) -> Row:
    # What the sender put into the brief or an attachment may be delivered.
    given = b"\n".join(map(_given, delivery.rounds))
    known = {
        name: rb"(?<![\w-])" + re.escape(value.encode()) + rb"(?![\w-])"
        for name, value in secrets.items()
        if value
    }
    found = [
        name
        for name, pattern in {**TOKENS, **known}.items()
        if any(match not in given for match in re.findall(pattern, delivery.clone.history))
    ]
    return Row.of("No secret in the repository", not found, ", ".join(found) or "none in history")


def _given(request: Request) -> bytes:
    checks = "\n".join(check.source for check in request.checks)
    attached = b"\n".join(attachment.decode() for attachment in request.attachments)
    return f"{request.task}\n{request.brief}\n{checks}\n".encode() + attached


def _requirements(delivery: GradedDelivery) -> Iterator[Row]:
    """Yield which requirements the builder saw hold: it stores those scenarios in the commit.

    The newest round comes first. What a later round has withdrawn is left out.
    """
    kept = {past.round: past for past in delivery.clone.base.rounds}
    rounds = [kept.get(asked.round) or Round.of(asked) for asked in delivery.rounds]
    newest = rounds[-1]
    contract = Contract.of(delivery.rounds[-1], rounds, newest.reading)
    held = {scenario.requirement for scenario in (*contract.scenarios, *newest.scenarios)}
    for past in reversed(rounds):
        for requirement in past.requirements():
            if past is newest or requirement in {*held, *contract.untried}:
                seen = _as_seen(past.round, newest) if requirement in held else UNTRIED
                outcome = RowOutcome.PASSED if seen == USED else RowOutcome.NOT_CHECKABLE
                yield _named(delivery, past.round, Row(requirement, outcome, seen))


def _as_seen(number: int, newest: Round) -> str:
    """Return what is known of a scenario that held in a round, and is run in all later ones."""
    verdict = newest.judgement.verdict if newest.judgement else None
    if number == newest.round or verdict is Verdict.VERIFIED:
        return USED
    return f"{USED} in round {number}; round {newest.round} is {verdict or 'without a verdict'}"
