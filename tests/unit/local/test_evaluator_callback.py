"""Which callbacks the evaluator takes, and what it keeps."""

import json
from typing import Any

import pytest
from starlette.testclient import TestClient

from builder.request import Request
from local.evaluator.callbacks import Apology, Delivered, Ledger, create_app

REQUEST = Request.from_wire(
    {
        "email": "ada@example.com",
        "task": "t-1",
        "round": 1,
        "nonce": "n-1",
        "brief": "A page.",
        "checks": ["js: true", "in words"],
        "evaluation_url": "http://127.0.0.1:1/evaluation",
    }
)
ECHO = {"email": "ada@example.com", "task": "t-1", "round": 1, "nonce": "n-1"}
SUCCESS = ECHO | {
    "repo_url": "https://github.com/ada/t-1",
    "commit_sha": "a" * 40,
    "pages_url": "https://ada.github.io/t-1/",
    "status": "success",
}
ERROR = ECHO | {"status": "error", "error": "no quota"}


@pytest.fixture
def ledger() -> Ledger:
    ledger = Ledger()
    ledger.note_sent(REQUEST)
    return ledger


@pytest.mark.parametrize("body", [SUCCESS, ERROR, SUCCESS | {"extra": 1}])
def test_ledger__takes_both_forms(ledger: Ledger, body: dict[str, Any]) -> None:
    """A callback that echoes a request sent is taken."""
    assert ledger.receive(body) is None
    assert ledger.answer_to(REQUEST) is not None


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"email": "ADA@example.com"}, "email"),
        ({"task": "t-2"}, "task"),
        ({"round": 2}, "round"),
        ({"nonce": "n-1 "}, "nonce"),
        ({"round": "1"}, "round"),
        ({"round": True}, "round"),
        ({"round": 1.0}, "round"),
        ({"repo_url": "github.com/ada/t-1"}, "repo_url"),
        ({"commit_sha": "main"}, "commit_sha"),
        ({"pages_url": None}, "pages_url"),
        ({"status": "done"}, "status"),
        ({"status": "error"}, "error"),
        ({"status": "error", "error": " "}, "error"),
    ],
)
def test_ledger__refuses_what_differs(ledger: Ledger, change: dict[str, Any], reason: str) -> None:
    """A field that is not exactly as sent, or missing, is named in the refusal."""
    assert reason in str(ledger.receive(SUCCESS | change))
    assert ledger.answer_to(REQUEST) is None


@pytest.mark.parametrize("name", SUCCESS)
def test_ledger__wants_every_field(ledger: Ledger, name: str) -> None:
    """No field of the success form may be left out."""
    body = {key: value for key, value in SUCCESS.items() if key != name}
    assert name in str(ledger.receive(body))


def test_ledger__takes_nothing_before_it_sent() -> None:
    """A callback is refused where no request was sent."""
    assert Ledger().receive(SUCCESS) == "no request was sent"


def test_ledger__tells_the_newest_answer_since_the_sending(ledger: Ledger) -> None:
    """An error that is followed by a success counts as a success; older answers can be left out."""
    ledger.receive(ERROR)
    ledger.receive(SUCCESS)
    assert isinstance(ledger.answer_to(REQUEST), Delivered)
    assert ledger.note_sent(REQUEST) == 2
    assert ledger.answer_to(REQUEST, after=2) is None
    ledger.receive(ERROR)
    assert isinstance(ledger.answer_to(REQUEST, after=2), Apology)


def test_app__answers_200_or_400_with_the_reason(ledger: Ledger) -> None:
    """The evaluation URL says why it refuses."""
    http = TestClient(create_app(ledger))
    taken = http.post("/evaluation", json=SUCCESS)
    refused = http.post("/evaluation", json=SUCCESS | {"nonce": "other"})
    assert (taken.status_code, refused.status_code) == (200, 400)
    assert "nonce" in refused.json()["error"]


ODD = (b"", b"{", b"[]", b"null", b"\xff", b"[" * 100_000, b'{"round": NaN}')


@pytest.mark.parametrize("body", [*ODD, json.dumps({"task": "\ud800"}).encode()])
def test_app__bears_any_body(ledger: Ledger, body: bytes) -> None:
    """What is no callback is a 400."""
    http = TestClient(create_app(ledger))
    assert http.post("/evaluation", content=body).status_code == 400
    assert len(ledger.entries) == 1
