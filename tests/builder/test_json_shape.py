"""Shapes of JSON that briefs name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.brief.json_shape import Shape, field_as_type, mismatches, shapes


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{a: str, b: {c: int}}", [{"a": "string", "b": {"c": "integer"}}]),
        ('with {"a": "number", \'b\': [bool], ...}', [{"a": "number", "b": ["boolean"]}]),
        ("{a?: str, b: int | null, c: [{d: float}, …]}", [{"b": "any", "c": [{"d": "number"}]}]),
        ("{people: 2}", [{"people": "any"}]),
        ('[{"id": int}] or {n: [str]}', [[{"id": "integer"}], {"n": ["string"]}]),
        ("[{a: int}, {a: int}] in [x]", [[{"a": "integer"}]]),
        ("{name}.json and {} and { a", []),
        ("function() { return x; }", []),
        ("{" * 2000, []),
    ],
)
def test_shapes__reads_fields_in_braces(text: str, expected: list[Shape]) -> None:
    """Braces with fields and types are a shape, other braces are not."""
    assert [found.shape for found in shapes(text)] == expected


@given(st.text(alphabet="{}[]:,?|ab \"'…"))
def test_shapes__never_raises(text: str) -> None:
    """Whatever stands in braces, a list comes back."""
    shapes(text)


def test_field_as_type__reads_a_check() -> None:
    """`has … as a number` names a field and its type; other words do not."""
    found = field_as_type("x.json has guests as a number")
    assert found is not None
    assert found.shape == {"guests": "number"}
    assert field_as_type("x.json has guests as a surprise") is None


@pytest.mark.parametrize(
    ("value", "kind", "fits"),
    [
        (1, "integer", True),
        (1.0, "integer", False),
        (True, "integer", False),
        ("1", "number", False),
        (1, "number", True),
        (1.5, "number", True),
        (False, "boolean", True),
        (None, "null", True),
        (None, "string", False),
        ([], "array", True),
        ({}, "any", True),
    ],
)
def test_mismatches__is_strict(value: object, kind: str, fits: bool) -> None:
    """A type is that of JSON, not what could be made of the value."""
    assert (not list(mismatches({"a": value}, {"a": kind}))) is fits


def test_mismatches__says_where() -> None:
    """Each mismatch names its place, what was expected and what is there."""
    found = mismatches({"a": [{"b": 1}, {"b": "x"}]}, {"a": [{"b": "integer"}], "c": "any"})
    assert list(found) == [("a[1].b", "type integer", '"x"'), ("c", "the field", "no such field")]
