"""Repository, push and Pages against the local GitHub, whose clock is the one we sleep by."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from builder.errors import GitHubRefused, PagesNotLive
from builder.ports import AppRepository
from builder.publish.checkout import Git, GitCheckout
from builder.publish.deployment import Deployment, Live
from builder.publish.github_api import DESCRIPTION, GitHubApi
from builder.publish.naming import commit_message
from builder.publish.pages import Pages
from builder.publish.published_site import PublishedSite
from builder.rounds import Round
from builder.site import Site
from local.faults import BuildFault, Fault, FaultPlan
from local.hub import Addresses, Hub, HubOptions
from local.hub.options import FIRST_PUBLICATION, LATER_BUILD
from tests.conftest import FakeTime, RequestOf
from tests.integration.local.conftest import ALL, TOKEN, filled

POST_REPOSITORY = r"POST /api/v3/user/repos"


@dataclass
class Publisher:
    """All that publishes to a local GitHub."""

    hub: Hub
    at: Addresses
    time: FakeTime
    faults: FaultPlan
    folder: Path
    http: httpx.Client
    request_of: RequestOf

    def api(self, token: str = TOKEN) -> GitHubApi:
        return GitHubApi(token, self.at.api_url, clock=self.time.clock, remaining=lambda: 120.0)

    def push(self, app: AppRepository, site: Site, number: int = 1, token: str = TOKEN) -> str:
        """Push the commit of a round; return its SHA."""
        checkout = self._clone(app, token)
        built = Round.of(self.request_of(round=number))
        sha = checkout.commit(site, built, commit_message(built))
        checkout.push()
        return sha

    def _clone(self, app: AppRepository, token: str) -> GitCheckout:
        git = Git(self.at.server_url, self.time.clock, token)
        checkout = git.clone(app.full_name, self.folder / "clone", exists=True)
        assert checkout is not None
        return checkout

    def live(
        self, app: AppRepository, site: Site, sha: str, budget: float = 300.0, token: str = TOKEN
    ) -> Live:
        """Switch Pages on and wait for the commit."""
        pages = Pages(self.api(token), app.full_name)
        published = PublishedSite(self.http, pages.enable(), site, sha)
        said: list[str] = []
        clock = self.time.clock
        return Deployment(pages, sha, published, site.served, clock, said.append).wait(budget)

    def builds(self) -> list[str]:
        """Return the status of each build, the newest first."""
        answer = httpx.get(
            f"{self.at.api_url}/repos/ada/app/pages/builds",
            headers={"Authorization": f"Bearer {TOKEN}"},
        )
        return [build["status"] for build in answer.json()]


@pytest.fixture
def publisher(tmp_path: Path, fake_time: FakeTime, request_of: RequestOf) -> Iterator[Publisher]:
    faults = FaultPlan()
    options = HubOptions(time_scale=1, clock=lambda: fake_time.now.timestamp(), faults=faults)
    hub = filled(tmp_path / "hub", options)
    with hub.serve() as at, httpx.Client() as http:
        yield Publisher(hub, at, fake_time, faults, tmp_path, http, request_of)


def test_find_or_create__makes_a_public_repository_once(publisher: Publisher) -> None:
    """The second call finds what the first one made; an empty one is known as ours."""
    made = publisher.api().find_or_create(None, "app")
    assert made == AppRepository("ada/app", f"{publisher.at.server_url}/ada/app", True)
    assert publisher.api().find_or_create("ADA", "app") == made
    shown = httpx.get(f"{publisher.at.api_url}/repos/ada/app").json()
    assert (shown["private"], shown["description"]) == (False, DESCRIPTION)


def test_find_or_create__in_an_organization(publisher: Publisher) -> None:
    """A token that may write there makes it there; an unknown one is a wrong setting."""
    publisher.hub.add_token("token-of-lab", "lab", ALL)
    made = publisher.api("token-of-lab").find_or_create("lab", "app")
    assert made.full_name == "lab/app"
    with pytest.raises(GitHubRefused, match="404 to POST /orgs/nowhere/repos") as raised:
        publisher.api().find_or_create("nowhere", "app")
    assert "Set BUILDER_OWNER" in raised.value.fix


@pytest.mark.parametrize("fault", [Fault("cut", carried_out=True), Fault("half", carried_out=True)])
def test_find_or_create__an_answer_that_was_lost(publisher: Publisher, fault: Fault) -> None:
    """What was made although its answer was lost is found, also where it shows late."""
    publisher.faults.on(POST_REPOSITORY, fault)
    missing = Fault.answer(404, {"message": "Not Found"})
    publisher.faults.on(r"GET /api/v3/repos/ada/app$", missing, skip=1)
    assert publisher.api().find_or_create("ada", "app").full_name == "ada/app"
    assert publisher.time.slept == [1.0, 1.0]


def test_find_or_create__without_the_permission(publisher: Publisher) -> None:
    """The refusal names the call and what the token lacks."""
    publisher.hub.add_token("weak", "ada", {"contents": "write"})
    with pytest.raises(GitHubRefused, match="403 to POST /user/repos") as raised:
        publisher.api("weak").find_or_create("ada", "app")
    assert "administration=write" in raised.value.fix


@pytest.mark.parametrize(
    ("lost", "said"),
    [
        ("contents", "Permission to ada/app.git denied"),
        ("pages", "403 to GET /repos/ada/app/pages"),
    ],
)
def test_publish__a_right_that_is_lost_midway(publisher: Publisher, lost: str, said: str) -> None:
    """The refusal says what was refused, and which right the token lacks."""
    app, site = publisher.api().find_or_create("ada", "app"), Site({"index.html": b"1"})
    left = {name: level for name, level in ALL.items() if name != lost}
    publisher.hub.add_token("weak", "ada", left)
    with pytest.raises(GitHubRefused, match=said) as raised:
        publisher.live(app, site, publisher.push(app, site, token="weak"), token="weak")
    assert lost in raised.value.fix.lower()


def test_publish__two_rounds(publisher: Publisher) -> None:
    """Each round is live after its one build, as soon as a visitor sees it past the caches."""
    app = publisher.api().find_or_create("ada", "app")
    for number, seconds in ((1, FIRST_PUBLICATION), (2, LATER_BUILD)):
        site = Site({"index.html": b"%d" % number, f"{number}.html": b"x", ".nojekyll": b""})
        live = publisher.live(app, site, publisher.push(app, site, number))
        assert live.remark == ""
        assert seconds <= live.seconds < seconds + 20
        # A visitor leaves both in the cache for the next round.
        for path, status in (("", 200), ("2.html", 404 if number == 1 else 200)):
            assert httpx.get(f"{publisher.at.pages_url}/ada/app/{path}").status_code == status
    assert publisher.builds() == ["built", "built"]


@pytest.mark.parametrize(
    ("fault", "builds"),
    [
        (BuildFault.ERRORED, ["built", "errored"]),
        (BuildFault.LIVE_BUT_BUILDING, ["building"]),
    ],
)
def test_publish__a_build_that_goes_wrong(
    publisher: Publisher, fault: BuildFault, builds: list[str]
) -> None:
    """One more is asked for where none is under way, and it goes live; no two overlap."""
    publisher.faults.on_builds(fault)
    app = publisher.api().find_or_create("ada", "app")
    site = Site({"index.html": b"1"})
    assert publisher.live(app, site, publisher.push(app, site)).remark == ""
    assert publisher.builds() == builds


def test_publish__a_build_that_hangs(publisher: Publisher) -> None:
    """Nothing is asked for beside it; the wait ends in time with what is known."""
    publisher.faults.on_builds(BuildFault.STUCK)
    app = publisher.api().find_or_create("ada", "app")
    site = Site({"index.html": b"1"})
    sha = publisher.push(app, site)
    start = publisher.time.now
    with pytest.raises(PagesNotLive, match="the build is building"):
        publisher.live(app, site, sha, budget=100.0)
    assert (publisher.time.now - start).total_seconds() <= 100.0
    assert publisher.builds() == ["building"]
