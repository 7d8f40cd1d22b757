"""JSON against a schema that a model wrote."""

import json
import time
from typing import Any

import pytest

from builder.contract.shapes import MAX_MISMATCHES, mismatches

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


@pytest.mark.parametrize(
    ("value", "where"),
    [
        ([{"id": 1, "name": "a"}], []),
        ([{"id": 1, "name": "a", "more": None}], []),
        ([], ["the value"]),
        ({}, ["the value"]),
        ([{"id": 1}], ["[0]"]),
        ([{"id": 1, "name": "a"}, {"id": "2", "name": 3}], ["[1].id", "[1].name"]),
        ([{"id": 1.0, "name": "a"}], ["[0].id"]),
        ([{"id": True, "name": "a"}], ["[0].id"]),
    ],
)
def test_mismatches__of_a_value(value: object, where: list[str]) -> None:
    """Each place that does not fit is named; types are strict."""
    assert _where(value, ROWS) == where


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "no such type"},
        {"type": 3},
        {"properties": ["a"]},
        {"required": 3, "items": 3},
        {"anyOf": "x"},
        {"$ref": "http://127.0.0.1:9/schema.json"},
        {"$ref": "#"},
        {"properties": {"a": {"pattern": "(a+)+$"}}},
    ],
)
def test_mismatches__of_a_schema_that_is_none(schema: Any) -> None:
    """A malformed schema says nothing; nothing is fetched, and no pattern is run."""
    start = time.process_time()
    assert _where({"a": "a" * 40 + "!"}, schema) == []
    assert time.process_time() - start < 0.5


def test_mismatches__are_bounded() -> None:
    """A few of many mistakes are told, each in a short line; what is no JSON is told elsewhere."""
    found = list(
        mismatches(json.dumps(["x" * 1000] * 50_000).encode(), {"items": {"type": "null"}})
    )
    assert len(found) == MAX_MISMATCHES
    assert all(len(fault) < 200 for _, fault in found)
    assert list(mismatches(b"[" * 100_000, ROWS)) == list(mismatches(b"", ROWS)) == []
