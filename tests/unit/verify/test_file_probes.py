"""builder.verify.scenarios.file_probes: expectations on bytes."""

import hashlib
from typing import Any

from builder.verify.scenarios.file_probes import probe
from builder.verify.scenarios.scenario import Outcome, Scenario

FILES = {
    "words.txt": b"eins zwei\ndrei\n",
    "list.json": b'[{"a": 1}]',
    "copy.csv": b"a,b\n",
    "feed.xml": b"<feed><entry/></feed>",
    "bomb.xml": b'<!DOCTYPE b [<!ENTITY a "aa"><!ENTITY c "&a;&a;">]><b>&c;</b>',
}
ATTACHED = {
    name: hashlib.sha256(content).hexdigest()
    for name, content in {"copy.csv": b"a,b\n", "other.csv": b"x"}.items()
}
NUMBERS = {"type": "array", "items": {"properties": {"a": {"type": "number"}}, "required": ["a"]}}


def outcome(**step: Any) -> Outcome:
    fields = {"id": "s1", "requirement": "r", "steps": [step]}
    return probe(Scenario.model_validate(fields), FILES, ATTACHED)


HOLDING: list[dict[str, Any]] = [
    {"do": "expect_file_words", "file": "words.txt", "count": 3},
    {"do": "expect_file_words", "file": "words.txt", "at_least": 2, "at_most": 3},
    {"do": "expect_file_json", "file": "list.json", "json_schema": NUMBERS},
    {"do": "expect_file_json", "file": "words.txt", "not": True},
    {"do": "expect_file_equals", "file": "copy.csv"},
    {"do": "expect_file_equals", "file": "words.txt", "value": "eins zwei\ndrei"},
    {"do": "expect_file_contains", "file": "words.txt", "value": "zwei drei"},
    {"do": "expect_file_xml", "file": "feed.xml"},
]


def test_probe__holds() -> None:
    """What the file is passes."""
    assert [step for step in HOLDING if not outcome(**step).passed] == []


FAILING: list[tuple[dict[str, Any], str]] = [
    ({"do": "expect_file_words", "file": "words.txt", "count": 4}, "3"),
    ({"do": "expect_file_json", "file": "words.txt"}, "Expecting value"),
    (
        {"do": "expect_file_json", "file": "list.json", "json_schema": {"type": "object"}},
        "is not of type 'object'",
    ),
    (
        {"do": "expect_file_equals", "file": "copy.csv", "attachment": "other.csv"},
        "4 other bytes",
    ),
    ({"do": "expect_file_contains", "file": "words.txt", "value": "vier"}, "eins"),
    ({"do": "expect_file_contains", "file": "words.txt", "value": "ei", "not": True}, "eins"),
    ({"do": "expect_file_xml", "file": "copy.csv"}, "syntax error"),
    ({"do": "expect_file_xml", "file": "bomb.xml"}, "entity declarations"),
    ({"do": "expect_file_xml", "file": "gone.xml"}, "no such file"),
]


def test_probe__fails() -> None:
    """What the file is not fails, and tells what is there."""
    for step, seen in FAILING:
        result = outcome(**step)
        assert (result.passed, result.step) == (False, 0)
        assert seen in result.seen


def test_probe__json_that_is_not_compared() -> None:
    """A schema that is not held against a file, or is none, leaves the step untried either way."""
    for schema in ({"items": {"$ref": "#"}}, {"type": "no such type"}):
        for negate in (False, True):
            step = {"do": "expect_file_json", "file": "list.json", "json_schema": schema}
            told = outcome(**step, **{"not": negate})
            assert not told.passed
            assert not told.ran
            assert "list.json not compared: " in told.seen
