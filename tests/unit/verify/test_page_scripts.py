"""What a check's expression looks up on the page."""

import pytest

from builder.verify.browser_worker.scripts import mentions


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (
            "parseFloat(document.querySelector('#total').textContent) > 3",
            ["document.querySelector('#total')"],
        ),
        (
            "document.querySelectorAll('#a .bar').length === 4 && document.title",
            ["document.querySelectorAll('#a .bar')", "document.title"],
        ),
        (
            """!!document.querySelector("script[src*='mar(ked']")""",
            ["""document.querySelector("script[src*='mar(ked']")"""],
        ),
        ("document.getElementById( `x` ) == 1", ["document.getElementById( `x` )"]),
        (r"document.querySelector('a\'b')", [r"document.querySelector('a\'b')"]),
        ("document.querySelector(name)", []),
        ("document.titles", []),
        ("document.title + document.title", ["document.title"]),
        ("", []),
    ],
)
def test_mentions__lookups(expression: str, expected: list[str]) -> None:
    """Each lookup by a literal is an expression of its own, once."""
    assert mentions(expression) == expected
