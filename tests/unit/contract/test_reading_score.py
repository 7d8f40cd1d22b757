"""The score on labelled requests that neither reader had seen: patterns (deleted) and a model.

The replies were given by models that saw nothing but the product's prompts; they are recorded word
for word. Of the patterns their verdicts were recorded before they were deleted.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from builder.contract.contract import Contract
from builder.contract.reader import read_request
from builder.contract.reading import Reading
from builder.contract.shapes import mismatches
from builder.errors import NoModelAnswered
from builder.llm.messages import Reply
from tests.unit.contract.labelled import CASES, FOLDER, labelled, score, verdict

REPLIES: dict[str, str] = json.loads((FOLDER / "recorded_replies.json").read_text("utf-8"))
PATTERNS = json.loads((FOLDER / "pattern_reader_verdicts.json").read_text("utf-8"))


def _reading(case: Mapping[str, Any]) -> Reading:
    """Return what the recorded reply of a case says; there is none to a second question."""
    replies = iter([REPLIES[case["id"]]])

    def ask(_: object, __: float) -> Reply:
        for text in replies:
            return Reply(text, model="recorded", seconds=1)
        raise NoModelAnswered([("recorded", "no second reply")])

    reading = read_request(*labelled(case), ask, 60)
    assert reading is not None, "the reply cannot be read"
    return reading


@pytest.fixture(scope="module")
def readings() -> dict[str, Reading]:
    return {case["id"]: _reading(case) for case in CASES}


@pytest.fixture(scope="module")
def contracts(readings: Mapping[str, Reading]) -> dict[str, Contract]:
    return {case["id"]: Contract.of(*labelled(case), readings[case["id"]]) for case in CASES}


def test_score__of_the_patterns() -> None:
    """The patterns enforced a wrong verdict on every sixth file and missed two in five."""
    assert score(PATTERNS) == {"right": 51, "wrong": 21, "missed": 52}


def test_score__of_the_model(contracts: Mapping[str, Contract]) -> None:
    """The reading is right on every file."""
    verdicts = {
        case["id"]: {name: verdict(contracts[case["id"]], name) for name in case["names"]}
        for case in CASES
    }
    assert score(verdicts) == {"right": 124}


def test_score__of_json_shapes(contracts: Mapping[str, Contract]) -> None:
    """Values that fit the request are accepted, others are refused."""
    outcomes = Counter(outcome for case in CASES for outcome in _shapes(case, contracts))
    assert outcomes == {"right": 4}


def _shapes(case: Mapping[str, Any], contracts: Mapping[str, Contract]) -> Iterator[str]:
    shapes = {shape.path: shape.schema for shape in contracts[case["id"]].json_shapes}
    for path, values in case.get("json", {}).items():
        fits = {
            kind: [not any(_faults(value, shapes.get(path, {}))) for value in values[kind]]
            for kind in ("valid", "invalid")
        }
        yield "wrong" if not all(fits["valid"]) else "missed" if any(fits["invalid"]) else "right"


def _faults(value: object, schema: Mapping[str, Any]) -> Iterator[object]:
    return mismatches(json.dumps(value).encode(), schema)


def test_score__of_changes(readings: Mapping[str, Reading]) -> None:
    """What a later round changes is named, what it only adds to is not."""
    labels = {case["id"]: set(case["retired"]) for case in CASES if "retired" in case}
    said = {name: {change.earlier for change in readings[name].changes} for name in labels}
    assert said == labels
