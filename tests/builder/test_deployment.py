"""The wait for Pages: real HTTP for the site, a scripted API for its builds."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
import requests

from builder.errors import GitHubError, GitHubUnreachable, PagesNotLive
from builder.ports import Answer
from builder.publish.deployment import Hosting, Live, Wait
from builder.publish.live import LiveSite
from builder.publish.pages import Pages
from builder.site import Site
from tests.builder.conftest import RESET, Scripted, ScriptedServer
from tests.conftest import FakeTime

SHA = "a" * 40
DEPLOY = ".github/workflows/pages.yml"
OLD = Scripted(200, b"old")
NEW = Scripted(200, b"new")


@dataclass
class BuildsApi:
    """The port `Rest` for the builds of one site."""

    builds: list[dict[str, object]]
    requested: list[str] = field(default_factory=list)
    failure: GitHubError | None = None

    def __call__(self, verb: str, path: str, *_: object, **__: object) -> Answer:
        if self.failure:
            raise self.failure
        if verb == "POST":
            self.requested.append(path)
            return Answer(201, {}, {})
        return Answer(200, {}, self.builds.pop(0) if len(self.builds) > 1 else self.builds[0])


def build(status: str, commit: str = SHA) -> dict[str, object]:
    return {"status": status, "commit": commit, "error": {"message": "no space"}}


def run(status: str, conclusion: str | None) -> dict[str, object]:
    listed = {"id": 7, "path": DEPLOY, "status": status, "conclusion": conclusion}
    return {"workflow_runs": [listed]}


class Waiter:
    def __init__(self, server: ScriptedServer, fake_time: FakeTime, http: requests.Session) -> None:
        self.server = server
        self.fake_time = fake_time
        self.http = http
        self.said: list[str] = []
        self.api = BuildsApi([build("building")])
        self.workflows: tuple[str, ...] = ()
        self.site = Site({"index.html": b"new"})

    def wait(self, budget: float = 60.0) -> Live:
        pages = Pages(self.api, "ada/app", workflows=self.workflows)
        live = LiveSite(self.http, f"{self.server.url}/app/", self.site)
        hosting = Hosting(pages, SHA, live)
        wait = Wait(hosting, self.site.served, self.fake_time.clock, self.said.append)
        return wait.until_live(budget)


@pytest.fixture
def waiter(scripted_server: ScriptedServer, fake_time: FakeTime) -> Iterator[Waiter]:
    with requests.Session() as http:
        yield Waiter(scripted_server, fake_time, http)


def test_wait__every_served_file_byte_for_byte(waiter: Waiter) -> None:
    """404, a cut connection and old bytes are waited out; dot files are not asked for."""
    waiter.site = Site({"index.html": b"new", "a b.csv": b"1\r\n", ".nojekyll": b""})
    csv = Scripted(200, b"1\r\n")
    waiter.server.script = [Scripted(404), OLD, RESET, RESET, RESET, NEW, csv]
    live = waiter.wait()
    assert live == Live(sum(waiter.fake_time.slept))
    assert waiter.said[:2] == ["a b.csv: status 404", "index.html: still other bytes"]
    assert {call.path for call in waiter.server.received} == {"/app/", "/app/a%20b.csv"}


def test_wait__is_content_at_once(waiter: Waiter) -> None:
    """A site that is live already takes no time and no call to the API."""
    waiter.server.script = [NEW]
    assert waiter.wait() == Live(0.0)
    assert waiter.fake_time.slept == []


@pytest.mark.parametrize("found", [build("built", commit="b" * 40), build("errored")])
def test_wait__a_missing_or_failed_build_is_asked_for_once(
    waiter: Waiter, found: dict[str, object]
) -> None:
    """After a while without our build one more is asked for, and no third one."""
    waiter.api.builds = [found]
    waiter.server.script = [OLD] * 20 + [NEW]
    waiter.wait()
    assert waiter.api.requested == ["/repos/ada/app/pages/builds"]


def test_wait__a_build_under_way_is_left_alone(waiter: Waiter) -> None:
    """While our commit is building nothing is asked for."""
    waiter.server.script = [OLD] * 20 + [NEW]
    waiter.wait()
    assert waiter.api.requested == []


def test_wait__at_the_end_a_built_commit_is_enough(waiter: Waiter) -> None:
    """Old bytes at the deadline are accepted, and told, where GitHub says that it is built."""
    waiter.api.builds = [build("built")]
    waiter.server.script = [OLD]
    live = waiter.wait(20.0)
    assert "still other bytes" in live.remark


@pytest.mark.parametrize(
    ("status", "answer", "words"),
    [
        ("building", OLD, "the build is building"),
        ("errored", OLD, r"errored \(no space\)"),
        ("built", Scripted(404), "status 404"),
    ],
)
def test_wait__says_what_differs(waiter: Waiter, status: str, answer: Scripted, words: str) -> None:
    """After the budget the error names the file, what was seen, and the build."""
    waiter.api.builds = [build(status)]
    waiter.server.script = [answer]
    with pytest.raises(PagesNotLive, match=words):
        waiter.wait(20.0)
    assert 15 < sum(waiter.fake_time.slept) <= 20


def test_wait__a_workflow_of_the_apps_own(waiter: Waiter) -> None:
    """Its run for our commit has to end well, and the site to answer."""
    waiter.workflows = (DEPLOY,)
    waiter.api.builds = [
        {"workflow_runs": []},
        run("in_progress", None),
        run("completed", "success"),
    ]
    waiter.server.script = [Scripted(200, b"whatever it made")]
    assert waiter.wait().remark == ""
    assert waiter.said == [
        "the app's own Pages workflow: missing",
        "the app's own Pages workflow: building",
    ]


def test_wait__a_failed_run_of_the_apps_own_is_run_again(waiter: Waiter) -> None:
    """Once, by the API; the run that then ends well is enough."""
    waiter.workflows = (DEPLOY,)
    waiter.server.script = [Scripted(200, b"whatever it made")]
    waiter.api.builds = [run("completed", "failure")] * 15 + [run("completed", "success")]
    assert waiter.wait().remark == ""
    assert waiter.api.requested == ["/repos/ada/app/actions/runs/7/rerun"]


def test_wait__an_api_that_fails_does_not_end_it(waiter: Waiter) -> None:
    """What is served counts, whether or not the API tells of the build."""
    waiter.api.failure = GitHubUnreachable("GitHub kept answering 502")
    waiter.server.script = [OLD] * 20 + [NEW]
    assert waiter.wait(120.0).remark == ""


def test_wait__a_build_that_is_refused_is_told(waiter: Waiter) -> None:
    """Why no new build was to be had stands in the error."""
    waiter.server.script = [OLD]
    waiter.api.failure = GitHubUnreachable("GitHub kept answering 502")
    with pytest.raises(PagesNotLive, match="GitHub kept answering 502"):
        waiter.wait()


def test_wait__slow_answers_are_counted(waiter: Waiter) -> None:
    """The time that the looks themselves take is part of the budget."""

    class SlowSite(LiveSite):
        def difference(self, path: str) -> str | None:
            waiter.fake_time.sleep(30.0)
            return super().difference(path)

    waiter.server.script = [OLD]
    live = SlowSite(waiter.http, f"{waiter.server.url}/app/", waiter.site)
    hosting = Hosting(Pages(waiter.api, "ada/app"), SHA, live)
    wait = Wait(hosting, waiter.site.served, waiter.fake_time.clock, waiter.said.append)
    with pytest.raises(PagesNotLive):
        wait.until_live(100.0)
    assert sum(waiter.fake_time.slept) <= 130.0
