"""What the evaluator and the demo make of a run's own verdict and of its report."""

import json
from pathlib import Path

from builder.report import PageSeen, Report
from builder.verdict import Verdict
from builder.verify.scenarios.outcomes import RequirementOutcome, State
from local.demo import evidence
from local.evaluator.callbacks import Apology
from local.evaluator.inspection import judge
from local.evaluator.rules import USED
from local.evaluator.score import Row, RowOutcome

REPORT = Report(build_id="0" * 16, task="t", round=1)
PASSED, FAILED, OPEN = RowOutcome.PASSED, RowOutcome.FAILED, RowOutcome.NOT_CHECKABLE


def test_verdict__counts() -> None:
    """Only `verified` passes; a fallback fails where a model was set; an unknown word fails."""
    for verdict, expects_model, outcome in [
        ("verified", True, PASSED),
        ("partly verified", True, OPEN),
        ("failing", False, FAILED),
        ("fallback", True, FAILED),
        ("fallback", False, OPEN),
        ("splendid", True, FAILED),
        (None, True, OPEN),
    ]:
        callback = Apology(
            email="a@b.c", task="t", round=1, nonce="n", status="error", error="x", verdict=verdict
        )
        row = judge(callback, expects_model=expects_model)
        assert (row.outcome, row.seen) == (outcome, verdict or "the callback has none")


def test_page_row__is_the_evidence_of_the_report() -> None:
    """That the builder's browser opened the page stands in the report, or it did not happen."""
    for page, holds, seen in [
        (PageSeen(opened=True, browser="Chromium 1", checks_run=2, checks_total=3), True, "2 of 3"),
        (PageSeen(opened=False, reason="Socket path too long"), False, "Socket path too long"),
        (None, False, "no report that tells of a browser"),
    ]:
        row = evidence.page_row(REPORT.model_copy(update={"page": page}))
        assert row.is_passed is holds
        assert seen in row.seen


def test_author_row__is_the_evidence_of_the_report() -> None:
    """A site of the fallback, or a report without a verdict, is not the model's work."""
    for fields, holds, seen in [
        ({"verdict": Verdict.VERIFIED, "author": "gpt"}, True, "gpt"),
        ({"verdict": Verdict.FALLBACK, "fallback_reason": "key expired"}, False, "key expired"),
        ({"author": "gpt"}, False, "no report with a verdict"),
    ]:
        row = evidence.author_row(REPORT.model_copy(update=fields))
        assert row.is_passed is holds
        assert seen in row.seen


def test_requirements__are_told_by_the_report() -> None:
    """Each requirement has its outcome and the reason; those of earlier rounds stay in place."""
    told = [
        RequirementOutcome(requirement="adds", state=State.HELD),
        RequirementOutcome(requirement="sorts", state=State.FAILED, why="expected 2; seen 1"),
        RequirementOutcome(requirement="nice", state=State.NOT_TRIED, why="no scenario"),
    ]
    rows = [Row(check, OPEN) for check in ("adds", "round 1: adds", "round 1: sorts")]
    listed = evidence.with_requirements(rows, REPORT.model_copy(update={"requirements": told}))
    assert [(row.check, row.outcome, row.seen) for row in listed] == [
        ("adds", PASSED, USED),
        ("round 1: adds", OPEN, ""),
        ("round 1: sorts", FAILED, "failed: expected 2; seen 1"),
        ("nice", OPEN, "not tried: no scenario"),
    ]


def test_report__that_is_missing_or_unreadable(tmp_path: Path) -> None:
    """A run that left no report, or one that cannot be read, has proven nothing."""
    assert evidence.read_report(None) is None
    (tmp_path / "report.json").write_text(json.dumps({"task": 1}))
    assert evidence.read_report(tmp_path) is None
    for row in (evidence.page_row(None), evidence.author_row(None)):
        assert not row.is_passed
    assert (evidence.with_requirements((), None), evidence.verdict_lines(None)) == (
        (),
        ["no report"],
    )
    untried = RequirementOutcome(requirement="nice", state=State.NOT_TRIED, why="no scenario")
    judged = {
        "verdict": Verdict.PARTLY_VERIFIED,
        "verdict_reasons": ["1 of 2 checks ran"],
        "requirements": [untried],
    }
    (tmp_path / "report.json").write_text(REPORT.model_copy(update=judged).model_dump_json())
    lines = evidence.verdict_lines(evidence.read_report(tmp_path))
    reasons = ["  1 of 2 checks ran", "  not tried: nice (no scenario)"]
    assert lines == ["partly verified", *reasons]
