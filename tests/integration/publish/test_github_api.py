"""Calls to GitHub against a real server that fails as scripted."""

import pytest

from builder.errors import GitHubRefused, GitHubUnreachable
from builder.publish.github_api import GitHubApi
from tests.conftest import FakeTime
from tests.scripted_server import RESET, Scripted, ScriptedServer

TOKEN = "ghp_not_a_real_one"
OK = Scripted(200, {"login": "ada"})


@pytest.fixture
def rest(scripted_server: ScriptedServer, fake_time: FakeTime) -> GitHubApi:
    return GitHubApi(TOKEN, scripted_server.url, clock=fake_time.clock, remaining=lambda: 100.0)


@pytest.mark.parametrize(
    ("faults", "slept"),
    [
        ([Scripted(500), Scripted(502)], [1.0, 2.0]),
        ([RESET], [1.0]),
        ([Scripted(429, headers={"Retry-After": "5"})], [5.0]),
        ([Scripted(403, {"message": "secondary rate limit"}), Scripted(503)], [60.0, 2.0]),
    ],
)
def test_github_api__what_may_pass_is_tried_again(
    rest: GitHubApi,
    scripted_server: ScriptedServer,
    fake_time: FakeTime,
    faults: list[Scripted],
    slept: list[float],
) -> None:
    """Server errors, cut connections and limits are tried again after the right wait."""
    scripted_server.script = [*faults, OK]
    assert rest("GET", "/user").body["login"] == "ada"
    assert fake_time.slept == slept
    assert len(scripted_server.received) == len(faults) + 1


def test_github_api__sends_token_and_version_in_headers_only(
    rest: GitHubApi, scripted_server: ScriptedServer
) -> None:
    """The token is in the Authorization header and in no URL or body."""
    scripted_server.script = [Scripted(201, {})]
    rest("POST", "/user/repos", {"name": "x"})
    (call,) = scripted_server.received
    assert call.headers["authorization"] == f"token {TOKEN}"
    assert call.headers["x-github-api-version"] == "2022-11-28"
    assert call.json == {"name": "x"}
    assert TOKEN not in call.path


def test_github_api__a_refusal_is_final(
    rest: GitHubApi, scripted_server: ScriptedServer, fake_time: FakeTime
) -> None:
    """A 401 is not tried again and says what to do; the token is in no word of it."""
    scripted_server.script = [Scripted(401, {"message": "Bad credentials"})]
    with pytest.raises(GitHubRefused, match="401 to GET /user: Bad credentials") as raised:
        rest("GET", "/user")
    assert "BUILDER_TOKEN" in raised.value.fix
    assert TOKEN not in str(raised.value) + raised.value.fix
    assert fake_time.slept == []


def test_github_api__a_wait_that_does_not_fit_fails_at_once(
    scripted_server: ScriptedServer, fake_time: FakeTime
) -> None:
    """A Retry-After beyond the deadline is told instead of waited for."""
    rest = GitHubApi(TOKEN, scripted_server.url, clock=fake_time.clock, remaining=lambda: 30.0)
    scripted_server.script = [Scripted(429, headers={"Retry-After": "31"})]
    with pytest.raises(GitHubUnreachable, match="retry after 31 s"):
        rest("GET", "/user")
    assert fake_time.slept == []


def test_github_api__gives_up_after_six_tries(
    rest: GitHubApi, scripted_server: ScriptedServer, fake_time: FakeTime
) -> None:
    """What does not pass is reported with the last answer."""
    scripted_server.script = [RESET]
    with pytest.raises(GitHubUnreachable, match=r"did not answer GET /user .ConnectionError"):
        rest("GET", "/user")
    assert fake_time.slept == [1.0, 2.0, 4.0, 8.0, 16.0]


def test_github_api__accepted_and_again(
    rest: GitHubApi, scripted_server: ScriptedServer, fake_time: FakeTime
) -> None:
    """A status that the caller accepts is returned, save while it asks to try again or to wait."""
    limit = Scripted(403, {"message": "a secondary rate limit"})
    scripted_server.script = [limit, Scripted(422, {"message": "must exist"}), Scripted(422, {})]
    found = rest(
        "POST", "/x", {}, accept={403, 422}, again=lambda answer: "must" in str(answer.body)
    )
    assert found.status == 422
    assert fake_time.slept == [60.0, 2.0]


def test_github_api__a_repository_that_was_renamed(
    rest: GitHubApi, scripted_server: ScriptedServer
) -> None:
    """The old name leads to the repository, which goes by its new name from then on."""
    new = {"full_name": "ada/new", "html_url": "https://github.com/ada/new", "description": None}
    moved = Scripted(301, headers={"Location": f"{scripted_server.url}/repositories/7"})
    scripted_server.script = [moved, Scripted(200, new)]
    assert rest.find_or_create("ada", "app").full_name == "ada/new"
    elsewhere = Scripted(301, headers={"Location": "https://elsewhere.example/repositories/7"})
    scripted_server.script = [elsewhere]
    with pytest.raises(GitHubUnreachable):
        rest.find_or_create("ada", "app")
