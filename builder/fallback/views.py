"""The attachments as parts of a page, each shown according to its format."""

import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Literal
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from builder.fallback.expectations import Expectation
from builder.files import tables
from builder.files.decoding import decoded
from builder.files.formats import dimensions, is_picture
from builder.files.tables import Table

MAX_ROWS = 1_000
"""Rows of a table on the page."""
MAX_CHARACTERS = 200_000
"""Characters of a text on the page."""
MAX_PAGE = 2_000_000
"""Characters of all texts on the page, about."""
_MARKDOWN = (".md", ".markdown")
_JSON = (".json", ".geojson")
_TEXT = (*_JSON, ".txt", ".yaml", ".yml", ".log", ".xml", ".ini", ".toml", ".csv", ".tsv")
_TAGS = {
    "heading": frozenset({"h1"}),
    "table": frozenset({"table", "thead", "tbody", "tr", "th", "td"}),
    "picture": frozenset({"img"}),
    "text": frozenset({"pre"}),
}
"""The tags in the HTML of a view, by its kind; those of Markdown are its own."""
_OWN_TAG = {"heading": "h1", "table": "table", "picture": "img", "text": "pre"}
_ELSEWHERE = re.compile(r"[a-zA-Z][\w+.-]*:|//")


@dataclass(frozen=True)
class View:
    """A part of the page: what `path` contains, and the id of its element if one is known."""

    kind: Literal["heading", "table", "markdown", "text", "picture"]
    path: str
    heading: str
    text: str
    """Its text content."""
    tags: frozenset[str]
    table: Table | None = None
    html: Markup | None = None
    size: tuple[int, int] | None = None
    note: str = ""
    """What part of the file is not shown."""
    id: str = ""
    is_id_on_element: bool = False
    """Whether the id belongs to the element itself, not to the one around it."""

    @property
    def numeric(self) -> list[bool]:
        table = self.table
        return [table.is_numeric(at) for at in range(len(table.columns))] if table else []


def views(
    site: Mapping[str, bytes], names: Iterable[str], charsets: Mapping[str, str | None]
) -> list[View]:
    """Return the views of the files `names` of a site; unknown formats have none.

    Once the page has MAX_PAGE characters, further files have none either.
    """
    found: list[View] = []
    left = MAX_PAGE
    for name in names:
        for view in _views(name, site[name], charsets.get(name), site.keys()) if left > 0 else ():
            left -= len(view.text)
            found.append(view)
    return found


def heading(title: str) -> View:
    return View("heading", "", title, title, _TAGS["heading"])


def _views(name: str, content: bytes, charset: str | None, paths: Collection[str]) -> list[View]:
    if is_picture(name):
        return [View("picture", name, name, "", _TAGS["picture"], size=dimensions(content))]
    found = tables.read(name, content, charset)
    if found:
        return [_of_table(name, table) for table in found]
    suffix = PurePosixPath(name).suffix.lower()
    text = decoded(content, charset) if suffix in (*_MARKDOWN, *_TEXT) else None
    if text is None:
        return []
    shown = text.text[:MAX_CHARACTERS]
    note = "" if shown == text.text else f"The first {MAX_CHARACTERS:,} characters are shown."
    if suffix in _MARKDOWN:
        return [_of_markdown(name, shown, paths, note)]
    shown = _indented(shown) if suffix in _JSON else shown
    return [View("text", name, name, shown, _TAGS["text"], note=note)]


def _of_table(name: str, table: Table) -> View:
    rows, count = table.rows[:MAX_ROWS], len(table.rows)
    return View(
        "table",
        name,
        f"{name}: {table.name}" if table.name else name,
        "".join(cell for row in (table.columns, *rows) for cell in row),
        _TAGS["table"],
        table=replace(table, rows=rows),
        note=f"The first {MAX_ROWS:,} of {count:,} rows are shown." if count > MAX_ROWS else "",
    )


def _indented(text: str) -> str:
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text


def _of_markdown(name: str, text: str, paths: Collection[str], note: str) -> View:
    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    tokens = parser.parse(text)
    inline = [child for token in tokens for child in token.children or ()]
    for token in inline:
        _unlink_what_is_missing(token, paths)
    html = Markup(parser.renderer.render(tokens, parser.options, {}))  # noqa: S704 - it escapes
    tags = frozenset(token.tag for token in (*tokens, *inline) if token.tag)
    return View("markdown", name, name, html.striptags(), tags, html=html, note=note)


def _unlink_what_is_missing(token: Token, paths: Collection[str]) -> None:
    """Remove the target of a link or picture that is not a file of the site."""
    for attribute in ("href", "src"):
        target = str(token.attrs.get(attribute, "https:"))
        path = unquote(target.partition("#")[0].partition("?")[0]).removeprefix("./")
        if not _ELSEWHERE.match(target) and path not in paths:
            del token.attrs[attribute]


def placed(views: Iterable[View], expected: Iterable[Expectation]) -> list[View]:
    """Return the views, with each id that fits exactly one of them."""
    placed = list(views)
    wanted: dict[str, list[Expectation]] = {}
    for one in expected:
        wanted.setdefault(one.id, []).append(one)
    for element_id, ones in wanted.items():
        fits = [at for at, view in enumerate(placed) if not view.id and _fits(view, ones)]
        if len(fits) == 1:
            view = placed[fits[0]]
            on_element = view.kind == "heading" or any(one.tag for one in ones)
            placed[fits[0]] = replace(view, id=element_id, is_id_on_element=on_element)
    return placed


def _fits(view: View, expected: list[Expectation]) -> bool:
    """Return whether there is evidence for the view and none against it."""
    evidence = [_speaks_for(view, one) for one in expected]
    is_named = PurePosixPath(view.path).stem.lower() == expected[0].id.lower()
    return False not in evidence and (True in evidence or is_named)


def _speaks_for(view: View, one: Expectation) -> bool | None:
    """Return True or False for evidence for or against the view, None if there is none."""
    text, words = " ".join(view.text.split()), " ".join(one.words.split())
    held = text == words if one.is_whole else words in text
    is_json = view.kind == "text" and view.path.lower().endswith(_JSON)
    against = [
        one.tag not in {"", "div", "section", _OWN_TAG.get(view.kind)},
        not one.inner <= view.tags,
        bool(words) and not held,
        one.is_json and not is_json,
        one.rows is not None and (view.table is None or len(view.table.rows) != one.rows),
    ]
    return False if any(against) else (bool(one.tag or one.inner or words or one.is_json) or None)
