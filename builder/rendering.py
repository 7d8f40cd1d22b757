"""Renders the files below `templates/` with jinja2."""

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).resolve().parents[1] / "templates"
"""Beside the package, in a checkout and in a wheel."""


def render(template: str, **values: object) -> str:
    """Return the text of a template, named by its path below `templates/`.

    HTML is escaped, and a missing value is an error.
    """
    return environment(TEMPLATES).get_template(template).render(values)


@cache
def environment(folder: Path) -> "Environment":
    """Return the environment of a folder; there is one, since it caches compiled templates."""
    # Imported late: most stages render nothing.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

    made = Environment(
        loader=FileSystemLoader(folder),
        undefined=StrictUndefined,
        autoescape=select_autoescape(("html", "html.j2"), default=False),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters |= {"literal": literal, "literal_code": literal_code, "quote": quote}
    made.globals |= {"fence": fence, "one_line": one_line}
    return made


def literal(text: object) -> str:
    """Return text as one line that Markdown shows literally."""
    line = " ".join(str(text).split())
    escaped = re.sub(r"([\\`*_{}\[\]<>|~&!@])", r"\\\1", line)
    return re.sub(r"^(\d*)([-+=#.)])", r"\1\\\2", escaped)


def literal_code(text: object) -> str:
    """Return text that can go between backticks, also in a table."""
    return " ".join(str(text).replace("`", " ").replace("|", " ").split())


def quote(text: object) -> str:
    """Return text as a literal Markdown quotation."""
    lines = (literal(line) for line in str(text).strip().splitlines())
    return "\n".join(f"> {line}".rstrip() + ("  " if line else "") for line in lines)


def fence(text: str, language: str = "") -> str:
    """Return `text` between fences longer than any run of backticks in it."""
    longest = max(map(len, re.findall(r"`+", text)), default=0)
    marks = "`" * max(3, longest + 1)
    return f"{marks}{language}\n{text.rstrip()}\n{marks}"


def one_line(text: str) -> str:
    """Return `text` for a line of its own: without backticks and line ends."""
    return " ".join(text.replace("`", "'").split())
