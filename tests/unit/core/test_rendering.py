"""Text out of templates."""

from pathlib import Path

import pytest
from jinja2 import UndefinedError

from builder.rendering import Renderer, literal, literal_code, quote


@pytest.fixture
def renderer(tmp_path: Path) -> Renderer:
    (tmp_path / "page.html.j2").write_text("{% if word %}\n<p>{{ word }}</p>\n{% endif %}\n")
    (tmp_path / "plain.md.j2").write_text("{{ word }}\n")
    return Renderer(tmp_path)


def test_render__escapes_html_only_in_html(renderer: Renderer) -> None:
    """Values are escaped in HTML and stand as they are elsewhere; block lines leave no gap."""
    assert renderer.render("page.html.j2", word="<b>") == "<p>&lt;b&gt;</p>\n"
    assert renderer.render("plain.md.j2", word="<b>") == "<b>\n"


def test_render__missing_value_is_an_error(renderer: Renderer) -> None:
    """A template that lacks a value fails instead of leaving a hole."""
    with pytest.raises(UndefinedError):
        renderer.render("plain.md.j2")


def test_render__finds_the_project_templates() -> None:
    """Without a folder it renders the templates beside the package."""
    assert "is hereby granted" in Renderer().render("LICENSE.j2", year=2026)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a*b_c", r"a\*b\_c"),
        ("# x", r"\# x"),
        ("no # 1", "no # 1"),
        ("1. x", r"\1. x"),
        ("a | <b>\n- c", r"a \| \<b\> - c"),
        ("[x](y) @z", r"\[x\](y) \@z"),
    ],
)
def test_literal__is_one_line_word_for_word(text: str, shown: str) -> None:
    """What Markdown would read as a mark is escaped."""
    assert literal(text) == shown


def test_quote_and_code__stay_inside() -> None:
    """Each line is quoted; code holds nothing that ends it or its table cell."""
    assert quote("a\n\n# b") == "> a  \n>\n> \\# b  "
    assert literal_code("a`b|c\nd") == "a b c d"
