"""Pages of the local GitHub: builds on an injected clock, what is served, the edge's cache."""

from collections.abc import Callable

import httpx
import pytest

from local.hub.builds import LATER_BUILD
from local.hub.sites import MAX_AGE, PURGE_SECONDS, content_type
from tests.integration.local.conftest import PAGES_DELAY, World

Publish = Callable[[dict[str, bytes]], str]
SOURCE = {"source": {"branch": "main", "path": "/"}}


def test_pages__before_the_branch_exists(api: httpx.Client) -> None:
    """A repository without commits cannot have a site."""
    api.post("/user/repos", json={"name": "app"})
    answer = api.post("/repos/ada/app/pages", json=SOURCE)
    expected = "The main branch must exist before GitHub Pages can be built."
    assert (answer.status_code, answer.json()["message"]) == (422, expected)
    assert api.get("/repos/ada/app/pages").status_code == 404


def test_pages__a_build_takes_its_time(world: World, api: httpx.Client, published: Publish) -> None:
    """A site is building for the delay, then built and served."""
    commit = published({"index.html": b"<h1>one</h1>"})
    assert api.get("/repos/ada/app/pages").json()["status"] == "building"
    assert world.page("ada/app/").status_code == 404
    world.clock.now += PAGES_DELAY
    build = api.get("/repos/ada/app/pages/builds").json()[0]
    assert (build["status"], build["commit"], build["duration"]) == ("built", commit, 60_000)
    site = api.get("/repos/ada/app/pages").json()
    assert site["status"] == "built"
    assert httpx.get(site["html_url"], params={"v": commit}).text == "<h1>one</h1>"
    world.push("ada/app", {"index.html": b"two"})
    world.clock.now += LATER_BUILD
    assert api.get("/repos/ada/app/pages").json()["status"] == "built"


def test_pages__a_push_builds(world: World, api: httpx.Client, published: Publish) -> None:
    """A push that moves the branch starts a build, the site before stays until it is done."""
    published({"index.html": b"one"})
    world.clock.now += PAGES_DELAY
    commit = world.push("ada/app", {"index.html": b"two"})
    assert api.get("/repos/ada/app/pages/builds").json()[0]["status"] == "building"
    assert world.page("ada/app/").text == "one"
    world.clock.now += PAGES_DELAY
    assert world.page("ada/app/").text == "two"
    assert api.get("/repos/ada/app/pages/builds").json()[0]["commit"] == commit


def test_pages__a_newer_push_supersedes(
    world: World, api: httpx.Client, published: Publish
) -> None:
    """A build that is not done when the next push comes ends as errored."""
    published({"index.html": b"one"})
    world.clock.now += PAGES_DELAY / 2
    world.push("ada/app", {"index.html": b"two"})
    newest, oldest = api.get("/repos/ada/app/pages/builds").json()
    assert (oldest["status"], newest["status"]) == ("errored", "building")
    world.clock.now += PAGES_DELAY
    assert world.page("ada/app/").text == "two"


def test_pages__builds_that_overlap_fail(
    world: World, api: httpx.Client, published: Publish
) -> None:
    """A build asked for while one is under way fails with it; the next one goes well."""
    commit = published({"index.html": b"one"})
    assert api.post("/repos/ada/app/pages/builds").status_code == 201
    world.clock.now += 2 * PAGES_DELAY
    builds = api.get("/repos/ada/app/pages/builds").json()
    assert [build["status"] for build in builds] == ["errored", "errored"]
    assert "in progress" in builds[0]["error"]["message"]
    assert world.page("ada/app/?v=1").status_code == 404
    api.post("/repos/ada/app/pages/builds").raise_for_status()
    world.clock.now += PAGES_DELAY
    latest = api.get("/repos/ada/app/pages/builds").json()[0]
    assert (latest["status"], latest["commit"]) == ("built", commit)


def test_site__what_is_served(world: World, published: Publish) -> None:
    """Folders have an index, pages need no .html, dot paths stay out, names get their type."""
    files = {
        ".nojekyll": b"",
        ".builder/rounds/1.json": b"{}",
        ".well-known/x.txt": b"known",
        "index.html": b"home",
        "about.html": b"about",
        "sub/index.html": b"sub",
        "_under.css": b"p {}",
        "a b/ü.csv": b"1,2\r\n",
    }
    published(files)
    world.clock.now += PAGES_DELAY
    assert world.page("ada/app/").text == "home"
    assert world.page("ada/app/about").text == "about"
    assert world.page("ada/app").headers["Location"] == "/pages/ada/app/"
    assert world.page("ada/app/sub").headers["Location"] == "/pages/ada/app/sub/"
    assert world.page("ada/app/sub/").text == "sub"
    assert world.page("ada/app/a%20b/%C3%BC.csv").content == b"1,2\r\n"
    assert world.page("ada/app/_under.css").headers["Content-Type"] == "text/css; charset=utf-8"
    assert world.page("ada/app/.well-known/x.txt").text == "known"
    for hidden in (".nojekyll", ".builder/rounds/1.json", "nothing", "../app/index.html/x"):
        assert world.page(f"ada/app/{hidden}").status_code == 404


def test_site__headers(world: World, published: Publish) -> None:
    """An answer says how long it is good, and may be read from elsewhere."""
    published({"index.html": b"home"})
    world.clock.now += PAGES_DELAY
    first = world.page("ada/app/")
    assert first.headers["Cache-Control"] == f"max-age={MAX_AGE}"
    assert first.headers["Access-Control-Allow-Origin"] == "*"


def test_edge__keeps_an_answer(world: World, published: Publish) -> None:
    """Within max-age the edge answers by itself, and says how old the answer is."""
    published({"index.html": b"home"})
    world.clock.now += PAGES_DELAY
    assert world.page("ada/app/").headers["X-Cache"] == "MISS"
    world.clock.now += 100
    kept = world.page("ada/app/")
    assert (kept.headers["X-Cache"], kept.headers["Age"]) == ("HIT", "100")
    assert world.page("ada/app/?2").headers["X-Cache"] == "MISS"
    world.clock.now += MAX_AGE
    assert world.page("ada/app/").headers["X-Cache"] == "MISS"


def test_edge__keeps_a_404_until_the_deploy_is_purged(world: World, published: Publish) -> None:
    """A 404 is kept as well, past the deploy for a moment; another query asks the origin."""
    published({"index.html": b"home"})
    world.clock.now += PAGES_DELAY
    assert world.page("ada/app/new.html").status_code == 404
    world.push("ada/app", {"new.html": b"new"})
    world.clock.now += LATER_BUILD
    assert world.page("ada/app/new.html").headers["X-Cache"] == "HIT"
    assert world.page("ada/app/new.html?v=1").text == "new"
    world.clock.now += PURGE_SECONDS
    assert world.page("ada/app/new.html").text == "new"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.html", "text/html; charset=utf-8"),
        ("a.JS", "application/javascript; charset=utf-8"),
        ("a.json", "application/json; charset=utf-8"),
        ("a.csv", "text/csv; charset=utf-8"),
        ("a.md", "text/markdown; charset=utf-8"),
        ("a.svg", "image/svg+xml; charset=utf-8"),
        ("a.png", "image/png"),
        ("LICENSE", "application/octet-stream"),
    ],
)
def test_content_type__by_name(name: str, expected: str) -> None:
    """The type follows from the name, text is UTF-8."""
    assert content_type(name) == expected
