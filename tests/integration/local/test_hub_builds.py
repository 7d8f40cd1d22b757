"""Pages builds of the local GitHub that go wrong as planned."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from local.faults import BuildFault, FaultPlan
from local.hub import HubOptions
from tests.integration.local.conftest import PAGES_DELAY, Clock, World, filled
from tests.integration.local.test_hub_pages import Publish


@pytest.fixture
def faults() -> FaultPlan:
    return FaultPlan()


@pytest.fixture
def world(tmp_path: Path, faults: FaultPlan) -> Iterator[World]:
    clock = Clock()
    options = HubOptions(time_scale=1, clock=clock, faults=faults)
    hub = filled(tmp_path / "hub", options)
    with hub.serve() as at:
        yield World(hub, at, clock, tmp_path)


@pytest.mark.parametrize(
    ("fault", "status", "served"),
    [
        (BuildFault.ERRORED, "errored", 404),
        (BuildFault.STUCK, "building", 404),
        (BuildFault.LIVE_BUT_BUILDING, "building", 200),
    ],
)
def test_pages__a_build_that_goes_wrong(
    world: World,
    faults: FaultPlan,
    api: httpx.Client,
    published: Publish,
    fault: BuildFault,
    status: str,
    served: int,
) -> None:
    """A build may fail, or hang with and without its site; one asked for afterwards goes well."""
    faults.on_builds(fault)
    published({"index.html": b"<h1>"})
    world.clock.now += PAGES_DELAY
    for _ in range(2):
        assert api.get("/repos/ada/app/pages/builds").json()[0]["status"] == status
    assert world.page("ada/app/").status_code == served
    api.post("/repos/ada/app/pages/builds").raise_for_status()
    world.clock.now += 2 * PAGES_DELAY
    assert api.get("/repos/ada/app/pages/builds").json()[0]["status"] == "built"
    assert world.page("ada/app/").status_code == 200


def test_pages__a_build_that_never_comes(
    faults: FaultPlan, api: httpx.Client, published: Publish
) -> None:
    """A lost build shows nowhere."""
    faults.on_builds(BuildFault.MISSING)
    published({"index.html": b"<h1>"})
    assert api.get("/repos/ada/app/pages/builds").json() == []
    assert api.get("/repos/ada/app/pages").json()["status"] is None
