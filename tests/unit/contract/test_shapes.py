"""JSON against a schema that a model wrote."""

import json
import time
from typing import Any

import pytest

from builder.contract.shapes import MAX_MISMATCHES, fault, mismatches

ROWS = {
    "type": "array",
    "minItems": 1,
    "items": {
        "type": "object",
        "required": ["id", "name"],
        "properties": {"id": {"type": "integer"}, "name": {"type": "string"}},
    },
}


def _where(value: object, schema: Any) -> list[str]:
    return [where for where, _ in mismatches(json.dumps(value).encode(), schema)]


def test_mismatches__of_a_value() -> None:
    """Each place that does not fit is named; types are strict."""
    for fitting in ([{"id": 1, "name": "a"}], [{"id": 1, "name": "a", "more": None}]):
        assert _where(fitting, ROWS) == []
    assert _where([], ROWS) == _where({}, ROWS) == ["the value"]
    assert _where([{"id": 1}], ROWS) == ["[0]"]
    rows = [{"id": 1, "name": "a"}, {"id": "2", "name": 3}, {"id": True, "name": ""}]
    assert _where(rows, ROWS) == ["[1].id", "[1].name", "[2].id"]


DEEP: dict[str, Any] = {}
for _ in range(400):
    DEEP = {"items": DEEP}


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "no such type"},
        {"properties": ["a"]},
        {"required": "name"},
        {"anyOf": "x"},
        {"items": {"properties": {"a": {"type": "list"}}}},
        {"enum": ["x" * 10_000]},
        DEEP,
    ],
)
def test_fault__of_a_schema_that_is_none(schema: dict[str, Any]) -> None:
    """A malformed schema, one that is too long and one too deep are told, in a short line."""
    assert 0 < len(fault(schema) or "") < 200


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "http://127.0.0.1:9/schema.json"},
        {"properties": {"a": {"$ref": "#"}}},
        {"properties": {"a": {"pattern": "(a+)+$"}}},
        {"patternProperties": {"(a+)+$": {"type": "null"}}},
    ],
)
def test_mismatches__nothing_is_fetched_and_no_pattern_is_run(schema: dict[str, Any]) -> None:
    """Keywords that lead elsewhere or take for ever are passed over."""
    assert fault(schema) is None
    start = time.process_time()
    assert _where({"a": "a" * 40 + "!"}, schema) == []
    assert time.process_time() - start < 0.5


def test_mismatches__are_bounded() -> None:
    """A few of many mistakes are told, each in a short line, and a huge file is not looked at;
    what is no JSON is told elsewhere."""
    many = json.dumps(["x" * 1000] * 10_000).encode()
    found = list(mismatches(many, {"items": {"type": "null"}}))
    assert len(found) == MAX_MISMATCHES
    assert all(len(wrong) < 200 for _, wrong in found)
    costly = {"items": {"anyOf": [{"const": number} for number in range(300)]}}
    assert list(mismatches(many, costly)) == []
    assert list(mismatches(b"[" * 100_000, ROWS)) == list(mismatches(b"", ROWS)) == []
