"""The work directory: what one stage leaves for the next."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from builder.errors import BlobUnusable, NothingToDo
from builder.request import Blob, Dispatch
from builder.work import Work
from tests.conftest import RequestOf

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
BLOB = Blob(sha="a" * 40, sha256="b" * 64, size=70_000)


def test_work__a_stored_request_is_begun_before_it_is_fetched(
    tmp_path: Path, request_of: RequestOf
) -> None:
    """Whom to answer and why is kept for a later stage; the first failure is the reason."""
    work = Work(tmp_path / "work")
    work.begin(Dispatch.of(request_of(), NOW).stored(BLOB))
    work.record("generate", BlobUnusable("the stored request is gone"))
    work.record("notify", BlobUnusable("still gone"))
    assert work.task().addressee().email == "ada@example.com"
    assert work.report().reason == "generate: the stored request is gone"


def test_work__keeps_the_request_once_it_is_fetched(tmp_path: Path, request_of: RequestOf) -> None:
    """The next stage finds the same task as if the request had travelled in the event."""
    work, task = Work(tmp_path / "work"), Dispatch.of(request_of(), NOW)
    work.begin(task.stored(BLOB))
    work.keep(task.stored(BLOB).with_request(request_of()))
    assert work.task() == task


def test_work__a_failure_without_a_task(tmp_path: Path) -> None:
    """Where no task was begun, there is nobody to tell and nothing is kept."""
    work = Work(tmp_path / "work")
    work.record("generate", BlobUnusable("gone"))
    assert not work.folder.exists()
    with pytest.raises(NothingToDo):
        work.task()


def test_work__a_new_task_has_no_old_failure(tmp_path: Path, request_of: RequestOf) -> None:
    """What an earlier task left is dropped."""
    work = Work(tmp_path / "work")
    work.begin(Dispatch.of(request_of(), NOW))
    work.record("generate", BlobUnusable("gone"))
    work.clear()
    assert work.begin(Dispatch.of(request_of(), NOW)).failure is None
