"""What GitHub Pages answers for a path."""

import pytest

from builder.verify.hosting import Hosting, media_type

FILES = {"index.html": b"home", "about.html": b"about", "docs/index.html": b"docs", "a b.txt": b"x"}
SITE = Hosting("my-app", FILES)


@pytest.mark.parametrize(
    ("target", "body"),
    [
        ("/my-app/", b"home"),
        ("/my-app/?url=x.md", b"home"),
        ("/my-app/about.html", b"about"),
        ("/my-app/about", b"about"),
        ("/my-app/docs/", b"docs"),
        ("/my-app/a%20b.txt", b"x"),
    ],
)
def test_hosting__serves(target: str, body: bytes) -> None:
    """A file is found by its path, without `.html`, or as the index of its folder."""
    answer = SITE.answer(target)
    assert (answer.status, answer.body) == (200, body)


@pytest.mark.parametrize(
    ("target", "location"), [("/my-app", "/my-app/"), ("/my-app/docs", "/my-app/docs/")]
)
def test_hosting__redirects_to_the_folder(target: str, location: str) -> None:
    """A folder without its slash is a redirect."""
    answer = SITE.answer(target)
    assert (answer.status, answer.location) == (301, location)


@pytest.mark.parametrize(
    "target",
    [
        "/about.html",
        "/",
        "/my-app/no",
        "/my-app/../about.html",
        "/my-app/about.html/",
        "/my-app/About.html",
    ],
)
def test_hosting__not_found(target: str) -> None:
    """Nothing outside of the project's path is served."""
    assert SITE.answer(target).status == 404


def test_hosting__own_404_page() -> None:
    """A site may bring its 404 page."""
    answer = Hosting("x", {"404.html": b"lost"}).answer("/x/no")
    assert (answer.status, answer.body) == (404, b"lost")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a.html", "text/html; charset=utf-8"),
        ("a.JS", "application/javascript; charset=utf-8"),
        ("a.mjs", "application/javascript; charset=utf-8"),
        ("a.json", "application/json; charset=utf-8"),
        ("a.csv", "text/csv; charset=utf-8"),
        ("a.md", "text/markdown; charset=utf-8"),
        ("a.svg", "image/svg+xml"),
        ("a.png", "image/png"),
        ("a.wasm", "application/wasm"),
        ("CNAME", "application/octet-stream"),
    ],
)
def test_media_type__by_suffix(path: str, expected: str) -> None:
    """Text goes with its charset, the unknown as bytes."""
    assert media_type(path) == expected
