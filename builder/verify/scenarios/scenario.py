"""A scenario as JSON: a requirement, and the steps that test it on the page or its files."""

from collections.abc import Mapping
from typing import Any, Self

from pydantic import BaseModel, Field, model_validator

MAX_STEPS = 40
MAX_TEXT = 5_000
"""Characters of a value or an expectation."""


class Target(BaseModel, frozen=True, extra="forbid"):
    """An element: by role and name, label, placeholder, text, test id, or CSS."""

    role: str | None = None
    name: str | None = None
    label: str | None = None
    placeholder: str | None = None
    text: str | None = None
    test_id: str | None = None
    css: str | None = None
    within: str | None = None
    """A CSS selector for the part of the page to search in."""
    nth: int | None = None
    """Which of several matches, from 0; -1 is the last."""

    @model_validator(mode="after")
    def _names_an_element(self) -> Self:
        ways = (self.role, self.label, self.placeholder, self.text, self.test_id, self.css)
        if sum(way is not None for way in ways) != 1:
            raise ValueError("expected one of role, label, placeholder, text, test_id, css")
        return self

    def __str__(self) -> str:
        return ", ".join(f"{key} {value!r}" for key, value in self.model_dump().items() if value)


class Unmet(Exception):
    """An expectation that does not hold; `seen` says what is there instead."""

    def __init__(self, expected: str, seen: str) -> None:
        super().__init__(expected)
        self.expected = expected
        self.seen = seen


NEEDS: Mapping[str, tuple[str, ...]] = {
    "goto": ("value",),
    "fill": ("target", "value"),
    "click": ("target",),
    "dblclick": ("target",),
    "hover": ("target",),
    "press": ("value",),
    "select": ("target", "value"),
    "check": ("target",),
    "drag": ("target", "to"),
    "upload": ("target", "file"),
    "answer_dialog": (),
    "resize": ("width",),
    "reload": (),
    "wait_for": ("target",),
    "expect_text": ("value",),
    "expect_count": ("target", "count"),
    "expect_value": ("target", "value"),
    "expect_attribute": ("target", "attribute"),
    "expect_visible": ("target",),
    "expect_download": (),
    "expect_js": ("value",),
    "expect_file_words": ("file",),
    "expect_file_json": ("file",),
    "expect_file_equals": ("file",),
    "expect_file_contains": ("file", "value"),
    "expect_file_xml": ("file",),
}
"""What a step may do or expect, and the fields that it must have for that."""


class Step(BaseModel, frozen=True, extra="forbid", populate_by_name=True):
    """One step; `do` is a key of `NEEDS`."""

    do: str
    target: Target | None = None
    to: Target | None = None
    value: str | None = Field(default=None, max_length=MAX_TEXT)
    exact: bool = False
    """For a text or value: equal to `value`, rather than containing it."""
    negate: bool = Field(default=False, alias="not")
    """Expect the opposite."""
    count: int | None = None
    at_least: int | None = None
    at_most: int | None = None
    attribute: str | None = None
    checked: bool = True
    accept: bool = True
    """For a dialog: OK rather than Cancel; `value` answers a prompt."""
    width: int | None = Field(default=None, ge=200, le=4_000)
    height: int = Field(default=800, ge=200, le=4_000)
    file: str | None = None
    attachment: str | None = None
    """The attachment that a file should equal; by default the one of the same name."""
    json_schema: dict[str, Any] | None = None

    @property
    def is_file_probe(self) -> bool:
        """Whether it is evaluated on the bytes of a file, without the page."""
        return self.do.startswith("expect_file_")

    @property
    def amount(self) -> str:
        """The count that is expected, in words."""
        if self.count is not None:
            return f"exactly {self.count}"
        bounds = {"at least": self.at_least, "at most": self.at_most}
        return ", ".join(f"{word} {n}" for word, n in bounds.items() if n is not None)

    def allows(self, count: int) -> bool:
        if self.count is not None:
            return count == self.count
        return (self.at_least or 0) <= count <= (count if self.at_most is None else self.at_most)

    def require(self, held: bool, expected: str, seen: object) -> None:
        """Raise Unmet unless the expectation held, or did not where the opposite is expected."""
        if held is self.negate:
            raise Unmet(f"{'not ' if self.negate else ''}{expected}", str(seen))

    @model_validator(mode="before")
    @classmethod
    def _numbers_are_texts(cls, fields: Any) -> Any:
        """Accept `"value": 3` for `"value": "3"`: models write both."""
        if isinstance(fields, dict) and isinstance(fields.get("value"), int | float):
            return fields | {"value": str(fields["value"])}
        return fields

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.do not in NEEDS:
            raise ValueError(f"do should be one of {', '.join(NEEDS)}")
        missing = [name for name in NEEDS[self.do] if getattr(self, name) is None]
        if missing == ["count"] and (self.at_least, self.at_most) != (None, None):
            missing = []
        if missing:
            raise ValueError(f"{self.do} needs {', '.join(missing)}")
        return self

    def __str__(self) -> str:
        fields = self.model_dump(
            exclude_defaults=True, by_alias=True, exclude={"do", "target", "to"}
        )
        parts = [self.do]
        parts += [str(self.target)] if self.target else []
        parts += [f"to {self.to}"] if self.to else []
        return " ".join([*parts, *(f"{key}={value!r}" for key, value in fields.items())])


class Scenario(BaseModel, frozen=True):
    """A test of a requirement on this page; `id` names it in findings and disputes."""

    id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$")
    requirement: str = Field(min_length=1, max_length=MAX_TEXT)
    """The words of the request that it stands for."""
    steps: tuple[Step, ...] = Field(min_length=1, max_length=MAX_STEPS)

    @model_validator(mode="after")
    def _expects_something(self) -> Self:
        if not any(step.do.startswith(("expect_", "wait_for")) for step in self.steps):
            raise ValueError("a scenario without an expect step cannot fail")
        return self

    @property
    def is_about_files(self) -> bool:
        """Whether it needs no page."""
        return all(step.is_file_probe for step in self.steps)


class Outcome(BaseModel, frozen=True):
    """The outcome of a scenario."""

    id: str
    passed: bool
    step: int | None = None
    """The failed step, from 0; None if it passed or never ran."""
    expected: str = ""
    seen: str = ""
    errors: tuple[str, ...] = ()
    """Errors that the page threw meanwhile."""
    html: str = ""
    """The HTML around the element of the failed step."""
    ran: bool = True
    """False if time was up before it began."""
    screenshot: str | None = None
    """The file name of the screenshot of the last state."""
