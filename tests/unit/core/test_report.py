"""What a run leaves: the report in its work directory, and the callback's two forms."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from builder.errors import BlobUnusable, NothingToDo, PushFailed
from builder.report import PageSeen, Report
from builder.request import Blob, Dispatch
from builder.work import Work
from tests.conftest import RequestOf

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
BLOB = Blob(sha="a" * 40, sha256="b" * 64, size=70_000)


@pytest.fixture
def task(request_of: RequestOf) -> Dispatch:
    return Dispatch.of(request_of(email=" Ada@Example.com"), NOW)


@pytest.fixture
def work(tmp_path: Path) -> Work:
    return Work(tmp_path / "work")


def test_callback_for__success(task: Dispatch) -> None:
    """A delivered site is told with the four fields as they came, and how far it was verified."""
    report = Report.of(task)
    report.repo_url, report.commit_sha, report.pages_url = "r", "c", "p"
    report.page = PageSeen(opened=True, browser="chromium", checks_run=2, checks_total=2)
    report.pages_status, report.run_url = "live", "u"
    report.judge()
    assert report.callback_for(task.addressee()) == {
        "email": " Ada@Example.com",
        "task": "sum-of-rain",
        "round": 1,
        "nonce": "n-4711",
        "repo_url": "r",
        "commit_sha": "c",
        "pages_url": "p",
        "pages_status": "live",
        "run_url": "u",
        "status": "success",
        "verdict": "verified",
    }


def test_callback_for__error(task: Dispatch, work: Work) -> None:
    """After a failure the first reason is told, with what is known of the site."""
    report = work.begin(task)
    report.repo_url, report.commit_sha = "r", "c"
    work.save(report)
    work.record("publish", PushFailed("git push failed: no"))
    work.record("notify", ValueError("later"))
    report = work.report()
    report.judge()
    body = report.callback_for(task.addressee())
    assert (body["status"], body["error"]) == ("error", "publish: git push failed: no")
    assert (body["repo_url"], body["commit_sha"]) == ("r", "c")
    assert "pages_url" not in body
    assert body["verdict"] == "failing"
    assert body["verdict_reasons"][0] == body["error"]


def test_callback_for__a_run_that_was_killed(task: Dispatch) -> None:
    """Without a failure on record there is still a reason."""
    body = Report.of(task).callback_for(task.addressee())
    assert body["error"] == "the run ended before the site was published"


def test_report__tells_of_an_unknown_error_the_type_only(task: Dispatch, work: Work) -> None:
    """The text of an unexpected exception may hold anything and is not told."""
    work.begin(task)
    work.record("generate", KeyError("ada@example.com"))
    text = work.report().model_dump_json()
    assert "KeyError" in text
    assert "ada@" not in text
    assert "n-4711" not in text


def test_work__a_stored_request_is_begun_before_it_is_fetched(task: Dispatch, work: Work) -> None:
    """Whom to answer is kept for a later stage, which finds the request once it is fetched."""
    stored = task.stored(BLOB)
    work.begin(stored)
    assert work.task().addressee().email == " Ada@Example.com"
    work.keep(stored.with_request(task.inline()))
    assert work.task() == task


def test_work__a_failure_without_a_task(work: Work) -> None:
    """Where no task was begun, there is nobody to tell and nothing is kept."""
    work.record("generate", BlobUnusable("gone"))
    assert not work.folder.exists()
    with pytest.raises(NothingToDo):
        work.task()


def test_work__a_new_task_has_no_old_failure(task: Dispatch, work: Work) -> None:
    """What an earlier task left is dropped."""
    work.begin(task)
    work.record("generate", BlobUnusable("gone"))
    work.clear()
    assert work.begin(task).failure is None
