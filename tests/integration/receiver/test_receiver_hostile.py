"""What a hostile sender may put into a request: no failure of ours, no slow call, no broken log"""

import json
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from builder.request import Attachment, Check
from receiver.submission import MAX_ATTACHMENTS, Submission, parse
from tests.integration.receiver.conftest import Start
from tests.integration.receiver.scripted import ScriptedGitHub
from tests.receiver_parts import submission

SECONDS = 0.2
"""Processor time that reading a text by patterns may take."""
LENGTH = 100_000


def _seconds(call: Callable[[], object]) -> float:
    began = time.thread_time()
    call()
    return time.thread_time() - began


@pytest.mark.parametrize("log_format", ["text", "json"])
@pytest.mark.parametrize(
    "task", ["a\nBuild-Id: 0\r\n2026 error forged status=200", "\x1b[2J\x00\u202e\u2028", "a b=c"]
)
def test_task_name__cannot_break_the_log(
    start: Start, github: ScriptedGitHub, task: str, log_format: str
) -> None:
    """A name with control characters goes to the builder as it came, and stays on one log line."""
    receiver = start(GITHUB_API_URL=github.url, LOG_FORMAT=log_format)
    answer = httpx.post(f"{receiver.url}/handle_task", json=submission(task=task))
    assert (answer.status_code, answer.json()["task"]) == (200, task)
    assert github.calls[0].json()["client_payload"]["task"] == task
    lines = receiver.stop().splitlines()
    assert len(lines) == 2
    assert lines[1].isascii()
    assert lines[1].isprintable()
    if log_format == "json":
        assert json.loads(lines[1])["task"] == task
    else:
        assert f" task={json.dumps(task)} " in lines[1]


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 4_000_000,
        b'{"a":' * 800_000,
        b"{" + b",".join(b'"%d":0' % number for number in range(300_000)) + b"}",
        json.dumps(submission(checks=[0] * 1_000_000)).encode(),
        json.dumps(submission(checks=[{"js": []}] * 200)).encode(),
        json.dumps(submission(attachments=[{"name": "a", "url": "data:,a"}] * 1_000)).encode(),
        json.dumps(submission(attachments=[{}] * 100_000)).encode(),
    ],
    ids=["depth", "objects", "keys", "checks", "odd checks", "1,000 attachments", "empty ones"],
)
def test_json_bombs(start: Start, github: ScriptedGitHub, body: bytes) -> None:
    """Deep, wide and long JSON is refused in a short answer, and others are served at once."""
    receiver = start(GITHUB_API_URL=github.url)
    with httpx.Client(base_url=receiver.url) as client:
        answer = client.post("/handle_task", content=body)
        assert answer.status_code in {400, 422}
        assert len(answer.content) < 20_000
        assert client.post("/handle_task", json=submission()).status_code == 200
    log = receiver.stop().splitlines()
    assert len(log) == 3
    assert max(len(line) for line in log) < 1_000


@pytest.mark.parametrize(
    "text",
    [
        " " * LENGTH,
        " " * LENGTH + "js",
        "js:" * (LENGTH // 3),
        "js:" + "\n" * LENGTH,
        "\u2028\x85\xa0" * (LENGTH // 3),
        ";charset=" * (LENGTH // 9),
        "; base64" + " " * LENGTH + "x",
    ],
)
def test_patterns__adversarial_text(text: str) -> None:
    """100 KB of text that is made for backtracking takes no time in any field."""

    def read() -> None:
        for field in ("email", "task", "nonce", "brief", "evaluation_url", "checks"):
            value: Any = [text] if field == "checks" else text
            wire = submission(**{field: value})
            try:
                Submission.from_wire(parse(bytearray(json.dumps(wire).encode())))
            except ValueError:
                raise
            except Exception:  # noqa: BLE001, S110 - accepted or refused, but in time
                pass

    assert _seconds(read) < SECONDS


@pytest.mark.parametrize(
    ("url", "media_type", "charset"),
    [
        ("data:,a", "text/plain", None),
        ("DATA:;base64,QQ", "text/plain", None),
        ("data:base64,QQ", "base64", None),
        ("data:TEXT/CSV ; Charset = 'UTF-16' ;BASE64 , QQ", "text/csv", "utf-16"),
        ("data:;charset=,a", "text/plain", None),
        ("data:" + ";" * LENGTH + "charset=x,", "text/plain", "x"),
        ("data:" + "; charset " * (LENGTH // 10) + ",", "text/plain", None),
        ("data:" + "; base64" * (LENGTH // 8) + " " * LENGTH + ",QQ", "text/plain", None),
    ],
    ids=range(8),
)
def test_data_uris__odd(url: str, media_type: str, charset: str | None) -> None:
    """Odd data URIs are read as they say, in no time."""
    attachment = Attachment(name="a", url=url)

    def read() -> None:
        assert (attachment.media_type, attachment.charset) == (media_type, charset)
        attachment.decode()

    assert _seconds(read) < SECONDS


def test_attachments__as_many_as_may_be(start: Start, github: ScriptedGitHub) -> None:
    """As many attachments as may be, with 256 bytes of path tricks as names, are passed on."""
    names = [f"../{number}/\u202e\n.git/CON" for number in range(MAX_ATTACHMENTS)]
    receiver = start(GITHUB_API_URL=github.url)
    wire = submission(attachments=[{"name": name, "url": "data:,a"} for name in names])
    assert httpx.post(f"{receiver.url}/handle_task", json=wire).status_code == 200
    request = github.calls[0].json()["client_payload"]["request"]
    assert [one["name"] for one in request["attachments"]] == names


def test_check__javascript_keeps_its_text() -> None:
    """Only the prefix and the blanks around it are taken off."""
    assert Check.model_validate(" js: a\n js: b ").source == "a\n js: b "
