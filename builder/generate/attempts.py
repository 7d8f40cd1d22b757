"""One way to meet the request, what was found wrong with it, and which of several is best."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from builder.findings import Finding, Source, failures
from builder.report import PageSeen
from builder.site import Site
from builder.verify.page_report import CheckResult, PageReport


@dataclass(frozen=True)
class Attempt:
    """A site that somebody made, and the findings of its verification."""

    site: Site
    author: str
    """A model's name, or where else it comes from."""
    is_usable: bool = True
    """False where a reply brought no file."""
    findings: tuple[Finding, ...] = ()
    results: tuple[CheckResult, ...] = ()
    screenshots: Mapping[str, bytes] = field(default_factory=dict)
    page: PageSeen | None = None
    """What a browser saw; None where none was asked."""
    model_checks: Mapping[str, str] = field(default_factory=dict)
    """A check in plain words to the expression that the model gives for it."""

    @property
    def failures(self) -> list[Finding]:
        """What has to be repaired."""
        return failures(self.findings)

    @property
    def rank(self) -> tuple[int, int, int]:
        """The smaller, the better: failures of this round, regressions, warnings."""
        regressions = sum(found.source is Source.REGRESSION for found in self.failures)
        failed = len(self.failures)
        return failed - regressions, regressions, len(self.findings) - failed

    def score(self, source: Source) -> tuple[int, int]:
        """Return (passed, all) of the JavaScript checks of one source."""
        of_it = [result for result in self.results if result.check.source is source]
        return sum(result.passed for result in of_it), len(of_it)

    def seen(self, page: PageReport) -> "Attempt":
        """Add what a look at the page brought."""
        return replace(
            self,
            findings=(*self.findings, *page.findings),
            results=(*self.results, *page.results),
            screenshots={**self.screenshots, **page.screenshots},
            page=page.page,
        )


def best(attempts: Sequence[Attempt]) -> Attempt:
    """Return the best attempt; of equals the first, never simply the last."""
    return min(attempts, key=lambda attempt: attempt.rank)
