"""The wire: what is accepted, what comes back, and what an error may say."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.errors import InvalidAttachment, InvalidEvent, InvalidRequest
from builder.request import Attachment, Blob, Dispatch, Request
from tests.conftest import RequestOf

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
BLOB = Blob(sha="a" * 40, sha256="b" * 64, size=70_000)


@pytest.mark.parametrize(
    ("wire", "source", "is_javascript"),
    [
        ("Repo has MIT license", "Repo has MIT license", False),
        ("js: document.title === 'x'", "document.title === 'x'", True),
        ("  js:\n!!document.body", "!!document.body", True),
        ({"js": "1 < 2"}, "1 < 2", True),
        ("uses js: no", "uses js: no", False),
    ],
)
def test_request__check_forms(
    request_of: RequestOf, wire: object, source: str, is_javascript: bool
) -> None:
    """A check is plain words, a `js:` string or an object with js."""
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


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", ""),
        ("email", 5),
        ("task", "  "),
        ("round", 0),
        ("round", "1"),
        ("round", True),
        ("nonce", None),
        ("nonce", "\ud800"),
        ("brief", []),
        ("checks", "one"),
        ("checks", [5]),
        ("checks", [{"python": "SEEN"}]),
        ("evaluation_url", "ftp://SEEN"),
        ("attachments", [{"name": "x", "url": "https://SEEN"}]),
        ("attachments", [{"url": "data:,SEEN"}]),
    ],
)
def test_request__names_the_wrong_field_and_repeats_no_input(
    request_of: RequestOf, field: str, value: Any
) -> None:
    """An error names the field and the reason, never the value."""
    wire = request_of().to_wire() | {field: value}
    with pytest.raises(InvalidRequest) as raised:
        Request.from_wire(wire)
    assert raised.value.problems[0][0].startswith(field)
    assert "SEEN" not in str(raised.value)
    assert raised.value.__cause__ is None


def test_request__build_id_tells_fields_apart(request_of: RequestOf) -> None:
    """Moving a character from one field to the next gives another build id."""
    ids = {
        request_of(task="ab", nonce="c").build_id,
        request_of(task="a", nonce="bc").build_id,
        request_of(task="a", nonce="bc", round=2).build_id,
    }
    assert len(ids) == 3
    assert all(len(build_id) == 16 for build_id in ids)


@pytest.mark.parametrize(
    ("url", "content", "media_type"),
    [
        ("data:,a%20b", b"a b", "text/plain"),
        ("data:text/csv;charset=utf-8,%C3%A4", "ä".encode(), "text/csv"),
        ("data:image/PNG;base64,iVBORw==", b"\x89PNG", "image/png"),
        ("data:;base64,iVBORw", b"\x89PNG", "text/plain"),
        ("data:text/plain;base64,aGk%3D", b"hi", "text/plain"),
        ("data:text/plain;base64,_-8=", b"\xff\xef", "text/plain"),
        ("data:text/plain;base64,aG\n k=", b"hi", "text/plain"),
        ("data:text/plain;BASE64,aGk=", b"hi", "text/plain"),
        ("DATA:text/html,<p>,</p>", b"<p>,</p>", "text/html"),
        ("data:text/plain;base64,", b"", "text/plain"),
    ],
)
def test_attachment__decodes(url: str, content: bytes, media_type: str) -> None:
    """Base64 and percent-encoding are decoded as browsers do."""
    attachment = Attachment(name="x", url=url)
    assert (attachment.decode(), attachment.media_type) == (content, media_type)


@pytest.mark.parametrize(
    ("url", "charset"),
    [
        ("data:,a", None),
        ("data:text/csv;base64,YQ==", None),
        ("data:text/csv;charset=UTF-16;base64,YQ==", "utf-16"),
        ('data:text/plain; Charset = "iso-8859-1",a', "iso-8859-1"),
        ("data:;charset=latin1,a", "latin1"),
        ("data:text/plain,a;charset=latin1", None),
        ("data:text/plain;charset=,a", None),
    ],
)
def test_attachment__charset(url: str, charset: str | None) -> None:
    """The encoding is what the head of the data URI names."""
    assert Attachment(name="x", url=url).charset == charset


@given(st.binary(max_size=300))
def test_attachment__base64_round_trip(content: bytes) -> None:
    """Any bytes come out as they went in."""
    url = "data:x/y;base64," + base64.b64encode(content).decode()
    assert Attachment(name="x", url=url).decode() == content


@pytest.mark.parametrize("url", ["data:text/plain;base64", "data:x;base64,a", "data:;base64,ä==="])
def test_attachment__broken(url: str) -> None:
    """A data URI that does not decode is an error that names the attachment."""
    with pytest.raises(InvalidAttachment, match=r"'x\.csv'"):
        Attachment(name="x.csv", url=url).decode()


def test_dispatch__from_repository_dispatch(request_of: RequestOf) -> None:
    """The client_payload is the task, received when it says."""
    sent = Dispatch.of(request_of(), NOW)
    event = {"action": "build-task", "client_payload": sent.to_wire(), "sender": {}}
    assert Dispatch.from_event(json.loads(json.dumps(event)), datetime.now(UTC)) == sent


def test_dispatch__from_workflow_dispatch(request_of: RequestOf) -> None:
    """A request given by hand, its secret included, is received now and loses the secret."""
    request = request_of()
    text = json.dumps(request.to_wire() | {"secret": "hush"})
    task = Dispatch.from_event({"inputs": {"request": text}}, NOW)
    assert task == Dispatch.of(request, NOW)
    assert "hush" not in task.model_dump_json()


@pytest.mark.parametrize(
    ("event", "error"),
    [
        ([], InvalidEvent),
        ({}, InvalidEvent),
        ({"inputs": None}, InvalidEvent),
        ({"inputs": {"request": "{"}}, InvalidEvent),
        ({"inputs": {"request": "{}"}}, InvalidRequest),
        ({"client_payload": None}, InvalidRequest),
        ({"client_payload": {"id": "0" * 16, "task": "t", "round": 1}}, InvalidRequest),
    ],
)
def test_dispatch__unusable_event(event: object, error: type[Exception]) -> None:
    """An event without a task is refused by us, since act hands over any file."""
    with pytest.raises(error):
        Dispatch.from_event(event, NOW)


def test_dispatch__carries_one_request() -> None:
    """Neither a request nor a blob is an error that says so."""
    payload = {"id": "0" * 16, "task": "t", "round": 1, "received_at": "2026-11-23T12:00:00Z"}
    with pytest.raises(InvalidRequest, match="either a request or a blob"):
        Dispatch.from_event({"client_payload": payload}, NOW)


def _payload(request: Request) -> dict[str, Any]:
    """Return the client_payload of a request that is stored, as it comes out of JSON."""
    wire: dict[str, Any] = json.loads(json.dumps(Dispatch.of(request, NOW).stored(BLOB).to_wire()))
    return wire


def test_dispatch__of_a_stored_request_says_whom_to_answer(request_of: RequestOf) -> None:
    """Beside the blob stands what an answer needs, and nothing else of the request."""
    request = request_of()
    payload = _payload(request)
    assert payload["answer_to"] == {
        "email": "ada@example.com",
        "task": "sum-of-rain",
        "round": 1,
        "nonce": "n-4711",
        "evaluation_url": "http://127.0.0.1:9/evaluation",
    }
    assert len(payload) <= 10
    task = Dispatch.from_event({"client_payload": payload}, NOW)
    assert task.addressee().model_dump() == payload["answer_to"]
    with pytest.raises(InvalidEvent, match="was not fetched"):
        task.inline()
    assert task.with_request(request) == Dispatch.of(request, NOW)


def test_dispatch__answers_to_an_inline_request(request_of: RequestOf) -> None:
    """A request that travels in the event says itself whom to answer."""
    request = request_of()
    task = Dispatch.of(request, NOW)
    assert task.addressee() == request
    assert "answer_to" not in task.to_wire()


def test_dispatch__of_an_older_receiver(request_of: RequestOf) -> None:
    """An event without answer_to is a task; that nobody can be answered is said when it matters."""
    payload = _payload(request_of())
    del payload["answer_to"]
    task = Dispatch.from_event({"client_payload": payload}, NOW)
    assert task.with_request(request_of()).addressee() == request_of()
    with pytest.raises(InvalidEvent, match="names nobody of build"):
        task.addressee()


@pytest.mark.parametrize("field", ["email", "task", "nonce"])
def test_dispatch__answers_nobody_of_another_build(request_of: RequestOf, field: str) -> None:
    """What travels beside the blob is used only where it is of the event's build."""
    payload = _payload(request_of())
    payload["answer_to"][field] = "somebody else"
    task = Dispatch.from_event({"client_payload": payload}, NOW)
    with pytest.raises(InvalidEvent, match="names nobody of build"):
        task.addressee()
