"""Which place of a JSON file a brief gives a shape to."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.brief.json_shape import Shape
from builder.brief.json_wording import json_shapes

ID: Shape = {"id": "integer"}


def _shapes(text: str) -> list[Shape]:
    return [shape for _, shape, _ in json_shapes(text)]


@pytest.mark.parametrize(
    "text",
    [
        'Create a.json, a list of {"id": int}, with 2 entries.',
        "`a.json` is an array of objects {id: int}",
        'Create a.json with an array of objects {"id": int}.',
        'a.json: a non-empty list of books with {"id": int}',
        "a.json (a JSON array of 5 countries, each {id: int})",
        "a.json holds a list; each entry is {id: int}",
        "a.json is a list.\nEach element is an object with {id: int}.",
        "Each entry of the list in a.json is {id: int}.",
        "Every item in `a.json` has the fields {id: int}",
        "a.json: each entry is {id: int}",
        'a.json: [{"id": int}, …]',
        "a.json holds [{id: int}, {id: int}]",
        "Each entry in a.json has id as an integer",
        "a.json is a list of people; each has id as an integer",
    ],
)
def test_json_shapes__of_a_list(text: str) -> None:
    """Where the value is a list, the shape is that of each entry."""
    assert _shapes(text) == [[ID]]


@pytest.mark.parametrize(
    "text",
    [
        "a.json: {id: int}",
        "`a.json`: recommend one place, as {id: int}",
        "a.json has this shape:\n```json\n{id: int}\n```",
        "a.json in the form {id: int}",
        "a.json with exactly {id: int}",
        "a.json is an object with {id: int}",
        "a.json with the keys {id: int}, one list per page",
        "Three files, each linked from the page: a.json: {id: int}",
        "a.json has id as an integer",
    ],
)
def test_json_shapes__of_the_whole(text: str) -> None:
    """Without a word on a list or a field the shape is that of the whole value."""
    assert _shapes(text) == [ID]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('a.json with a "theme" string and "limits": {id: int}.', [{"limits": ID}]),
        ('Extend a.json with "case_3": {"id": int} about it', [{"case_3": ID}]),
        ('Add to `a.json` a key "limits": {id: int}.', [{"limits": ID}]),
        ("Add to a.json a key named limits: {id: int}.", [{"limits": ID}]),
        ('Write a.json. Its "meta" is {id: int}.', [{"meta": ID}]),
        ('In a.json, "meta" is an object with {id: int}', [{"meta": ID}]),
        ("a.json: `meta.build` is {id: int}", [{"meta": {"build": ID}}]),
        ('a.json: "a": {id: int}, "b": {n: str}', [{"a": ID}, {"b": {"n": "string"}}]),
        ("a.json has an `items` array of {id: int}", [{"items": [ID]}]),
        ('a.json with "items": a list of {id: int}', [{"items": [ID]}]),
        ('a.json with "items": [{id: int}]', [{"items": [ID]}]),
    ],
)
def test_json_shapes__of_a_field(text: str, expected: list[Shape]) -> None:
    """A field that is named right before the shape holds it."""
    assert _shapes(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "a.json with limits: {id: int}",
        "a.json whose limits are {id: int}",
        "a.json has a limits object {id: int}",
        'In a.json\'s "server" section set "limits": {id: int}',
        'Extend "server" in a.json with "limits": {id: int}',
        'For each city in a.json add "pos": {id: int}',
        'a.json has "limits" with max as an integer',
        "a.json's `rows` are {id: int}",
        "a.json has an items array of {id: int}",
        "a.json is an object with a list of {id: int}",
        'a.json, a list of rows and a "total": {id: int}',
        "a.json: per day {id: int}",
        "Each value in a.json is {id: int}",
        "Each entry in a.json under rows is {id: int}",
        'a.json: {"a": [1 2], "b": {id: int}',
        "a.json like [{id: 1 5}, {b: 2}]",
    ],
)
def test_json_shapes__of_an_open_place(text: str) -> None:
    """Where the place is not plain nothing is asked."""
    assert _shapes(text) == []


def test_json_shapes__belong_to_the_file_before() -> None:
    """Each file has the shapes that follow its name."""
    found = json_shapes('`a.json` with {id: int} and `b.json`, a list of {"n": str}')
    assert [(path, shape) for path, shape, _ in found] == [
        ("a.json", ID),
        ("b.json", [{"n": "string"}]),
    ]


@given(
    st.lists(st.sampled_from([*'a.json {}[]:"`,', "each entry ", "list of ", "a: int", "with "]))
)
def test_json_shapes__never_raises(parts: list[str]) -> None:
    """Whatever is written, shapes or none come back."""
    _shapes("a.json " + "".join(parts))


def test_json_shapes__takes_no_time() -> None:
    """A long brief of odd wording is read in no time."""
    start = time.perf_counter()
    for part in (" ", "-", '"a" ', "list of ", "with a ", "each entry ", "["):
        _shapes("each entry in a.json " + part * 5_000 + "{id: int}")
    assert time.perf_counter() - start < 1
