"""Pages against a real server: the API's answers, and a site that becomes live by and by."""

import httpx
import pytest

from builder.errors import GitHubRefused, PagesNotLive
from builder.pages import enable, wait_until_live
from builder.rest import GitHubRest
from builder.site import Site
from tests.builder.conftest import Scripted, ScriptedServer
from tests.conftest import FakeTime

ON = {
    "html_url": "https://ada.github.io/app/",
    "build_type": "legacy",
    "source": {"branch": "main", "path": "/"},
}
OFF = Scripted(404, {"message": "Not Found"})
EARLY = Scripted(422, {"message": "The main branch must exist before GitHub Pages can be built."})


def enabled(server: ScriptedServer, fake_time: FakeTime) -> str:
    rest = GitHubRest("t", server.url, clock=fake_time.clock, remaining=lambda: 60.0)
    return enable(rest, "ada/app")


@pytest.mark.parametrize(
    ("script", "calls"),
    [
        ([OFF, Scripted(201, ON)], "GET POST"),
        ([OFF, EARLY, EARLY, Scripted(201, ON)], "GET POST POST POST"),
        ([OFF, Scripted(409, {"message": "already"}), Scripted(200, ON)], "GET POST GET"),
        ([Scripted(200, ON)], "GET"),
        (
            [Scripted(200, ON | {"source": {"branch": "dev", "path": "/"}}), Scripted(204)],
            "GET PUT",
        ),
        ([Scripted(200, ON | {"build_type": "workflow"}), Scripted(204)], "GET PUT"),
    ],
)
def test_enable__brings_pages_to_main(
    scripted_server: ScriptedServer, fake_time: FakeTime, script: list[Scripted], calls: str
) -> None:
    """Whatever stands, Pages ends as the branch main, and the API's URL is taken."""
    scripted_server.script = script
    assert enabled(scripted_server, fake_time) == "https://ada.github.io/app/"
    assert " ".join(call.method for call in scripted_server.received) == calls


def test_enable__another_422_is_explained(
    scripted_server: ScriptedServer, fake_time: FakeTime
) -> None:
    """A 422 that is not the race is a refusal at once."""
    refused = Scripted(422, {"message": "Your plan does not support GitHub Pages"})
    scripted_server.script = [OFF, refused]
    with pytest.raises(GitHubRefused, match="Your plan does not support"):
        enabled(scripted_server, fake_time)
    assert len(scripted_server.received) == 2


def wait(server: ScriptedServer, fake_time: FakeTime, site: Site, said: list[str]) -> float:
    with httpx.Client() as http:
        return wait_until_live(
            http,
            f"{server.url}/app/",
            site,
            clock=fake_time.clock,
            budget=20.0,
            progress=said.append,
        )


def test_wait_until_live__every_served_file_byte_for_byte(
    scripted_server: ScriptedServer, fake_time: FakeTime
) -> None:
    """404 and old bytes are waited out; dot files are not asked for."""
    site = Site({"index.html": b"new", "a b.csv": b"1\r\n", ".nojekyll": b""})
    scripted_server.script = [
        Scripted(404),
        Scripted(200, b"old"),
        Scripted(200, b"1\r\n"),
        Scripted(200, b"new"),
    ]
    said: list[str] = []
    seconds = wait(scripted_server, fake_time, site, said)
    assert seconds == sum(fake_time.slept) > 0
    assert said == ["a b.csv: status 404", "index.html: still other bytes"]
    paths = [call.path for call in scripted_server.received]
    assert paths == ["/app/a%20b.csv", "/app/", "/app/a%20b.csv", "/app/"]


def test_wait_until_live__names_what_differs(
    scripted_server: ScriptedServer, fake_time: FakeTime
) -> None:
    """After the budget the error names the file and what was seen."""
    scripted_server.script = [Scripted(200, b"old")]
    with pytest.raises(PagesNotLive, match=r"index\.html: still other bytes"):
        wait(scripted_server, fake_time, Site({"index.html": b"new"}), [])
    assert 15 < sum(fake_time.slept) <= 20
