"""A site that the app's own workflow deploys: act runs it on the local GitHub."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from builder.errors import PagesNotLive
from builder.ports import Clock
from builder.publish.deployment import Deployment, Live
from builder.publish.github_api import GitHubApi
from builder.publish.pages import Pages, deploying_workflows
from builder.publish.published_site import PublishedSite
from builder.site import Site
from local.hub import HubOptions
from tests.conftest import FakeTime
from tests.e2e.local.test_hub_pages_workflow import FLOW, PAGES
from tests.integration.local.conftest import TOKEN, World, filled

FIRST_STEP = b"mkdir -p"


@dataclass
class Deployer:
    """Waits for the site; each sleep lasts until no run is under way."""

    world: World
    time: FakeTime

    def sleep(self, seconds: float) -> None:
        self.time.sleep(seconds)
        for run in self.world.hub.runs("ada/app"):
            self.world.hub.wait_for_run(run.id, 60)

    def deploy(self, workflow: bytes) -> Live:
        site = Site({"index.html": b"<h1>BASE</h1>", FLOW: workflow})
        sha = self.world.push("ada/app", dict(site))
        clock = Clock(now=lambda: self.time.now, sleep=self.sleep)
        api = GitHubApi(TOKEN, self.world.at.api_url, clock=clock, remaining=lambda: 60.0)
        pages = Pages(api, "ada/app", workflows=deploying_workflows(site))
        with httpx.Client() as http:
            published = PublishedSite(http, pages.enable(), site, sha)
            wait = Deployment(pages, sha, published, site.served, clock, lambda _: None).wait
            return wait(300.0)

    def attempts(self) -> int:
        (run,) = self.world.hub.runs("ada/app")
        return run.attempt


@pytest.fixture
def deployer(tmp_path: Path, fake_time: FakeTime) -> Iterator[Deployer]:
    hub = filled(tmp_path / "hub", HubOptions())
    hub.add_repository("ada/app")
    with hub.serve() as at:
        yield Deployer(World(hub, at, fake_time.now.timestamp, tmp_path), fake_time)  # type: ignore[arg-type]


def test_deployment__a_workflow_that_fails_once(deployer: Deployer) -> None:
    """Its failed jobs are run again, and what they deploy is live."""
    flaky = PAGES.replace(FIRST_STEP, b'test "$GITHUB_RUN_ATTEMPT" -gt 1; mkdir -p')
    assert deployer.deploy(flaky).remark == ""
    assert deployer.attempts() == 2
    assert deployer.world.page("ada/app/").text == "<h1>/pages/ada/app</h1>"


def test_deployment__a_workflow_that_fails_again(deployer: Deployer) -> None:
    """The wait ends with the second failure and says so."""
    with pytest.raises(PagesNotLive, match="its run ended with failure"):
        deployer.deploy(PAGES.replace(FIRST_STEP, b"false; mkdir -p"))
    assert deployer.attempts() == 2
    assert sum(deployer.time.slept) < 60
