"""The wait for Pages: real HTTP for the site, a scripted API for its builds."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import httpx
import pytest

from builder.errors import GitHubError, GitHubRefused, GitHubUnreachable, PagesNotLive
from builder.ports import Answer
from builder.publish.deployment import (
    FIRST_BUILD_SECONDS,
    REQUEST_AFTER,
    Deployment,
    Live,
    wait_for_build,
)
from builder.publish.pages import Pages
from builder.publish.published_site import PublishedSite
from builder.site import Site
from tests.conftest import FakeTime
from tests.scripted_server import RESET, Scripted, ScriptedServer

SHA = "a" * 40
DEPLOY = ".github/workflows/pages.yml"
OLD = Scripted(200, b"old")
NEW = Scripted(200, b"new")


Builds = list[dict[str, object]]


@dataclass
class BuildsApi:
    """The port `Rest` for the builds of one site: each look shows the next state of `shown`."""

    shown: list[object]
    time: FakeTime
    requested: list[tuple[float, str]] = field(default_factory=list)
    """When (seconds) and what was asked for."""
    refusal: GitHubError | None = None

    def __call__(self, verb: str, path: str, *_: object, **__: object) -> Answer:
        if verb == "POST":
            self.requested.append((sum(self.time.slept), path))
            if self.refusal:
                raise self.refusal
            return Answer(201, {}, {})
        return Answer(200, {}, self.shown.pop(0) if len(self.shown) > 1 else self.shown[0])


def build(status: str, commit: str = SHA) -> dict[str, object]:
    return {"status": status, "commit": commit, "error": {"message": "no space"}}


def run(status: str, conclusion: str | None, attempt: int = 1) -> dict[str, object]:
    listed = {"id": 7, "path": DEPLOY, "status": status, "conclusion": conclusion}
    return {"workflow_runs": [listed | {"run_attempt": attempt}]}


class Waiter:
    def __init__(self, server: ScriptedServer, fake_time: FakeTime, http: httpx.Client) -> None:
        self.server = server
        self.fake_time = fake_time
        self.http = http
        self.said: list[str] = []
        self.api = BuildsApi([[build("building")]], fake_time)
        self.workflows: tuple[str, ...] = ()
        self.site = Site({"index.html": b"new"})
        self.visited = PublishedSite

    def wait(self, budget: float = 60.0) -> Live:
        pages = Pages(self.api, "ada/app", workflows=self.workflows)
        visited = self.visited(self.http, f"{self.server.url}/app/", self.site, SHA)
        clock = self.fake_time.clock
        deployment = Deployment(pages, SHA, visited, self.site.served, clock, self.said.append)
        return deployment.wait(budget)

    @property
    def paths(self) -> list[str]:
        return [call.path for call in self.server.received]


@pytest.fixture
def waiter(scripted_server: ScriptedServer, fake_time: FakeTime) -> Iterator[Waiter]:
    with httpx.Client() as http:
        yield Waiter(scripted_server, fake_time, http)


def test_deployment__every_served_file_byte_for_byte(waiter: Waiter) -> None:
    """404, a cut connection and old bytes are waited out; dot files are not asked for."""
    waiter.site = Site({"index.html": b"new", "a b.csv": b"1\r\n", ".nojekyll": b""})
    csv = Scripted(200, b"1\r\n")
    custom_domain = Scripted(301, headers={"Location": f"{waiter.server.url}/app/"})
    waiter.server.script = [Scripted(404), OLD, RESET, custom_domain, NEW, csv, NEW]
    live = waiter.wait()
    assert live == Live(sum(waiter.fake_time.slept))
    assert waiter.said[:2] == ["a b.csv: status 404", "index.html: still other bytes"]
    assert {path.partition("?")[0] for path in waiter.paths} == {"/app/", "/app/a%20b.csv"}


def test_deployment__each_look_passes_by_caches_and_the_last_is_a_visitors(waiter: Waiter) -> None:
    """No address is asked twice before the site is live: a cached 404 would stay ten minutes."""
    waiter.server.script = [Scripted(404), OLD, NEW, NEW]
    assert waiter.wait().remark == ""
    assert waiter.paths == [*(f"/app/?v={SHA}.{look}" for look in range(3)), "/app/"]


def test_deployment__a_stale_plain_address_is_remarked(waiter: Waiter) -> None:
    """What a cache still answers to a visitor is given time to go, then told."""
    waiter.server.script = [NEW, OLD]
    live = waiter.wait()
    assert "a cache still answers with an older page (index.html: still other bytes)" in live.remark
    assert set(waiter.paths[1:]) == {"/app/"}
    assert 15 < sum(waiter.fake_time.slept) <= 20


@pytest.mark.parametrize("shown", [[build("errored"), build("built", "b" * 40)], []])
def test_deployment__a_missing_or_failed_build_is_asked_for_once(
    waiter: Waiter, shown: Builds
) -> None:
    """A minute after the push without a build of ours one is asked for, and no second one."""
    waiter.api.shown = [shown]
    waiter.server.script = [OLD] * 60 + [NEW]
    waiter.wait(300.0)
    ((asked_at, path),) = waiter.api.requested
    assert path == "/repos/ada/app/pages/builds"
    assert REQUEST_AFTER < asked_at < REQUEST_AFTER + 20


@pytest.mark.parametrize(
    "shown",
    [
        [[build("errored")], [build("built")]],
        [[build("errored")], [build("building"), build("errored")]],
        [[build("errored"), build("queued", "b" * 40)]],
    ],
)
def test_deployment__nothing_is_asked_for_while_a_build_is_under_way(
    waiter: Waiter, shown: list[object]
) -> None:
    """Two at a time make both fail; one that errored right after the push is looked at again."""
    waiter.api.shown = shown
    waiter.server.script = [OLD] * 60 + [NEW]
    waiter.wait(300.0)
    assert waiter.api.requested == []


def test_deployment__at_the_end_a_built_commit_is_enough(waiter: Waiter) -> None:
    """Old bytes at the deadline are accepted, and told, where GitHub says that it is built."""
    waiter.api.shown = [[build("building", "b" * 40), build("built")]]
    waiter.server.script = [OLD]
    live = waiter.wait(20.0)
    assert "still other bytes" in live.remark


@pytest.mark.parametrize(
    ("status", "answer", "words"),
    [("errored", OLD, r"errored \(no space\)"), ("built", Scripted(404), "status 404")],
)
def test_deployment__not_live_in_time(
    waiter: Waiter, status: str, answer: Scripted, words: str
) -> None:
    """The wait ends within its budget; the error says what was seen, and the state of the build."""
    waiter.api.shown = [[build(status)]]
    waiter.server.script = [answer]
    with pytest.raises(PagesNotLive, match=words):
        waiter.wait(20.0)
    assert 10 < sum(waiter.fake_time.slept) <= 15


FAILED = run("completed", "failure")
RUNNING = run("in_progress", None, attempt=2)
GOOD = run("completed", "success", attempt=2)
RERUN = "/repos/ada/app/actions/runs/7/rerun-failed-jobs"


def test_deployment__a_workflow_of_the_apps_own(waiter: Waiter) -> None:
    """Its run has to end well, and the site to answer; what failed is run again, once."""
    waiter.workflows = (DEPLOY,)
    waiter.server.script = [Scripted(200, b"whatever it made")]
    # After the re-run was asked for the API tells of the first attempt a little longer.
    waiter.api.shown = [{"workflow_runs": []}, FAILED, FAILED, FAILED, RUNNING, GOOD]
    assert waiter.wait().remark == ""
    assert [path for _, path in waiter.api.requested] == [RERUN]
    told = [said.rpartition(" ")[2] for said in waiter.said]
    assert told == ["missing", "one", "errored", "building"]


def test_deployment__a_rerun_that_is_refused_ends_the_wait(waiter: Waiter) -> None:
    """A token that may not run workflows again is told with the failure."""
    waiter.workflows = (DEPLOY,)
    waiter.api.shown = [FAILED]
    waiter.api.refusal = GitHubRefused("Resource not accessible", status=403)
    with pytest.raises(PagesNotLive, match=r"failure.*Resource not accessible"):
        waiter.wait(300.0)
    assert waiter.fake_time.slept == []


def test_deployment__a_build_that_is_refused_is_told(waiter: Waiter) -> None:
    """It is asked for again at the next look, and why it was not to be had is in the error."""
    waiter.server.script = [OLD]
    waiter.api.shown = [[]]
    waiter.api.refusal = GitHubUnreachable("GitHub kept answering 502")
    with pytest.raises(PagesNotLive, match=r"not to be had .*GitHub kept answering 502"):
        waiter.wait(100.0)
    times = [asked_at for asked_at, _ in waiter.api.requested]
    assert len(times) > 1
    assert min(later - earlier for earlier, later in pairwise(times)) >= 15


@pytest.mark.parametrize("served", [OLD, NEW])
def test_deployment__slow_answers_are_counted(waiter: Waiter, served: Scripted) -> None:
    """The time that the looks themselves take is part of the budget, however many files."""

    class SlowSite(PublishedSite):
        def difference(self, path: str, *, fresh: bool = True) -> str | None:
            waiter.fake_time.sleep(30.0)
            return super().difference(path, fresh=fresh)

    waiter.server.script = [served]
    waiter.visited = SlowSite
    waiter.site = Site({f"{number}.html": b"new" for number in range(20)})
    waiter.api.shown = [[build("built")]]
    remark = waiter.wait(100.0).remark
    assert remark.startswith("GitHub calls the commit built; last seen: ")
    assert sum(waiter.fake_time.slept) <= 130.0
    if served is NEW:
        assert remark.endswith("16 files were not looked at")


@pytest.mark.parametrize(
    ("shown", "looks", "said"),
    [
        (["building", "building", "built"], 3, None),
        (["errored"], 1, None),
        (["building"], 20, "not over after 60 s"),
    ],
)
def test_wait_for_build__ends_with_the_build_or_in_time(
    fake_time: FakeTime, shown: list[str], looks: int, said: str | None
) -> None:
    """A push waits while a build is under way, and a minute at most."""
    api = BuildsApi([[build(status)] for status in shown], fake_time)
    told: list[str] = []
    wait_for_build(Pages(api, "ada/app"), SHA, fake_time.clock, told.append)
    assert len(fake_time.slept) >= looks - 1
    assert sum(fake_time.slept) <= FIRST_BUILD_SECONDS
    assert len(fake_time.slept) == looks - 1 or said
    assert any(said in line for line in told) if said else not told
