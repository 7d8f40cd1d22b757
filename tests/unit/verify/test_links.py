"""Links and assets, as they resolve on a project site."""

from builder.site import Site
from builder.verify.links import broken_links

PATHS = ("a.txt", "b c.png", "docs/index.html", "docs/b.html", "about.html", ".env")
FILES = dict.fromkeys(PATHS, b"")

SOUND = [
    '<a href="a.txt"><a href="./a.txt?x=1#y"><a href="#top"><a href=""><a href="?url=x">',
    '<img src="b%20c.png"><img srcset="a.txt 1x, docs/b.html 2x">',
    '<a href="docs/"><a href="docs"><a href="about"><a href="/app/a.txt"><a href="../app/">',
    '<a href="/app"><base href="docs/"><a href="b.html">',
    '<a href="https://example.org/x"><img src="//cdn.example.org/x.png">',
    '<a href="mailto:a@b.c"><a href="tel:1"><a href="javascript:void 0"><img src="data:,x">',
    "<!-- <a href='none.html'> -->",
    "<script>const html = '<a href=\"none.html\">';</script>",
    '<a href="{{ url }}">',
    '<style>p { background: url("a.txt"); } /* url(none.png) */</style>',
    '<svg><use xlink:href="#shape"/></svg>',
]
BROKEN = {
    '<a href="none.html">': "none.html",
    '<a href="/a.txt">': "/a.txt",
    '<a href="../a.txt">': "../a.txt",
    # Pages tells names apart that differ in case only.
    '<a href="A.TXT">': "A.TXT",
    '<a href=".env">': ".env",
    '<link rel="stylesheet" href="none.css">': "none.css",
    '<script src="none.js"></script>': "none.js",
    '<img srcset="a.txt 1x, none.png 2x">': "none.png",
    '<video poster="none.jpg"></video>': "none.jpg",
    '<base href="/"><a href="a.txt">': "a.txt",
    '<a href="file:///home/ann/x.html">': "file:///home/ann/x.html",
    '<a href="C:\\x.html">': "C:\\x.html",
    '<img src="http://localhost:3000/x.png">': "http://localhost:3000/x.png",
    "<style>@import 'none.css';</style>": "none.css",
    '<p style="background: url(none.png)">': "none.png",
    '<a href="http://[">': "http://[",
}


def _broken(html: str, path: str = "index.html") -> list[str]:
    site = Site({**FILES, path: html.encode()})
    return [link.target for link, _ in broken_links(site, "app")]


def test_broken_links__resolves() -> None:
    """What leads to a file of the site or out of it is sound."""
    assert {html: _broken(html) for html in SOUND} == {html: [] for html in SOUND}


def test_broken_links__finds() -> None:
    """What leads nowhere on the published site is found."""
    assert {html: _broken(html) for html in BROKEN} == {
        html: [target] for html, target in BROKEN.items()
    }


def test_broken_links__is_relative_to_the_file() -> None:
    """A page or a style sheet in a folder refers to files from there."""
    links = '<a href="../a.txt"><a href="b.html"><a href="a.txt">'
    assert _broken(links, "docs/c.html") == ["a.txt"]
    assert _broken("p { background: url(../a.txt), url(x.png) }", "docs/c.css") == ["x.png"]


def test_broken_links__passes_over_given_files() -> None:
    """An attachment's links are its own matter."""
    site = Site({"a.html": b'<a href="x">'})
    assert broken_links(site, "app", passed_over={"a.html"}) == []
