"""JSON against a schema that a model wrote."""

import json
import time
from typing import Any

import pytest

from builder.contract.shapes import MAX_MISMATCHES, NotCompared, fault, mismatches

ROWS = {
    "type": "array",
    "minItems": 1,
    "items": {
        "type": "object",
        "required": ["id", "name"],
        "properties": {"id": {"type": "integer"}, "name": {"type": "string"}},
    },
}

HARD = json.dumps({"a": "a" * 40 + "!", "a" * 40 + "!": 1}).encode()
"""A text, and a name, that a hostile pattern takes for ever on."""
MANY = json.dumps(["x" * 1000] * 10_000).encode()
COSTLY = {"items": {"anyOf": [{"const": number} for number in range(300)]}}


def _where(value: object, schema: Any) -> list[str]:
    return [where for where, _ in mismatches(json.dumps(value).encode(), schema)]


def test_mismatches__of_a_value() -> None:
    """Each place that does not fit is named; types are strict."""
    for fitting in ([{"id": 1, "name": "a"}], [{"id": 1, "name": "a", "more": None}]):
        assert _where(fitting, ROWS) == []
    assert _where([], ROWS) == _where({}, ROWS) == ["the value"]
    assert _where([{"id": 1}], ROWS) == ["[0]"]
    unique = {"uniqueItems": True, "contains": {"const": 4}, "items": {"multipleOf": 2}}
    assert [_where(value, unique) for value in ([2, 4], [4, 4], [2, 6], [4, 5])] == [
        *([], ["the value"], ["the value"], ["[1]"]),
    ]
    rows = [{"id": 1, "name": "a"}, {"id": "2", "name": 3}, {"id": True, "name": ""}]
    assert _where(rows, ROWS) == ["[1].id", "[1].name", "[2].id"]


DEEP: dict[str, Any] = {}
for _ in range(400):
    DEEP = {"items": DEEP}


MALFORMED: list[dict[str, Any]] = [
    *({"type": "no such type"}, {"properties": ["a"]}, {"required": "name"}, {"anyOf": "x"}),
    {"items": {"properties": {"a": {"type": "list"}}}},
    *({"enum": ["x" * 10_000]}, DEEP),
]


def test_fault__of_a_schema_that_is_none() -> None:
    """A malformed schema, one that is too long and one too deep are told, in a short line."""
    assert [schema for schema in MALFORMED if not 0 < len(fault(schema) or "") < 200] == []


@pytest.mark.parametrize(
    ("content", "schema", "why"),
    [
        (b'{"a": 1}', {"$ref": "http://127.0.0.1:9/schema.json"}, r"the schema uses \$ref"),
        (b'{"a": 1}', {"properties": {"a": {"$ref": "#"}}}, r"the schema uses \$ref"),
        (HARD, {"properties": {"a": {"pattern": "(a+)+$"}}}, "uses pattern"),
        (HARD, {"patternProperties": {"(a+)+$": {"type": "null"}}}, "uses patternProperties"),
        (
            HARD,
            {"additionalProperties": False, "patternProperties": {"(a+)+$": {}}},
            "uses pattern",
        ),
        (HARD, {"type": ["no such type"]}, "UnknownType"),
        (MANY, COSTLY, "bytes are too much for this schema"),
        (b"[" * 100_000, {}, "RecursionError"),
        (json.dumps([{}] * 501).encode(), {"uniqueItems": True}, "uniqueItems for a long list"),
        (b"", {}, "JSONDecodeError"),
    ],
)
def test_mismatches__what_is_not_compared_is_told(
    content: bytes, schema: dict[str, Any], why: str
) -> None:
    """Nothing is fetched, no pattern is run, no huge file looked at; and that is no silence."""
    start = time.process_time()
    with pytest.raises(NotCompared, match=why):
        list(mismatches(content, schema))
    assert time.process_time() - start < 0.5


def test_mismatches__are_bounded() -> None:
    """A few of many mistakes are told, each in a short line; what takes too many steps is not
    compared, an array of thousands of records is."""
    found = list(mismatches(MANY, {"items": {"type": "null"}}))
    assert len(found) == MAX_MISMATCHES
    assert all(len(wrong) < 200 for _, wrong in found)
    with pytest.raises(NotCompared, match="more than 500,000 steps"):
        list(mismatches(json.dumps([299] * 20_000).encode(), COSTLY))
    assert _where([{"id": 1, "name": "a"}] * 20_000, ROWS) == []


def test_mismatches__a_keyword_that_does_not_matter_here() -> None:
    """A keyword that is not held against files stands in the way only where it is reached."""
    schema = {"properties": {"a": {"pattern": "^x"}, "b": {"type": "string", "format": "date"}}}
    assert _where({"b": "2026-11-25"}, schema) == []
    assert _where({"b": 3}, schema) == ["b"]
