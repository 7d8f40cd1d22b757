"""The verdict of a run: a pure function of its report."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from builder.actions import ActionsLog
from builder.contract.contract import Contract, Rule
from builder.findings import Finding, Severity, Source
from builder.rendering import render
from builder.report import Failure, ModelUse, PageSeen, Report
from builder.request import Dispatch
from builder.site import Site
from builder.verdict import NOT_KEPT, Judgement, Verdict, judge
from builder.verify.inspection import inspect
from builder.verify.scenarios.outcomes import RequirementOutcome, State
from tests.conftest import RequestOf

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
OPENED = PageSeen(opened=True, browser="chromium", checks_run=3, checks_total=3)
PARTLY, FAILING, FALLBACK = Verdict.PARTLY_VERIFIED, Verdict.FAILING, Verdict.FALLBACK
UNSEEN = PageSeen(opened=False, reason="chromium: exit 127", checks_total=3)


def finding(severity: Severity = Severity.FAILURE, source: Source = Source.CHECK) -> Finding:
    return Finding(severity=severity, source=source, subject="#sum", expected="6", seen="5")


def outcome(requirement: str, state: State = State.NOT_TRIED) -> RequirementOutcome:
    return RequirementOutcome(requirement=requirement, state=state)


@pytest.fixture
def report(request_of: RequestOf) -> Report:
    """A run in which everything went well."""
    made = Report.of(Dispatch.of(request_of(), NOW))
    made.repo_url, made.commit_sha, made.pages_url = "r", "c", "p"
    made.page, made.pages_status = OPENED, "live"
    return made


def test_judge__all_is_well(report: Report) -> None:
    """The page opened, each check ran and held, and Pages serves the commit: nothing is open."""
    assert judge(report) == Judgement(verdict=Verdict.VERIFIED)


OPEN: list[tuple[dict[str, Any], Verdict, str]] = [
    ({"page": None}, PARTLY, "the page was not opened in a browser"),
    ({"page": UNSEEN}, PARTLY, "not opened in a browser: chromium: exit 127"),
    ({"page": UNSEEN}, PARTLY, "0 of 3 checks ran"),
    ({"page": OPENED.model_copy(update={"checks_run": 1})}, PARTLY, "1 of 3 checks ran"),
    ({"pages_status": "not live yet: status 404"}, PARTLY, "Pages: not live yet: status 404"),
    ({"left_out": [".github/workflows/a.yml"]}, PARTLY, "left out, since BUILDER_TOKEN"),
    ({"no_scripts": "bwrap: exit 1"}, PARTLY, "no build script could be run: bwrap: exit 1"),
    ({"ignored_settings": ["REPAIRS cannot be used"]}, PARTLY, "REPAIRS cannot be used"),
    ({"findings": [finding()]}, FAILING, "check #sum: expected 6; seen 5"),
    ({"findings": [finding(), finding()]}, FAILING, "seen 5 (and 1 more)"),
    ({"findings": [finding(Severity.WARNING)]}, PARTLY, "1 check could not be confirmed"),
    (
        {"findings": [finding(Severity.WARNING, Source.MODEL_CHECK)]},
        PARTLY,
        "1 check could not be confirmed: #sum",
    ),
    (
        {"findings": [finding(Severity.WARNING, Source.WORKFLOW)]},
        PARTLY,
        "made only later, by the app's workflow: #sum",
    ),
    (
        {"findings": [finding(Severity.WARNING, Source.DATA)]},
        PARTLY,
        "figures that were not seen to be computed: #sum",
    ),
    (
        {"findings": [finding(Severity.WARNING, Source.ATTACHMENT)]},
        PARTLY,
        "#sum is attached as it is: 5",
    ),
    ({"missing_data": ["https://a.example (timed out)"]}, PARTLY, "https://a.example (timed out)"),
    ({"fallback_reason": "m at h: 401"}, FALLBACK, "no model made this site: m at h: 401"),
    (
        {"failure": Failure(stage="publish", message="no token", fix="Set it.")},
        FAILING,
        "publish: no token",
    ),
    ({"earlier": NOT_KEPT}, PARTLY, "kept no verdict"),
    ({"untested": "no time"}, PARTLY, "behaviour: smoke test only (no time)"),
    (
        {"requirements": [outcome("It adds", State.HELD), outcome("It sings")]},
        PARTLY,
        "1 of 2 requirements not tried: It sings",
    ),
    (
        {"requirements": [outcome(f"{number}".ljust(200, "x")) for number in range(4)]},
        PARTLY,
        "4 of 4 requirements not tried: ",
    ),
]


def test_judge__what_is_open(report: Report) -> None:
    """Each thing that was not verified, or is wrong, lowers the verdict and is named."""
    for fields, verdict, reason in OPEN:
        judged = judge(report.model_copy(update=fields))
        assert judged.verdict is verdict
        assert any(reason in told for told in judged.reasons), judged.reasons
        assert all(len(told) < 300 for told in judged.reasons)


def test_judge__json_that_was_not_compared(report: Report) -> None:
    """A file whose JSON could not be held against its schema is named."""
    shape = Rule("rows.json", "rows with a date", {"items": {"$ref": "dates.json"}})
    contract, files = Contract(json_shapes=(shape,)), {"rows.json": b"[1]"}
    report.findings = inspect(Site(files), contract, "app")
    judged = judge(report)
    assert judged.verdict is PARTLY
    assert judged.reasons == ("JSON not compared with the shape asked for: rows.json",)


def test_judge__a_run_that_was_killed(report: Report) -> None:
    """What was verified and never published is failing once the run is over, not before."""
    report.pages_url = report.pages_status = None
    assert judge(report).verdict is Verdict.VERIFIED
    over = judge(report, is_over=True)
    assert over == Judgement(verdict=FAILING, reasons=(report.reason,))


def test_judge__a_warning_of_the_page_leaves_it_verified(report: Report) -> None:
    """An advice on a page that was looked at is no doubt in it."""
    report.findings = [finding(Severity.WARNING, Source.PAGE)]
    assert judge(report).verdict is Verdict.VERIFIED


def test_judge__the_worst_comes_first(report: Report) -> None:
    """The title has the first reason: a failed stage, then why no model, then the rest."""
    report.page, report.fallback_reason, report.findings = None, "no model is set", [finding()]
    assert [reason[:8] for reason in judge(report).reasons] == ["no model", "check #s", "the page"]
    report.failure = Failure(stage="notify", message="refused", fix="")
    assert judge(report).reasons[0] == "notify: refused"


@pytest.mark.parametrize("verdict", Verdict)
def test_judge__of_a_commit_by_an_earlier_run(report: Report, verdict: Verdict) -> None:
    """What was thought of it then stands, and what is open now comes on top."""
    report.page, report.earlier = None, Judgement(verdict=verdict)
    assert judge(report).verdict is verdict
    report.pages_status = "not live yet"
    lowered = PARTLY if verdict is Verdict.VERIFIED else verdict
    assert judge(report) == Judgement(verdict=lowered, reasons=("Pages: not live yet",))


SHOWN = {
    Verdict.VERIFIED: ("✅", "notice"),
    PARTLY: ("🟡", "warning"),
    FALLBACK: ("🟠", "warning"),
    FAILING: ("❌", "error"),
}


@pytest.mark.parametrize("verdict", Verdict)
def test_verdict__stands_in_title_log_and_annotation(
    report: Report, verdict: Verdict, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Word and reason are in the summary's title, an annotation, and the log's last lines."""
    report.earlier = Judgement(verdict=verdict, reasons=("it *rained*\n::error::x",))
    judged = report.judge()
    sign, kind = SHOWN[judged.verdict]
    title = render("summary.md.j2", report=report).splitlines()[0]
    assert title.startswith(f"## {sign} {judged.verdict.capitalize()}: task sum-of-rain, round 1")
    assert "it \\*rained\\*" in title
    assert ("✅" in title) == (judged.verdict is Verdict.VERIFIED)
    ActionsLog(on_runner=True, summary=tmp_path / "s.md").conclude(judged.verdict, judged.reasons)
    annotation, *lines = capsys.readouterr().out.splitlines()
    assert annotation == (f"::{kind} title=Verdict%3A {judged.verdict}::it *rained*%0A::error::x")
    assert lines == [f"Verdict: {judged.verdict}", "- it *rained* ::error::x"]


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, None),
        ({"untested": "no time"}, "look at what is named here by hand"),
        ({"findings": [finding()]}, "re-run all jobs: the model is asked again"),
        ({"fallback_reason": "m at h: 401"}, "mend what kept the models from answering"),
        ({"failure": Failure(stage="publish", message="no", fix="Set it.")}, "Set it."),
    ],
)
def test_summary__what_to_do(report: Report, fields: dict[str, Any], told: str | None) -> None:
    """Each verdict but the best has a next step; tokens are added up over all calls."""
    report.model_calls = [
        ModelUse(model="m", provider="h", outcome="a reply", tokens_in=1200, tokens_out=30),
        ModelUse(model="m", provider="h", outcome="status 500", purpose="reading"),
        ModelUse(model="m", provider="h", outcome="a reply", tokens_in=5, tokens_out=4),
    ]
    shown = report.model_copy(update=fields)
    shown.judge()
    assert "US $" not in render("summary.md.j2", report=shown)
    shown.model_calls[0].cost, shown.model_calls[2].cost = 0.0123, 0.0
    text = render("summary.md.j2", report=shown)
    assert text.count("**What to do:**") == (told is not None)
    assert f"**What to do:** {told}" in text or told is None
    assert "| **in all** | | | 3 calls | 1205 | 34 | 0.0123 |" in text
    assert "| a reply | 5 | 4 | 0.0000 |" in text
    assert "| m at h | reading |" in text
    assert "[`c`](r/commit/c)" in text
