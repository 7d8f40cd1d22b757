"""What a hostile sender may put into a request: no failure of ours, no slow call, no broken log"""

import json
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import httpx
import pytest

from builder.errors import RequestError
from builder.request import Attachment
from receiver.logs import LineFormatter
from receiver.submission import MAX_ATTACHMENTS, Submission, parse
from tests.receiver_parts import DispatcherInMemory, serving, submission

SECONDS = 0.2
"""Processor time that reading a text by patterns may take."""
LENGTH = 100_000
ATTACHMENT = {"name": "a", "url": "data:,a"}


def _seconds(call: Callable[[], object]) -> float:
    began = time.thread_time()
    call()
    return time.thread_time() - began


@pytest.mark.parametrize(
    "task", ["a\nBuild-Id: 0\r\n2026 error forged status=200", "\x1b[2J\x00\u202e\u2028", "a b=c"]
)
def test_task_name__cannot_break_the_log(
    kept: DispatcherInMemory, caplog: pytest.LogCaptureFixture, task: str
) -> None:
    """A name with control characters goes to the builder as it came, and stays on one log line."""
    caplog.set_level("INFO", "receiver")
    with serving(kept) as client:
        answer = client.post("/handle_task", json=submission(task=task))
    assert (answer.status_code, answer.json()["task"]) == (200, task)
    assert kept.tasks[0].task == task
    as_text, as_json = (
        LineFormatter(as_json=as_json).format(caplog.records[-1]) for as_json in (False, True)
    )
    for line in (as_text, as_json):
        assert line.isascii()
        assert line.isprintable()
    assert f" task={json.dumps(task)} " in as_text
    assert json.loads(as_json)["task"] == task


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 4_000_000,
        b'{"a":' * 800_000,
        b"{" + b",".join(b'"%d":0' % number for number in range(300_000)) + b"}",
        json.dumps(submission(checks=[0] * 1_000_000)).encode(),
        json.dumps(submission(checks=[{"js": []}] * 200)).encode(),
        json.dumps(submission(attachments=[ATTACHMENT] * 1_000)).encode(),
        json.dumps(submission(attachments=[{}] * 100_000)).encode(),
    ],
    ids=["depth", "objects", "keys", "checks", "odd checks", "1,000 attachments", "empty ones"],
)
def test_json_bombs(
    kept: DispatcherInMemory, caplog: pytest.LogCaptureFixture, body: bytes
) -> None:
    """Deep, wide and long JSON is refused in a short answer and a short log line."""
    caplog.set_level("INFO", "receiver")
    with serving(kept) as client:
        answer = client.post("/handle_task", content=body)
    assert answer.status_code in {400, 422}
    assert len(answer.content) < 20_000
    assert len(LineFormatter(as_json=True).format(caplog.records[-1])) < 1_000


def test_patterns__adversarial_text() -> None:
    """100 KB of text that is made for backtracking takes no time in any field."""
    for part in (" ", "js:", "js:\n\n\n", "\u2028\x85\xa0", ";charset=", "; base64 "):
        text = part * (LENGTH // len(part)) + "js"
        assert _seconds(partial(_read, text)) < SECONDS, part


def _read(text: str) -> None:
    for field in ("email", "task", "nonce", "brief", "evaluation_url", "checks"):
        value: Any = [text] if field == "checks" else text
        body = json.dumps(submission(**{field: value})).encode()
        with suppress(RequestError):  # accepted or refused, but in time
            Submission.from_wire(parse(bytearray(body)))
    attachment = Attachment(name="a", url=f"data:{text},QQ")
    assert len(f"{attachment.media_type}{attachment.charset}") <= len(text) + len("None")
    attachment.decode()


def test_attachments__as_many_as_may_be(client: httpx.Client, kept: DispatcherInMemory) -> None:
    """As many attachments as may be, with path tricks as names, are passed on as they came."""
    names = [f"../{number}/\u202e\n.git/CON" for number in range(MAX_ATTACHMENTS)]
    wire = submission(attachments=[ATTACHMENT | {"name": name} for name in names])
    assert client.post("/handle_task", json=wire).status_code == 200
    assert [one.name for one in kept.tasks[0].inline().attachments] == names
