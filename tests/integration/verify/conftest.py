"""A Chromium that many tests share, for pages that do it no harm."""

import asyncio
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.async_api import Browser as Chromium
from playwright.async_api import async_playwright

from builder.site import Site
from builder.verify.browser import Browser, flags, programs
from builder.verify.browser_worker.chromium import FENCE, launch
from builder.verify.browser_worker.egress import Egress
from builder.verify.browser_worker.recorder import Recorder
from builder.verify.browser_worker.visit import visit_in
from builder.verify.hosting import Hosting
from builder.verify.page_report import PageCheck, PageReport
from builder.verify.scenarios.scenario import Scenario
from builder.verify.worker_protocol import SITE, Job, Kind
from tests.conftest import LIGHT_CHROMIUM


@dataclass(frozen=True)
class SharedBrowser:
    """Looks at sites as the builder does, in a Chromium that runs already."""

    chromium: Chromium
    proxy: Egress
    loop: asyncio.AbstractEventLoop

    def look(
        self,
        site: Site,
        checks: Sequence[PageCheck] = (),
        scenarios: Sequence[Scenario] = (),
        *,
        smoke: bool = True,
        **options: Any,
    ) -> PageReport:
        """Look at a site below /rain-app/; `options` are those of the builder's browser."""
        browser = Browser(programs(LIGHT_CHROMIUM), start=lambda _: self, **options)
        return browser.look(site, "rain-app", checks, scenarios, smoke=smoke)

    def do(self, job: Job, seconds: float) -> tuple[str, str]:  # noqa: ARG002 - a worker's
        """Do a job in the browser that all share."""
        stream = io.StringIO()
        record = Recorder(stream)
        site = Hosting(job.name, Site.read(job.path(SITE)))
        self.proxy.site = site
        self.proxy.refused = lambda host: record(Kind.REFUSED, subject=host)
        record(Kind.STARTED, seen=f"shared {self.chromium.version}")
        self.loop.run_until_complete(visit_in(self.chromium, job, site.root, record))
        return stream.getvalue(), ""

    def end(self) -> None:
        """It goes on for the next test."""


@pytest.fixture(scope="session")
def shared_browser() -> Iterator[SharedBrowser]:
    """Start Chromium once."""
    proxy = Egress(Hosting("", {}), print)
    loop = asyncio.new_event_loop()
    playwright = loop.run_until_complete(async_playwright().start())
    there = {name: path for name, path in programs(LIGHT_CHROMIUM).items() if path}
    arguments = [*flags(), *FENCE, f"--proxy-server={proxy.url}"]
    found = loop.run_until_complete(launch(playwright, there, arguments, print, 30.0))
    assert found, "no Chromium: run make setup"
    with proxy.running():
        yield SharedBrowser(found[1], proxy, loop)
    loop.run_until_complete(found[1].close())
    loop.run_until_complete(playwright.stop())
    loop.close()
