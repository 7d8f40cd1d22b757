"""What the evaluator and the demo make of a run's own verdict and of its report."""

import json
from pathlib import Path

import httpx
import pytest

from builder.report import PageSeen, Report
from builder.verdict import Verdict
from local.cdn import NODE_MODULES, CdnFiles
from local.checks import PageChecks
from local.demo.evidence import author_row, page_row, read_report, verdict_lines
from local.evaluator.callbacks import Apology
from local.evaluator.inspection import Grader
from local.evaluator.score import RowOutcome

REPORT = Report(build_id="0" * 16, task="t", round=1)


@pytest.mark.parametrize(
    ("verdict", "expects_model", "outcome"),
    [
        ("verified", True, RowOutcome.PASSED),
        ("partly verified", True, RowOutcome.NOT_CHECKABLE),
        ("failing", True, RowOutcome.FAILED),
        ("failing", False, RowOutcome.FAILED),
        ("fallback", True, RowOutcome.FAILED),
        ("fallback", False, RowOutcome.NOT_CHECKABLE),
        ("splendid", True, RowOutcome.FAILED),
        (None, True, RowOutcome.NOT_CHECKABLE),
    ],
)
def test_verdict__counts(verdict: str | None, expects_model: bool, outcome: RowOutcome) -> None:
    """Only `verified` passes; a fallback fails where a model was set; an unknown word fails."""
    pages = PageChecks("no browser", CdnFiles(NODE_MODULES))
    grader = Grader(httpx.AsyncClient(), pages, expects_model=expects_model)
    echo = {"email": "ada@example.com", "task": "t", "round": 1, "nonce": "n"}
    callback = Apology(**echo, status="error", error="x", verdict=verdict)  # type: ignore[arg-type]
    row = grader.judge(callback)
    assert row.outcome is outcome
    assert row.seen == (verdict or "the callback has none")


@pytest.mark.parametrize(
    ("page", "holds", "seen"),
    [
        (PageSeen(opened=True, browser="Chromium 1", checks_run=2, checks_total=3), True, "2 of 3"),
        (PageSeen(opened=False, reason="Socket path too long"), False, "Socket path too long"),
        (PageSeen(opened=False), False, "it did not open"),
        (None, False, "no report that tells of a browser"),
    ],
)
def test_page_row__is_the_evidence_of_the_report(
    page: PageSeen | None, holds: bool, seen: str
) -> None:
    """That the builder's browser opened the page stands in the report, or it did not happen."""
    row = page_row(REPORT.model_copy(update={"page": page}))
    assert row.is_passed is holds
    assert seen in row.seen


def test_page_row__without_a_report(tmp_path: Path) -> None:
    """A run that left no report, or one that cannot be read, has opened nothing."""
    assert not page_row(read_report(None)).is_passed
    (tmp_path / "report.json").write_text(json.dumps({"task": 1}))
    assert not page_row(read_report(tmp_path)).is_passed
    (tmp_path / "report.json").write_text(REPORT.model_dump_json())
    assert read_report(tmp_path) == REPORT


@pytest.mark.parametrize(
    ("fields", "holds", "seen"),
    [
        ({"verdict": Verdict.VERIFIED, "author": "gpt"}, True, "gpt"),
        ({"verdict": Verdict.FALLBACK, "fallback_reason": "key expired"}, False, "key expired"),
        ({"author": "gpt"}, False, "no report with a verdict"),
    ],
)
def test_author_row__is_the_evidence_of_the_report(
    fields: dict[str, object], holds: bool, seen: str
) -> None:
    """A site of the fallback, or a report without a verdict, is not the model's work."""
    row = author_row(REPORT.model_copy(update=fields))
    assert row.is_passed is holds
    assert seen in row.seen
    assert not author_row(None).is_passed


def test_verdict_lines__give_the_reasons() -> None:
    """The verdict is followed by why it is no better one."""
    judged = {"verdict": Verdict.PARTLY_VERIFIED, "verdict_reasons": ["1 of 2 checks ran"]}
    lines = verdict_lines(REPORT.model_copy(update=judged))
    assert lines == ["partly verified", "  1 of 2 checks ran"]
    assert verdict_lines(REPORT) == ["no verdict"]
    assert verdict_lines(None) == ["no report"]
