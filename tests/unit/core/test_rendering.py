"""Text out of templates."""

from pathlib import Path

import pytest
from jinja2 import UndefinedError

from builder.rendering import environment, literal, literal_code, quote, render


def test_environment__escapes_html_only_in_html(tmp_path: Path) -> None:
    """Values are escaped in HTML and stand as they are elsewhere; block lines leave no gap."""
    (tmp_path / "page.html.j2").write_text("{% if word %}\n<p>{{ word }}</p>\n{% endif %}\n")
    (tmp_path / "plain.md.j2").write_text("{{ word }}\n")
    templates = environment(tmp_path)
    assert templates.get_template("page.html.j2").render(word="<b>") == "<p>&lt;b&gt;</p>\n"
    assert templates.get_template("plain.md.j2").render(word="<b>") == "<b>\n"


def test_render__missing_value_is_an_error() -> None:
    """A template of the project is found; without a value it fails instead of leaving a hole."""
    assert "2026" in render("LICENSE.j2", year=2026)
    with pytest.raises(UndefinedError):
        render("LICENSE.j2")


def test_literal__is_one_line_word_for_word() -> None:
    """What Markdown would read as a mark is escaped."""
    for text, shown in [
        ("a*b_c", r"a\*b\_c"),
        ("# x", r"\# x"),
        ("no # 1", "no # 1"),
        ("1. x", r"1\. x"),
        ("a | <b>\n- c", r"a \| \<b\> - c"),
        ("[x](y) @z", r"\[x\](y) \@z"),
    ]:
        assert literal(text) == shown


def test_quote_and_code__stay_inside() -> None:
    """Each line is quoted; code holds nothing that ends it or its table cell."""
    assert quote("a\n\n# b") == "> a  \n>\n> \\# b  "
    assert literal_code("a`b|c\nd") == "a b c d"
