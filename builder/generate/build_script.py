"""The author's program that makes files of the site; it is run once per attempt."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from builder.contract.contract import Contract
from builder.findings import Finding, Severity, Source
from builder.generate.merge import with_files
from builder.ports import Outcome, RunScript
from builder.site import Files, Site

MAX_SECONDS = 60.0
"""Longest run of a script."""
MIN_SECONDS = 5.0
_OUTPUT = 1_500
"""Characters of its output that a finding shows, from the end: a traceback ends with the reason."""


@dataclass(frozen=True)
class BuildScripts:
    """Runs scripts on this machine, with what they find there."""

    run: RunScript
    seconds: Callable[[], float]
    """Returns the seconds that one may take now."""
    packages: Sequence[str] = ()
    """What can be imported besides the standard library."""
    inputs: Files = field(default_factory=dict)
    """Attachments and fetched data, in a folder beside the site."""
    unavailable: str | None = None
    """Why none can be run."""

    def applied(
        self, script: str, site: Site, contract: Contract
    ) -> tuple[Site, tuple[Finding, ...]]:
        """Return the site with what `script` writes, under the same rules as a reply's files."""
        seconds = min(MAX_SECONDS, self.seconds())
        if self.unavailable or seconds < MIN_SECONDS:
            reason = self.unavailable or "no time is left"
            return site, (_failure("files written without a script", f"none can be run: {reason}"),)
        outcome = self.run(script, site, self.inputs, seconds)
        built, refused = with_files(site, outcome.files, (), contract)
        return built, (*_findings(outcome, seconds), *refused)


def _findings(outcome: Outcome, seconds: float) -> list[Finding]:
    said = outcome.output.strip()[-_OUTPUT:] or "nothing printed"
    found = []
    if outcome.error:
        expected = f"a program that ends well within {seconds:.0f} s"
        found.append(_failure(expected, f"{outcome.error}; it printed:\n{said}"))
    found += [_failure("regular files only", one) for one in outcome.refused]
    return found


def _failure(expected: str, seen: str) -> Finding:
    return Finding(Severity.FAILURE, Source.BUILD, "the build script", expected, seen)
