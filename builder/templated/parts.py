"""The parts that a page is put together from. Each is bound to the element id that holds it."""

from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass
from typing import ClassVar, Literal

from builder.brief.prose import plural
from builder.files.tabular import Operation

Form = Literal["bars", "table", "list", "canvas"]
Chart = Literal["bar", "line", "pie", "doughnut"]
Side = Literal["both", "width", "height"]
Unit = Literal["words", "lines", "characters"]

OPERATION_WORDS: dict[Operation, str] = {
    "sum": "sum of",
    "mean": "average",
    "median": "median",
    "min": "lowest",
    "max": "highest",
}


@dataclass(frozen=True, kw_only=True)
class Part(ABC):
    """Something that the page shows inside of the element `id`, made from `file`."""

    kind: ClassVar[str]
    is_compact: ClassVar[bool] = False
    """A short value that stands in a row with others."""
    id: str
    label: str
    file: str = ""

    def plan(self) -> dict[str, object]:
        """Return what the page's script is told of this part."""
        return {"kind": self.kind, **asdict(self)}

    @abstractmethod
    def described(self) -> str:
        """Say in the README's words what this part shows."""


@dataclass(frozen=True, kw_only=True)
class Figure(Part):
    """One number over a column, or over the rows."""

    kind: ClassVar[str] = "figure"
    is_compact: ClassVar[bool] = True
    operation: Operation
    column: str | None = None
    digits: int | None = None
    separated: bool = False

    def described(self) -> str:
        """Say what is shown."""
        return f"{measure(self.operation, self.column)} in `{self.file}`"


@dataclass(frozen=True, kw_only=True)
class Extreme(Part):
    """The cell of `wanted` in the row where `column` is lowest or highest."""

    kind: ClassVar[str] = "extreme"
    is_compact: ClassVar[bool] = True
    operation: Operation
    column: str
    wanted: str

    def described(self) -> str:
        """Say what is shown."""
        words = OPERATION_WORDS[self.operation]
        return f"the {self.wanted} with the {words} {self.column} in `{self.file}`"


@dataclass(frozen=True, kw_only=True)
class Groups(Part):
    """A figure for each value of a column, as bars, a table, a list or a drawn chart."""

    kind: ClassVar[str] = "groups"
    operation: Operation
    column: str | None
    by: str
    form: Form
    item_class: str = "bar"
    attribute: str = "total"
    digits: int | None = None
    chart: Chart = "bar"
    wrapped: bool = False
    """The id goes to an element around the table."""

    def described(self) -> str:
        """Say what is shown."""
        form = {"bars": "bar chart", "canvas": "chart"}.get(self.form, self.form)
        return f"a {form} of {measure(self.operation, self.column)} by {self.by} in `{self.file}`"


@dataclass(frozen=True, kw_only=True)
class Rows(Part):
    """The rows of a file, at most `limit` of them."""

    kind: ClassVar[str] = "rows"
    columns: tuple[str, ...]
    limit: int
    form: Literal["table", "list"] = "table"
    wrapped: bool = False
    """The id goes to an element around the table."""

    def described(self) -> str:
        """Say what is shown."""
        return f"a {self.form} of the rows of `{self.file}`"


@dataclass(frozen=True, kw_only=True)
class Filter(Part):
    """A choice among the values of a column; what is made from the same file follows it."""

    kind: ClassVar[str] = "filter"
    column: str

    def described(self) -> str:
        """Say what is shown."""
        return f"a choice of {self.column} that the figures from `{self.file}` follow"


@dataclass(frozen=True, kw_only=True)
class Markdown(Part):
    """A Markdown file, rendered."""

    kind: ClassVar[str] = "markdown"

    def described(self) -> str:
        """Say what is shown."""
        return f"`{self.file}`, rendered from Markdown"


@dataclass(frozen=True, kw_only=True)
class Raw(Part):
    """A text file as it is; JSON is indented."""

    kind: ClassVar[str] = "raw"

    def described(self) -> str:
        """Say what is shown."""
        return f"the text of `{self.file}`"


@dataclass(frozen=True, kw_only=True)
class TextCount(Part):
    """How many words, lines or characters a text has."""

    kind: ClassVar[str] = "textCount"
    is_compact: ClassVar[bool] = True
    unit: Unit
    separated: bool = False

    def described(self) -> str:
        """Say what is shown."""
        return f"the number of {self.unit} in `{self.file}`"


@dataclass(frozen=True, kw_only=True)
class Field(Part):
    """One value of a JSON object; `path` holds the keys that lead to it."""

    kind: ClassVar[str] = "field"
    is_compact: ClassVar[bool] = True
    path: tuple[str, ...]

    def described(self) -> str:
        """Say what is shown."""
        return f"`{'.'.join(self.path)}` of `{self.file}`"


@dataclass(frozen=True, kw_only=True)
class Picture(Part):
    """A picture, as large as the window allows."""

    kind: ClassVar[str] = "picture"
    wrapped: bool = False
    """The id goes to an element around the picture."""

    def described(self) -> str:
        """Say what is shown."""
        return f"the picture `{self.file}`"


@dataclass(frozen=True, kw_only=True)
class PictureSize(Part):
    """The natural size of a picture as `WIDTHxHEIGHT`, or one side of it."""

    kind: ClassVar[str] = "pictureSize"
    is_compact: ClassVar[bool] = True
    side: Side = "both"

    def described(self) -> str:
        """Say what is shown."""
        side = "size" if self.side == "both" else self.side
        return f"the natural {side} of `{self.file}`"


@dataclass(frozen=True, kw_only=True)
class SourceName(Part):
    """The name of the file, or the address, that is in use."""

    kind: ClassVar[str] = "sourceName"
    is_compact: ClassVar[bool] = True

    def described(self) -> str:
        """Say what is shown."""
        return "the name of the source in use"


@dataclass(frozen=True, kw_only=True)
class Words(Part):
    """A text that the brief gives word for word."""

    kind: ClassVar[str] = "text"
    text: str
    element: str = "p"

    def described(self) -> str:
        """Say what is shown."""
        return f"the text “{self.text}”"


@dataclass(frozen=True, kw_only=True)
class Blank(Part):
    """An element that the brief names and no rule fills: it stays empty, and the page says so."""

    kind: ClassVar[str] = "blank"
    asked: str = ""
    is_named: bool = True
    """The brief names the element."""

    def described(self) -> str:
        """Say what is shown."""
        return self.asked or f"what `#{self.id}` is to hold"


def measure(operation: Operation, column: str | None) -> str:
    """Return a figure in words: `the average price`, `the number of cities`."""
    if operation == "count" or column is None:
        return "the number of rows"
    if operation == "distinct":
        return f"the number of {plural(column)}"
    return f"the {OPERATION_WORDS[operation]} {column}"
