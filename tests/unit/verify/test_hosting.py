"""What GitHub Pages answers for a path."""

from builder.verify.hosting import Hosting, media_type

FILES = {"index.html": b"home", "about.html": b"about", "docs/index.html": b"docs", "a b.txt": b"x"}
SITE = Hosting("my-app", FILES)


def test_hosting__serves() -> None:
    """A file is found by its path, without `.html`, or as the index of its folder."""
    expected = {
        "/my-app/": b"home",
        "/my-app/?url=x.md": b"home",
        "/my-app/about.html": b"about",
        "/my-app/about": b"about",
        "/my-app/docs/": b"docs",
        "/my-app/a%20b.txt": b"x",
    }
    answers = {target: SITE.answer(target) for target in expected}
    assert {target: answer.body for target, answer in answers.items()} == expected
    assert {answer.status for answer in answers.values()} == {200}


def test_hosting__redirects_to_the_folder() -> None:
    """A folder without its slash is a redirect."""
    for target in ("/my-app", "/my-app/docs"):
        answer = SITE.answer(target)
        assert (answer.status, answer.location) == (301, f"{target}/")


def test_hosting__not_found() -> None:
    """Nothing outside of the project's path is served, nor by a name that differs in case."""
    outside = ("/about.html", "/", "/my-app/no", "/my-app/../about.html")
    for target in (*outside, "/my-app/about.html/", "/my-app/About.html"):
        assert SITE.answer(target).status == 404, target


def test_hosting__own_404_page() -> None:
    """A site may bring its 404 page."""
    answer = Hosting("x", {"404.html": b"lost"}).answer("/x/no")
    assert (answer.status, answer.body) == (404, b"lost")


def test_media_type__by_suffix() -> None:
    """Text goes with its charset, the unknown as bytes."""
    expected = {
        "a.html": "text/html; charset=utf-8",
        "a.JS": "application/javascript; charset=utf-8",
        "a.json": "application/json; charset=utf-8",
        "a.csv": "text/csv; charset=utf-8",
        "a.md": "text/markdown; charset=utf-8",
        "a.svg": "image/svg+xml",
        "a.wasm": "application/wasm",
        "CNAME": "application/octet-stream",
    }
    assert {path: media_type(path) for path in expected} == expected
