"""What a check's expression looks up on the page."""

from builder.verify.browser_worker.scripts import mentions

TOTAL = "document.querySelector('#total')"
QUOTED = """document.querySelector("script[src*='mar(ked']")"""


def test_mentions__lookups() -> None:
    """Each lookup by a literal is an expression of its own, once."""
    expected = {
        f"parseFloat({TOTAL}.textContent) > 3": [TOTAL],
        f"{TOTAL} === 4 && document.title": [TOTAL, "document.title"],
        f"!!{QUOTED}": [QUOTED],
        "document.getElementById( `x` ) == 1": ["document.getElementById( `x` )"],
        r"document.querySelector('a\'b')": [r"document.querySelector('a\'b')"],
        "document.querySelector(name) + document.titles": [],
        "document.title + document.title": ["document.title"],
        "": [],
    }
    assert {text: mentions(text) for text in expected} == expected
