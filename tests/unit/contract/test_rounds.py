"""Rounds as the app repository remembers them."""

import json

from builder.contract.reading import Reading
from builder.rounds import Base, Round
from builder.verdict import Judgement, Verdict
from tests.conftest import RequestOf

ENTRY = {
    "kind": "JSON shape",
    "path": "a.json",
    "quote": "a list",
    "json_schema": {"enum": [None, 1]},
}

VERIFIED = Judgement(verdict=Verdict.VERIFIED)


def _stored(text: str) -> tuple[Round, ...]:
    return Base.of({".builder/rounds/1.json": text.encode()}).rounds


def test_round__is_read_as_written(request_of: RequestOf) -> None:
    """Reading, verdict and computed files come back with the round."""
    reading = Reading.model_validate_json(json.dumps({"requirements": [ENTRY]}))
    past = Round.of(
        request_of(checks=["js: true", "plain"]), reading, VERIFIED, (), {"a.csv": "00"}
    )
    assert _stored(past.to_json()) == (past,)


def test_round__of_old(request_of: RequestOf) -> None:
    """A file of a release without readings and verdicts still loads."""
    old = json.loads(Round.of(request_of()).to_json())
    assert not {"reading", "judgement"} & old.keys()
    [past] = _stored(json.dumps(old))
    assert (past.reading, past.judgement) == (None, None)
    [past] = _stored(json.dumps(old | {"computed": 3}))
    assert past.computed == {}


def test_round__with_a_reading_that_does_not_parse(request_of: RequestOf) -> None:
    """A reading of another release is dropped; the round stays."""
    wire = json.loads(Round.of(request_of()).to_json())
    readings: list[object] = [3, {"requirements": [{"kind": "of a later release"}]}]
    for reading in readings:
        [past] = _stored(json.dumps({**wire, "reading": reading}))
        assert past.reading is None


def test_round__that_does_not_parse() -> None:
    """What is no round is passed over."""
    for text in ["", "[]", '{"round": "1"}']:
        assert _stored(text) == ()
