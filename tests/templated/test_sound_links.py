"""Links of attached Markdown that lead nowhere in the site."""

from urllib.parse import quote

import pytest

from builder.templated.sound_links import dead_targets, without_links
from builder.verify.links import broken_links
from tests.conftest import RequestOf
from tests.templated.conftest import Open, build_rounds, text_of

MARKDOWN = (
    "# Notes\n\nSee [the *tips*](tips.md), [data](data.csv), [part](#notes), "
    '[far](https://example.com/tips.md) and [up](../up.html "a title").\n\n'
    "![a lost picture](lost.png)\n"
)


@pytest.mark.parametrize(
    ("html", "dead"),
    [
        ('<a href="tips.md">Tips</a>', ["tips.md"]),
        ('<a href="a.md#part">A</a> <a href="./a.md">A</a> <a href="#b">B</a>', []),
        ('<a href="/a.md">A</a>', ["/a.md"]),
        ('<img src="x%20y.png" alt="x">', ["x%20y.png"]),
        ('<a href="https://example.com/x.md">X</a> <a href="mailto:a@b.c">M</a>', []),
    ],
)
def test_links__dead(html: str, dead: list[str]) -> None:
    """A link is dead when the site has no such file."""
    assert dead_targets(html, ["index.html", "a.md"]) == dead


def test_links__text_stays() -> None:
    """Of a dead link its text stays, of a dead picture its description."""
    html = '<a href="a&amp;b.md" title="x">The <em>tips</em></a> <img src="c.png" alt="C" />'
    assert without_links(html, ["a&b.md", "c.png"]) == "The <em>tips</em> C"
    assert without_links(html, ["other.md"]) == html


def test_links__of_markdown_lead_somewhere(request_of: RequestOf, open_site: Open) -> None:
    """The built page has no dead link, and none appears when the script renders it anew."""
    files = [
        {"name": name, "url": "data:," + quote(text, safe="")}
        for name, text in (("notes.md", MARKDOWN), ("data.csv", "a,b\nx,1\n"))
    ]
    request = request_of(brief="Render notes.md as HTML in #notes.", attachments=files)
    site = build_rounds(request)
    assert broken_links(site, "some-repository") == []
    failed: list[str] = []
    with open_site(site) as page:
        # A reload would cut off what the first visit still reads.
        page.wait_for_load_state("networkidle")
        page.on("requestfailed", lambda request: failed.append(request.url))
        page.on("response", lambda answer: failed.extend([answer.url] * (answer.status == 404)))
        page.reload(wait_until="networkidle")
        links = page.eval_on_selector_all(
            "#notes a", "links => links.map(a => a.getAttribute('href'))"
        )
        assert links == ["data.csv", "#notes", "https://example.com/tips.md"]
        assert "the tips" in text_of(page, "#notes")
        assert "a lost picture" in text_of(page, "#notes")
    assert failed == []
