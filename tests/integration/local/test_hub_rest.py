"""REST of the local GitHub: tokens, permissions, names, limits, blobs."""

import base64
import hashlib
from pathlib import Path
from typing import Any

import httpx
import pytest

from local.hub import HubOptions
from tests.integration.local.conftest import Clock, World, filled


def message(answer: httpx.Response) -> str:
    return str(answer.json()["message"])


def test_rest__without_a_token(world: World) -> None:
    """What needs a token is refused with 401, public things are open."""
    world.hub.add_repository("ada/open")
    with world.client(token=None) as nobody:
        assert nobody.get("/user").status_code == 401
        assert nobody.post("/user/repos", json={"name": "x"}).status_code == 401
        assert nobody.get("/repos/ada/open").status_code == 200


def test_rest__a_bad_token(world: World) -> None:
    """An unknown token is refused everywhere, as GitHub words it."""
    with world.client("nonsense") as stranger:
        answer = stranger.get("/user")
    assert (answer.status_code, message(answer)) == (401, "Bad credentials")
    assert answer.json()["status"] == "401"


def test_rest__a_missing_permission(world: World) -> None:
    """A 403 names the permission that the call needs."""
    world.hub.add_repository("ada/app")
    token = world.token({"contents": "write"})
    with world.client(token) as client:
        answer = client.post("/repos/ada/app/pages", json={})
        assert (answer.status_code, message(answer)) == (
            403,
            "Resource not accessible by personal access token",
        )
        accepted = answer.headers["X-Accepted-GitHub-Permissions"]
        assert accepted == "pages=write,administration=write"
        assert client.post("/user/repos", json={"name": "x"}).status_code == 403
    assert world.hub.requests[-1].status == 403


@pytest.mark.parametrize(
    ("wanted", "name"),
    [("plain", "plain"), ("a b/c", "a-b-c"), ("Straße_1.0", "Stra-e_1.0"), ("x.git", "x")],
)
def test_create_repository__cleans_the_name(api: httpx.Client, wanted: str, name: str) -> None:
    """GitHub puts a hyphen for all but letters, digits, dot, hyphen and underscore."""
    answer = api.post("/user/repos", json={"name": wanted})
    assert (answer.status_code, answer.json()["full_name"]) == (201, f"ada/{name}")
    assert api.get(f"/repos/ada/{name}").json()["default_branch"] == "main"


def test_create_repository__of_an_organization(world: World, api: httpx.Client) -> None:
    """Only a token of the organisation makes repositories there; it acts for a user."""
    world.hub.add_token("token-of-lab", "lab", {"administration": "write"})
    assert api.post("/orgs/lab/repos", json={"name": "app"}).status_code == 403
    assert api.post("/orgs/nowhere/repos", json={"name": "app"}).status_code == 404
    with world.client("token-of-lab") as client:
        assert client.post("/orgs/lab/repos", json={"name": "app"}).status_code == 201
        assert client.get("/user").json()["login"] == "ada"


@pytest.mark.parametrize(
    ("body", "status"), [(b"{", 400), (b"[]", 400), (b'{"name": 1}', 422), (b"\xff", 400)]
)
def test_rest__bodies_that_are_no_object(api: httpx.Client, body: bytes, status: int) -> None:
    """A body that is no JSON object is a 400."""
    assert api.post("/user/repos", content=body).status_code == status


def test_rest__headers(world: World, api: httpx.Client) -> None:
    """Every answer tells of the rate limit, the request and the API version."""
    first, second = api.get("/user"), api.get("/nothing")
    assert second.status_code == 404
    assert first.headers["x-ratelimit-remaining"] == "4999"
    assert int(first.headers["x-ratelimit-reset"]) == int(world.clock.now) + 3600
    for answer in (first, second):
        assert answer.headers["x-github-request-id"]
        assert answer.headers["x-github-api-version-selected"] == "2022-11-28"
    assert api.get("/user", headers={"X-GitHub-Api-Version": "1999-01-01"}).status_code == 400


@pytest.mark.parametrize("encoding", ["utf-8", "base64"])
def test_blobs__come_back_byte_for_byte(world: World, api: httpx.Client, encoding: str) -> None:
    """A blob is a git object of the repository; raw and base64 give the same bytes."""
    content = "grüße\n" * 1000
    sent = content if encoding == "utf-8" else base64.b64encode(content.encode()).decode()
    world.hub.add_repository("ada/app")
    world.push("ada/app", {"a": b"a"})
    made = api.post("/repos/ada/app/git/blobs", json={"content": sent, "encoding": encoding})
    sha = made.json()["sha"]
    raw = content.encode()
    assert sha == hashlib.sha1(b"blob %d\0" % len(raw) + raw).hexdigest()  # noqa: S324
    assert base64.b64decode(api.get(f"/repos/ada/app/git/blobs/{sha}").json()["content"]) == raw
    accept = {"Accept": "application/vnd.github.raw+json"}
    assert api.get(f"/repos/ada/app/git/blobs/{sha}", headers=accept).content == raw
    assert api.get(f"/repos/ada/app/git/blobs/{'0' * 40}").status_code == 404


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({}, 'Invalid request.\n\n"event_type" wasn\'t supplied.'),
        (
            {"event_type": "x" * 101},
            "Invalid request.\n\nevent_type must have 1 to 100 characters.",
        ),
        ({"event_type": ""}, "Invalid request.\n\nevent_type must have 1 to 100 characters."),
        (
            {"event_type": "x", "client_payload": {str(key): 1 for key in range(14)}},
            "Invalid request.\n\nNo more than 10 properties are allowed; 14 were supplied.",
        ),
        (
            {"event_type": "x", "client_payload": {"a": "y" * 65_536}},
            "client_payload is too large.",
        ),
    ],
)
def test_dispatch__limits(api: httpx.Client, body: dict[str, Any], reason: str) -> None:
    """GitHub's limits, in GitHub's words."""
    api.post("/user/repos", json={"name": "app"})
    answer = api.post("/repos/ada/app/dispatches", json=body)
    assert (answer.status_code, message(answer)) == (422, reason)


def test_rate_limit__when_it_is_used_up(tmp_path: Path) -> None:
    """Past the limit every call gets 403 until the hour is over."""
    clock = Clock()
    hub = filled(tmp_path / "hub", HubOptions(rate_limit=2, clock=clock))
    with hub.serve() as at, World(hub, at, clock, tmp_path).client() as client:
        assert [client.get("/user").status_code for _ in range(3)] == [200, 200, 403]
        refused = client.get("/user")
        assert refused.headers["x-ratelimit-remaining"] == "0"
        clock.now = float(refused.headers["x-ratelimit-reset"])
        assert client.get("/user").status_code == 200


def test_secondary_limit__for_writes(tmp_path: Path) -> None:
    """Too many writes a minute get 403 and a time to wait; reading goes on."""
    clock = Clock()
    options = HubOptions(secondary_limit=2, time_scale=0.5, clock=clock)
    hub = filled(tmp_path / "hub", options)
    with hub.serve() as at, World(hub, at, clock, tmp_path).client() as client:
        answers = [client.post("/user/repos", json={"name": name}) for name in ("a", "b", "c")]
        assert [answer.status_code for answer in answers] == [201, 201, 403]
        assert "secondary rate limit" in message(answers[2])
        assert answers[2].headers["retry-after"] == "30"
        assert client.get("/user").status_code == 200
        clock.now += 30
        assert client.post("/user/repos", json={"name": "c"}).status_code == 201
