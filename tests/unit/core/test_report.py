"""What a run tells: the callback's two forms, and nothing private in the report."""

from datetime import UTC, datetime
from pathlib import Path

from builder.errors import PushFailed
from builder.report import PageSeen, Report
from builder.request import Dispatch
from builder.work import Work
from tests.conftest import RequestOf

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def test_callback_for__success(request_of: RequestOf) -> None:
    """A delivered site is told with the four fields as they came, and how far it was verified."""
    request = request_of(task="t", email=" Ada@Example.com")
    report = Report.of(Dispatch.of(request, NOW))
    report.repo_url, report.commit_sha, report.pages_url = "r", "c", "p"
    report.page = PageSeen(opened=True, browser="chromium", checks_run=2, checks_total=2)
    report.pages_status = "live"
    report.judge()
    assert report.callback_for(request) == {
        "email": " Ada@Example.com",
        "task": "t",
        "round": 1,
        "nonce": "n-4711",
        "repo_url": "r",
        "commit_sha": "c",
        "pages_url": "p",
        "pages_status": "live",
        "status": "success",
        "verdict": "verified",
    }


def test_callback_for__error(request_of: RequestOf, tmp_path: Path) -> None:
    """After a failure the first reason is told, with what is known of the site."""
    request = request_of()
    work = Work(tmp_path / "work")
    report = work.begin(Dispatch.of(request, NOW))
    report.repo_url, report.commit_sha = "r", "c"
    work.save(report)
    work.record("publish", PushFailed("git push failed: no"))
    work.record("notify", ValueError("later"))
    report = work.report()
    report.judge()
    body = report.callback_for(request)
    assert body["status"] == "error"
    assert body["error"] == "publish: git push failed: no"
    assert (body["repo_url"], body["commit_sha"]) == ("r", "c")
    assert "pages_url" not in body
    assert body["verdict"] == "failing"
    assert body["verdict_reasons"][0] == body["error"]


def test_callback_for__a_run_that_was_killed(request_of: RequestOf) -> None:
    """Without a failure on record there is still a reason."""
    body = Report.of(Dispatch.of(request_of(), NOW)).callback_for(request_of())
    assert body["error"] == "the run ended before the site was published"


def test_report__of_an_unknown_error_tells_the_type_only(
    request_of: RequestOf, tmp_path: Path
) -> None:
    """The text of an unexpected exception may hold anything and is not told."""
    work = Work(tmp_path)
    work.begin(Dispatch.of(request_of(), NOW))
    work.record("generate", KeyError("ada@example.com"))
    text = work.report().model_dump_json()
    assert "KeyError" in text
    assert "ada@" not in text
    assert "n-4711" not in text
