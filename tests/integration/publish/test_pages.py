"""The Pages API against a real server that answers as scripted."""

import pytest

from builder.errors import GitHubRefused
from builder.publish.github_api import GitHubApi
from builder.publish.pages import Build, Pages, Progress, deploying_workflows
from builder.site import Site
from tests.conftest import FakeTime
from tests.scripted_server import Scripted, ScriptedServer

ON = {
    "html_url": "https://ada.github.io/app/",
    "build_type": "legacy",
    "source": {"branch": "main", "path": "/"},
}
OFF = Scripted(404, {"message": "Not Found"})
DEPLOY, CI = ".github/workflows/pages.yml", ".github/workflows/ci.yml"
EARLY = Scripted(422, {"message": "The main branch must exist before GitHub Pages can be built."})


def pages(server: ScriptedServer, fake_time: FakeTime, *workflows: str) -> Pages:
    rest = GitHubApi("t", server.url, clock=fake_time.clock, remaining=lambda: 60.0)
    return Pages(rest, "ada/app", workflows=workflows)


@pytest.mark.parametrize(
    ("script", "calls"),
    [
        ([OFF, EARLY, EARLY, Scripted(201, ON)], "GET POST POST POST"),
        ([Scripted(200, ON)], "GET"),
        ([OFF, Scripted(409, {}), OFF, Scripted(200, ON)], "GET POST GET GET"),
        ([Scripted(200, ON | {"source": {"branch": "dev"}}), EARLY, Scripted(204)], "GET PUT PUT"),
        ([Scripted(200, ON | {"build_type": "workflow"}), Scripted(204)], "GET PUT"),
    ],
)
def test_enable__brings_pages_to_main(
    scripted_server: ScriptedServer, fake_time: FakeTime, script: list[Scripted], calls: str
) -> None:
    """Whatever stands, Pages ends as the branch main, and the API's URL is taken."""
    scripted_server.script = script
    assert pages(scripted_server, fake_time).enable() == "https://ada.github.io/app/"
    assert " ".join(call.method for call in scripted_server.received) == calls


def test_enable__another_422_is_explained(
    scripted_server: ScriptedServer, fake_time: FakeTime
) -> None:
    """A 422 that is not the race is a refusal at once."""
    refused = Scripted(422, {"message": "Your plan does not support GitHub Pages"})
    scripted_server.script = [OFF, refused]
    with pytest.raises(GitHubRefused, match="Your plan does not support"):
        pages(scripted_server, fake_time).enable()
    assert len(scripted_server.received) == 2


def listed(*builds: tuple[str, str]) -> Scripted:
    error = {"error": {"message": "no"}}
    return Scripted(200, [{"commit": sha, "status": status, **error} for sha, status in builds])


@pytest.mark.parametrize(
    ("answer", "build"),
    [
        (Scripted(404, {}), Build(Progress.MISSING)),
        (listed(("sha", "queued")), Build(Progress.BUILDING)),
        (listed(("old", "building")), Build(Progress.BUILDING, "another commit is built first")),
        (listed(("new", "building"), ("sha", "built")), Build(Progress.BUILT)),
        (listed(("sha", "errored"), ("sha", "built")), Build(Progress.BUILT)),
        (listed(("sha", "errored"), ("old", "built")), Build(Progress.ERRORED, "no")),
    ],
)
def test_build_of__branch(
    scripted_server: ScriptedServer, fake_time: FakeTime, answer: Scripted, build: Build
) -> None:
    """Our commit is looked for in the list; while any build is under way ours may be next."""
    scripted_server.script = [answer]
    assert pages(scripted_server, fake_time).build_of("sha") == build


def runs(*outcomes: tuple[str, str | None]) -> Scripted:
    listed = [
        {"id": number, "path": DEPLOY, "status": status, "conclusion": conclusion}
        for number, (status, conclusion) in enumerate(outcomes)
    ]
    listed.append({"id": 99, "path": CI, "status": "completed", "conclusion": "failure"})
    return Scripted(200, {"workflow_runs": [run | {"run_attempt": 1} for run in listed]})


@pytest.mark.parametrize(
    ("answer", "progress"),
    [
        (runs(), Progress.MISSING),
        (runs(("completed", "success"), ("queued", None)), Progress.BUILDING),
        (runs(("completed", "success"), ("completed", "failure")), Progress.ERRORED),
    ],
)
def test_build_of__workflow(
    scripted_server: ScriptedServer, fake_time: FakeTime, answer: Scripted, progress: Progress
) -> None:
    """The runs of our commit that deploy tell how far it is; those of other workflows do not."""
    scripted_server.script = [answer]
    site = pages(scripted_server, fake_time, DEPLOY)
    assert site.build_of("sha").progress is progress
    assert scripted_server.received[0].path.endswith("/actions/runs?head_sha=sha")


def test_pages__of_a_site_that_deploys_itself(
    scripted_server: ScriptedServer, fake_time: FakeTime
) -> None:
    """It gets build_type workflow; the failed jobs of its own deployment alone run again."""
    listed = runs(("completed", "success"), ("completed", "failure"), ("queued", None))
    scripted_server.script = [Scripted(200, ON), Scripted(204), listed, Scripted(201, {})]
    site = pages(scripted_server, fake_time, DEPLOY)
    site.enable()
    site.request_build("sha")
    assert scripted_server.received[1].json["build_type"] == "workflow"
    assert [call.path for call in scripted_server.received if call.method == "POST"] == [
        "/repos/ada/app/actions/runs/1/rerun-failed-jobs"
    ]


def test_deploying_workflows__deploy_pages_in_a_workflow_file_only() -> None:
    """Other workflows, and the words in other files, do not count."""
    deploys = b"- uses: actions/deploy-pages@v4"
    others = {CI: b"- run: make", ".github/workflows/notes.md": deploys, "notes.md": deploys}
    assert deploying_workflows(Site({DEPLOY: deploys, **others})) == [DEPLOY]
