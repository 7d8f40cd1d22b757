"""Which callbacks the evaluator takes, and what it keeps."""

import json
from typing import Any

import pytest
from starlette.testclient import TestClient

from builder.request import Request
from local.evaluator.callbacks import Apology, Delivered, Ledger, create_app

ECHO: dict[str, Any] = {"email": "ada@example.com", "task": "t-1", "round": 1, "nonce": "n-1"}
URL = "http://127.0.0.1:1/evaluation"
REQUEST = Request.from_wire(ECHO | {"brief": "A page.", "evaluation_url": URL})
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


CHANGES: list[dict[str, Any]] = [
    *({"email": "ADA@example.com"}, {"task": "t-2"}, {"nonce": "n-1 "}),
    *({"round": 2}, {"round": "1"}, {"round": True}),
    *({"repo_url": "github.com/ada/t-1"}, {"commit_sha": "main"}, {"pages_url": None}),
    *({"status": "done"}, {"error": " ", "status": "error"}),
]


def test_ledger__refuses_what_differs(ledger: Ledger) -> None:
    """A field that is not exactly as sent, or has another form, is named in the refusal."""
    for change in CHANGES:
        assert next(iter(change)) in str(ledger.receive(SUCCESS | change))
    assert ledger.answer_to(REQUEST) is None


def test_ledger__wants_every_field(ledger: Ledger) -> None:
    """No field of the success form may be left out; more may be there."""
    for name in SUCCESS:
        body = {key: value for key, value in SUCCESS.items() if key != name}
        assert name in str(ledger.receive(body))
    assert ledger.receive(SUCCESS | {"extra": 1}) is None
    assert "no request was sent" in str(Ledger().receive(SUCCESS))


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
    """The evaluation URL says why it refuses, and bears any body."""
    http = TestClient(create_app(ledger))
    assert http.post("/evaluation", json=SUCCESS).status_code == 200
    refused = http.post("/evaluation", json=SUCCESS | {"nonce": "other"})
    assert (refused.status_code, "nonce" in refused.json()["error"]) == (400, True)
    lone = json.dumps({"task": "\ud800"}).encode()
    for body in (b"", b"{", b"[]", b"null", b"\xff", b"[" * 100_000, b'{"round": NaN}', lone):
        assert http.post("/evaluation", content=body).status_code == 400
    assert len(ledger.entries) == 10
