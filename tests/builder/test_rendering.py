"""Templates and the Markdown in them."""

from pathlib import Path

import pytest
from jinja2 import UndefinedError

from builder.rendering import Renderer, literal, literal_code, markdown, quote


@pytest.fixture
def renderer(tmp_path: Path) -> Renderer:
    (tmp_path / "page.html.j2").write_text("{% if word %}\n<p>{{ word }}</p>\n{% endif %}\n")
    (tmp_path / "plain.md.j2").write_text("{{ word }}\n")
    (tmp_path / "rendered.html.j2").write_text("{{ word | markdown }}")
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


def test_markdown__renders_tables_and_code(renderer: Renderer) -> None:
    """Headings, tables and fenced code with its language become HTML."""
    html = renderer.render("rendered.html.j2", word="# A\n\n|b|\n|-|\n|c|\n\n```js\nd < e\n```\n")
    assert "<h1>A</h1>" in html
    assert "<td>c</td>" in html
    assert '<code class="language-js">d &lt; e' in html


@pytest.mark.parametrize(
    "text",
    [
        "<script>x</script>",
        "a <img src=x onerror=y> b",
        "[a](javascript:x)",
        "![a](javascript:x)",
        "<javascript:x>",
        "[a](data:text/html,x)",
        '[a](x "\\" onclick=y")',
    ],
)
def test_markdown__lets_no_markup_through(text: str) -> None:
    """HTML is shown as text, links that could run something are no links."""
    html = str(markdown(text))
    assert "<script" not in html
    assert "<img src=x" not in html
    assert 'href="javascript' not in html
    assert 'src="javascript' not in html
    assert 'href="data:' not in html
    assert '" onclick' not in html


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
