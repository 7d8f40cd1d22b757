"""Figures that have to come from data: whether a site computes or loads them, or says it cannot.

The reading names the files and their sources. What counts is who wrote a file, what the page asked
for in the browser, and what the addresses answered.
"""

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from builder.contract.contract import PAGE, Contract, Rule, sha256
from builder.findings import Finding, Severity, Source
from builder.generate.attempts import Attempt
from builder.generate.fetched import Fetched

_CODE = (".html", ".htm", ".js", ".mjs")
"""Files that can load their figures in the browser; all others have to be computed."""


@dataclass(frozen=True)
class Figures:
    """What a contract says of figures, and what the addresses that the request names answered."""

    contract: Contract
    fetched: Sequence[Fetched] = ()
    computed_before: Container[str] = ()
    """Files that build scripts of earlier rounds made."""

    def judged(self, attempt: Attempt) -> Attempt:
        """Return a verified attempt with findings on figures that nothing computes.

        A failure where the data was there to compute with, and the page was opened; a warning
        where the source is an attachment, of which a model sees much.
        """
        found = dict.fromkeys(self._findings(attempt))
        return replace(attempt, findings=(*attempt.findings, *found))

    @property
    def to_say(self) -> list[str]:
        """What the page has to say of addresses that could not be fetched, to be tried as used."""
        return [
            f"Unless the page itself loads the data of {one.url} when it is opened, it says "
            "visibly that they could not be fetched, and shows no figures in their place"
            for one in self._missing
        ]

    @property
    def missing(self) -> list[str]:
        """The addresses that figures should have come from, each with why they could not."""
        return [f"{one.url} ({one.reason})" for one in self._missing]

    @cached_property
    def _missing(self) -> list[Fetched]:
        rules = (rule for rule in self.contract.from_data if rule.path not in self.computed_before)
        gone = (one for rule in rules if (one := self._answer(rule)) and not one.is_there)
        return list({one.url: one for one in gone}.values())

    def _answer(self, rule: Rule) -> Fetched | None:
        """Return what the source of a rule answered; None if it is no address of the request."""
        named = (one for one in self.fetched if rule.source in one.url or one.url in rule.source)
        return next(named, None)

    def _findings(self, attempt: Attempt) -> Iterator[Finding]:
        made = attempt.computed
        computed = {path for path in made if sha256(attempt.site.get(path, b"")) == made[path]}
        computed |= self.contract.made_by_workflow.keys()
        for rule in self.contract.from_data:
            if rule.path in self.contract.verbatim:
                continue
            answer = self._answer(rule)
            is_known = answer.is_there if answer else rule.source in self.contract.attached
            if is_known and rule.path in attempt.site and rule.path not in computed:
                source = urlsplit(answer.url).hostname or "" if answer else rule.source
                if finding := _uncomputed(rule, attempt, {source, *computed}, bool(answer)):
                    yield finding


def _uncomputed(
    rule: Rule, attempt: Attempt, sources: Iterable[str], is_fetched: bool
) -> Finding | None:
    """Return a finding on a file that no script wrote, unless its code asked for a source."""
    is_seen, seen = True, "no build script wrote it"
    if PurePosixPath(rule.path).suffix.lower() in _CODE:
        is_open = attempt.page is not None and attempt.page.opened
        is_seen = is_open and rule.path == PAGE
        if attempt.asked.intersection(sources):
            return None
        seen += ", and the page asked for neither the data nor a file that one wrote"
        seen += "" if is_seen else ", as far as it was opened"
    expected = f"figures computed from {rule.source}, or loaded from there ({rule.evidence})"
    severity = Severity.FAILURE if is_fetched and is_seen else Severity.WARNING
    return Finding(severity, Source.DATA, rule.path, expected, seen)
