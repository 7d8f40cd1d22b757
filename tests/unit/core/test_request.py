"""The wire: what is accepted, what comes back, and what an error may say."""

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.errors import InvalidAttachment, InvalidEvent, InvalidRequest
from builder.event import read_event, secret_of, task_of
from builder.request import Attachment, Blob, Dispatch, Request
from tests.conftest import RequestOf

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
BLOB = Blob(sha="a" * 40, sha256="b" * 64, size=70_000)


def test_request__check_forms(request_of: RequestOf) -> None:
    """A check is plain words, a `js:` string or an object with js."""
    for wire, source, is_javascript in [
        ("uses js: no", "uses js: no", False),
        ("  js:\n!!document.body", "!!document.body", True),
        ({"js": "1 < 2"}, "1 < 2", True),
    ]:
        (check,) = request_of(checks=[wire]).checks
        assert (check.source, check.is_javascript) == (source, is_javascript)


def test_request__survives_the_wire(request_of: RequestOf) -> None:
    """What goes out by to_wire comes in the same by from_wire."""
    request = request_of(
        checks=["words", {"js": "true"}],
        attachments=[{"name": "a.txt", "url": "data:,hi"}],
        brief="Zeilen\nund 🐟",
    )
    assert Request.from_wire(json.loads(json.dumps(request.to_wire()))) == request


def test_request__names_the_wrong_field_and_repeats_no_input(request_of: RequestOf) -> None:
    """An error names the field and the reason, never the value."""
    for field, value in [
        ("email", 5),
        ("task", "  "),
        ("round", 0),
        ("round", "1"),
        ("round", True),
        ("nonce", "\ud800"),
        ("checks", "one"),
        ("checks", [{"python": "SEEN"}]),
        ("evaluation_url", "ftp://SEEN"),
        ("attachments", [{"name": "x", "url": "https://SEEN"}]),
    ]:
        wire = request_of().to_wire() | {field: value}
        with pytest.raises(InvalidRequest) as raised:
            Request.from_wire(wire)
        assert raised.value.problems[0][0].startswith(field)
        assert "SEEN" not in str(raised.value)
        assert raised.value.__cause__ is None


def test_request__build_id_tells_fields_apart(request_of: RequestOf) -> None:
    """Moving a character from one field to the next gives another build id of 16 digits."""
    parts = ({"task": "ab", "nonce": "c"}, {"task": "a", "nonce": "bc"}, {"nonce": "bc"})
    ids = {request_of(**fields).build_id for fields in parts}
    assert [len(build_id) for build_id in ids] == [16, 16, 16]


def test_attachment__decodes() -> None:
    """Base64 and percent-encoding are decoded as browsers do; the head names type and charset."""
    for url, content, media_type, charset in [
        ("data:,a%20b", b"a b", "text/plain", None),
        ("data:text/csv;charset=UTF-8,%C3%A4", "ä".encode(), "text/csv", "utf-8"),
        ('data:text/plain; Charset = "latin1",a', b"a", "text/plain", "latin1"),
        ("data:text/plain;charset=,a;charset=x", b"a;charset=x", "text/plain", None),
        ("data:image/PNG;base64,iVBORw==", b"\x89PNG", "image/png", None),
        ("data:;base64,iVBORw", b"\x89PNG", "text/plain", None),
        ("data:;charset=utf-16;BASE64,aGk%3D", b"hi", "text/plain", "utf-16"),
        ("data:text/plain;base64,_-8=", b"\xff\xef", "text/plain", None),
        ("data:text/plain;base64,aG\n k=", b"hi", "text/plain", None),
        ("DATA:text/html,<p>,</p>", b"<p>,</p>", "text/html", None),
        ("data:text/plain;base64,", b"", "text/plain", None),
    ]:
        attachment = Attachment(name="x", url=url)
        assert attachment.decode() == content
        assert (attachment.media_type, attachment.charset) == (media_type, charset)


@given(st.binary(max_size=300))
def test_attachment__base64_round_trip(content: bytes) -> None:
    """Any bytes arrive as they were sent."""
    url = f"data:application/octet-stream;base64,{base64.b64encode(content).decode()}"
    assert Attachment(name="x", url=url).decode() == content


def test_attachment__broken() -> None:
    """Without a comma, or with broken base64, the attachment is named."""
    for url in ["data:text/plain", "data:;base64,aGk*", "data:;base64,a"]:
        with pytest.raises(InvalidAttachment, match="'x'"):
            Attachment(name="x", url=url).decode()


def test_dispatch__from_either_event(request_of: RequestOf) -> None:
    """The client_payload is the task; a request given by hand is received now, without a secret."""
    request = request_of()
    sent = Dispatch.of(request, NOW)
    event = json.loads(json.dumps({"action": "build-task", "client_payload": sent.to_wire()}))
    assert task_of(event, datetime.now(UTC)) == sent
    text = json.dumps(request.to_wire() | {"secret": "hush"})
    by_hand = task_of({"inputs": {"request": text}}, NOW)
    assert by_hand == sent
    assert "hush" not in by_hand.model_dump_json()


def test_dispatch__from_a_file_of_the_checkout(
    request_of: RequestOf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A path given by hand is that of a request in the checkout; its secret is known, to be masked,
    and goes no further. A build id is told where to go."""
    (tmp_path / "requests").mkdir()
    text = json.dumps(request_of().to_wire() | {"secret": "hush"})
    (tmp_path / "requests/rain.round1.json").write_text(text)
    monkeypatch.chdir(tmp_path)
    for typed in ("requests/rain.round1.json", f" {text}\n"):
        (tmp_path / "event").write_text(json.dumps({"inputs": {"request": typed}}))
        task = read_event(tmp_path / "event", NOW)
        assert task == Dispatch.of(request_of(), NOW)
        assert secret_of(tmp_path / "event") == "hush"
    with pytest.raises(InvalidEvent, match="is a build id") as raised:
        task_of({"inputs": {"request": "0123456789abcdef"}}, NOW)
    assert "briefship rerun 0123456789abcdef" in raised.value.fix


def test_dispatch__unusable_event() -> None:
    """An event without a task is refused by us, since act hands over any file."""
    for event, error in [
        ([], InvalidEvent),
        ({"inputs": None}, InvalidEvent),
        ({"inputs": {"request": "{"}}, InvalidEvent),
        ({"inputs": {"request": "{}"}}, InvalidRequest),
        ({"inputs": {"request": "no/such.json"}}, InvalidEvent),
        ({"inputs": {"request": "../outside.json"}}, InvalidEvent),
        ({"inputs": {"request": ".git/hidden.json"}}, InvalidEvent),
        ({"inputs": {"request": "/etc/passwd"}}, InvalidEvent),
        ({"client_payload": None}, InvalidRequest),
    ]:
        with pytest.raises(error):
            task_of(event, NOW)


def test_dispatch__carries_one_request() -> None:
    """Neither a request nor a blob is an error that says so."""
    payload = {"id": "0" * 16, "task": "t", "round": 1, "received_at": "2026-11-23T12:00:00Z"}
    with pytest.raises(InvalidRequest, match="either a request or a blob"):
        task_of({"client_payload": payload}, NOW)


def stored(request: Request) -> dict[str, Any]:
    """Return the client_payload of a request that is stored, as it comes out of JSON."""
    wire: dict[str, Any] = json.loads(json.dumps(Dispatch.of(request, NOW).stored(BLOB).to_wire()))
    return wire


def test_dispatch__of_a_stored_request_says_whom_to_answer(request_of: RequestOf) -> None:
    """Beside the blob stands what an answer needs, and nothing else of the request."""
    request = request_of()
    payload = stored(request)
    assert payload["answer_to"] == {
        "email": "ada@example.com",
        "task": "sum-of-rain",
        "round": 1,
        "nonce": "n-4711",
        "evaluation_url": "http://127.0.0.1:9/evaluation",
    }
    task = task_of({"client_payload": payload}, NOW)
    assert task.addressee().model_dump() == payload["answer_to"]
    with pytest.raises(InvalidEvent, match="was not fetched"):
        task.inline()
    assert task.with_request(request) == Dispatch.of(request, NOW)
    assert task.with_request(request).addressee() == request


def test_dispatch__answers_nobody_of_another_build(request_of: RequestOf) -> None:
    """What travels beside the blob is used only where it is there, and of the event's build."""
    for field in ["email", "task", "nonce"]:
        payload = stored(request_of())
        without = {name: value for name, value in payload.items() if name != "answer_to"}
        payload["answer_to"][field] = "somebody else"
        for given_payload in (payload, without):
            task = task_of({"client_payload": given_payload}, NOW)
            with pytest.raises(InvalidEvent, match="does not say who sent build"):
                task.addressee()
