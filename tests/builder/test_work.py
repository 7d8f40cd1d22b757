"""The work directory: what one stage leaves for the next."""

from datetime import UTC, datetime
from pathlib import Path

from builder.errors import BlobUnusable
from builder.request import Dispatch
from builder.work import Work
from tests.conftest import RequestOf


def test_work__a_failure_before_the_task_is_known(tmp_path: Path, request_of: RequestOf) -> None:
    """The reason waits for a stage that gets as far as a report; the first one counts."""
    work = Work(tmp_path / "work")
    work.record("generate", BlobUnusable("the stored request is gone"))
    work.record("notify", BlobUnusable("still gone"))
    report = work.begin(Dispatch.of(request_of(), datetime.now(UTC)))
    assert report.reason == "generate: the stored request is gone"


def test_work__a_new_task_has_no_old_failure(tmp_path: Path, request_of: RequestOf) -> None:
    """What an earlier task left is dropped."""
    work = Work(tmp_path / "work")
    work.record("generate", BlobUnusable("gone"))
    work.clear()
    assert work.begin(Dispatch.of(request_of(), datetime.now(UTC))).failure is None
