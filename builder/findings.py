"""Findings: what is wrong with an attempt, whether a check, the page or a file shows it."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """A failure has to be repaired; a warning is only reported."""

    FAILURE = "failure"
    WARNING = "warning"


class Source(StrEnum):
    """Who found it."""

    CHECK = "check"
    """A JavaScript check of this request."""
    REGRESSION = "regression"
    """A JavaScript check of an earlier round."""
    MODEL_CHECK = "model check"
    """An expression that the model gave for a plain-word check; at most a warning."""
    FILE = "file"
    WORKFLOW = "workflow"
    """A file that the app's own workflow makes after the delivery."""
    RUN = "workflow run"
    """A run of the app's own workflow, once it is published."""
    SHAPE = "JSON shape"
    """JSON that could not be compared with its schema."""
    PAGE = "page"
    USE = "use"
    """An element of the page was used: pressed, chosen, submitted."""
    SCENARIO = "scenario"
    REPLY = "reply"
    BUILD = "build script"
    """A program of the author's that makes files of the site."""
    ATTACHMENT = "attachment"
    """An attachment that has to stay as it is."""
    DATA = "data"
    """Figures that nothing shows to be computed from their source."""
    SECRET = "secret"  # noqa: S105 - the name of a source of findings


@dataclass(frozen=True)
class Finding:
    """One thing wrong: `subject` (a path, a check, an id), what was expected, what was seen."""

    severity: Severity
    source: Source
    subject: str
    expected: str
    seen: str

    def __str__(self) -> str:
        return f"{self.source} {self.subject}: expected {self.expected}; seen {self.seen}"


def failures(findings: Iterable[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.severity is Severity.FAILURE]
