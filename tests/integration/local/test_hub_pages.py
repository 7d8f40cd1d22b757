"""Pages of the local GitHub: builds on an injected clock, what is served, the edge's cache."""

import httpx
import pytest

from local.faults import BuildFault
from local.hub.options import FIRST_PUBLICATION, LATER_BUILD
from local.hub.sites import MAX_AGE, PURGE_SECONDS
from tests.integration.local.conftest import Publish, World

SOURCE = {"source": {"branch": "main", "path": "/"}}


def builds(api: httpx.Client) -> list[str]:
    """Return the status of each build, the newest first."""
    return [build["status"] for build in api.get("/repos/ada/app/pages/builds").json()]


def test_pages__before_the_branch_exists(api: httpx.Client) -> None:
    """A repository without commits cannot have a site."""
    api.post("/user/repos", json={"name": "app"})
    answer = api.post("/repos/ada/app/pages", json=SOURCE)
    expected = "The main branch must exist before GitHub Pages can be built."
    assert (answer.status_code, answer.json()["message"]) == (422, expected)
    assert api.get("/repos/ada/app/pages").status_code == 404


def test_pages__the_first_publication_is_slower(
    world: World, api: httpx.Client, publish: Publish
) -> None:
    """A site is built and served after a minute, a later push after half; it stays until then."""
    commit = publish({"index.html": b"one"})
    world.clock.now += LATER_BUILD
    assert api.get("/repos/ada/app/pages").json()["status"] == "building"
    assert world.page("ada/app/?early").status_code == 404
    world.clock.now += FIRST_PUBLICATION - LATER_BUILD
    build = api.get("/repos/ada/app/pages/builds").json()[0]
    assert (build["status"], build["commit"], build["duration"]) == ("built", commit, 60_000)
    assert world.page("ada/app/").text == "one"
    world.push("ada/app", {"index.html": b"two"})
    assert (builds(api), world.page("ada/app/").text) == (["building", "built"], "one")
    world.clock.now += LATER_BUILD + PURGE_SECONDS
    assert (builds(api), world.page("ada/app/").text) == (["built", "built"], "two")


def test_pages__a_newer_push_supersedes(world: World, api: httpx.Client, publish: Publish) -> None:
    """A build that is not done when the next push comes ends as errored."""
    publish({"index.html": b"one"})
    world.push("ada/app", {"index.html": b"two"})
    assert builds(api) == ["building", "errored"]
    world.clock.now += FIRST_PUBLICATION
    assert world.page("ada/app/").text == "two"


def test_pages__builds_that_overlap_fail(world: World, api: httpx.Client, publish: Publish) -> None:
    """A build asked for while one is under way fails with it; the next one goes well."""
    publish({"index.html": b"one"})
    assert api.post("/repos/ada/app/pages/builds").status_code == 201
    world.clock.now += 2 * FIRST_PUBLICATION
    assert builds(api) == ["errored", "errored"]
    assert world.page("ada/app/?v=1").status_code == 404
    api.post("/repos/ada/app/pages/builds").raise_for_status()
    world.clock.now += FIRST_PUBLICATION
    assert builds(api) == ["built", "errored", "errored"]


@pytest.mark.parametrize(
    ("fault", "status", "served"),
    [
        (BuildFault.ERRORED, ["errored"], 404),
        (BuildFault.STUCK, ["building"], 404),
        (BuildFault.LIVE_BUT_BUILDING, ["building"], 200),
        (BuildFault.MISSING, [], 404),
    ],
)
def test_pages__a_build_that_goes_wrong(
    world: World,
    api: httpx.Client,
    publish: Publish,
    fault: BuildFault,
    status: list[str],
    served: int,
) -> None:
    """A build may fail, hang or never come; one asked for afterwards goes well."""
    world.faults.on_builds(fault)
    publish({"index.html": b"<h1>"})
    world.clock.now += FIRST_PUBLICATION
    assert builds(api) == builds(api) == status
    assert world.page("ada/app/").status_code == served
    api.post("/repos/ada/app/pages/builds").raise_for_status()
    world.clock.now += 2 * FIRST_PUBLICATION
    assert builds(api) == ["built", *status]
    assert world.page("ada/app/").status_code == 200


def test_site__what_is_served(world: World, publish: Publish) -> None:
    """Folders have an index, pages need no .html, dot paths stay out, names get their type."""
    files = {
        ".nojekyll": b"",
        ".builder/rounds/1.json": b"{}",
        "about.html": b"about",
        "sub/index.html": b"sub",
        "_under.css": b"p {}",
        "logo.png": b"",
        "a b/ü.csv": b"1,2\r\n",
    }
    publish(files)
    world.clock.now += FIRST_PUBLICATION
    assert world.page("ada/app/about").text == "about"
    assert world.page("ada/app").headers["Location"] == "/pages/ada/app/"
    assert world.page("ada/app/sub").headers["Location"] == "/pages/ada/app/sub/"
    assert world.page("ada/app/sub/").text == "sub"
    assert world.page("ada/app/a%20b/%C3%BC.csv").content == b"1,2\r\n"
    types = {"_under.css": "text/css; charset=utf-8", "logo.png": "image/png"}
    for name, expected in types.items():
        assert world.page(f"ada/app/{name}").headers["Content-Type"] == expected
    styles = world.page("ada/app/_under.css").headers
    assert styles["Cache-Control"] == f"max-age={MAX_AGE}"
    assert styles["Access-Control-Allow-Origin"] == "*"
    for hidden in (".nojekyll", ".builder/rounds/1.json", "nothing", "../app/index.html/x"):
        assert world.page(f"ada/app/{hidden}").status_code == 404


def test_edge__keeps_answers(world: World, publish: Publish) -> None:
    """Within max-age the edge answers by itself, with the 404 of before a deploy for a moment
    after it; another query asks the origin."""
    publish({"index.html": b"home"})
    world.clock.now += FIRST_PUBLICATION
    assert world.page("ada/app/new.html").headers["X-Cache"] == "MISS"
    world.clock.now += 100
    kept = world.page("ada/app/new.html")
    assert (kept.status_code, kept.headers["X-Cache"], kept.headers["Age"]) == (404, "HIT", "100")
    world.push("ada/app", {"new.html": b"new"})
    world.clock.now += LATER_BUILD
    assert world.page("ada/app/new.html").status_code == 404
    assert world.page("ada/app/new.html?v=1").text == "new"
    world.clock.now += PURGE_SECONDS
    assert world.page("ada/app/new.html").text == "new"
    world.clock.now += MAX_AGE
    assert world.page("ada/app/new.html").headers["X-Cache"] == "MISS"
