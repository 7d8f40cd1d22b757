"""builder.verify.scenarios.scenario: which JSON is a scenario."""

import pytest
from pydantic import ValidationError

from builder.verify.scenarios.scenario import Scenario

EXPECT = {"do": "expect_text", "value": "Milk"}


def scenario(*steps: object, **fields: object) -> Scenario:
    return Scenario.model_validate(
        {"id": "s1", "requirement": "Adds a task", "steps": list(steps)} | fields
    )


def test_scenario__tells_its_steps() -> None:
    """A step is told in words for the repair: action, element, values."""
    target = {"role": "button", "name": "Add"}
    read = scenario({"do": "click", "target": target}, EXPECT)
    assert [str(step) for step in read.steps] == [
        "click role 'button', name 'Add'",
        "expect_text value='Milk'",
    ]


def test_scenario__refuses() -> None:
    """A step that cannot be run as written is refused with the reason."""
    for step, word in [
        ({"do": "click"}, "click needs target"),
        ({"do": "fly"}, "do should be one of"),
        ({"do": "click", "target": {"css": "#a", "text": "b"}}, "expected one of"),
        ({"do": "click", "target": {"name": "Add"}}, "expected one of"),
        ({"do": "expect_count", "target": {"css": "li"}}, "needs count"),
        ({"do": "click", "target": {"css": "#a"}, "force": True}, "Extra inputs"),
        ({"do": "resize", "width": 10**6}, "less than or equal"),
    ]:
        with pytest.raises(ValidationError, match=word):
            scenario(step, EXPECT)


def test_scenario__that_cannot_fail() -> None:
    """Steps without an expectation show nothing."""
    with pytest.raises(ValidationError, match="cannot fail"):
        scenario({"do": "reload"})


def test_scenario__id_is_safe_in_a_file_name() -> None:
    """The id names a picture: nothing in it leads elsewhere."""
    for name in ["../s1", "s 1", "", "s" * 41]:
        with pytest.raises(ValidationError):
            scenario(EXPECT, id=name)


def test_scenario__numbers_as_values() -> None:
    """A model's number is taken for the text that it is typed as; bounds may replace a count."""
    read = scenario(
        {"do": "fill", "target": {"label": "Persons"}, "value": 6},
        {"do": "expect_count", "target": {"css": "li"}, "at_least": 1},
    )
    assert read.steps[0].value == "6"
