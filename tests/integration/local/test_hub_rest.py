"""REST of the local GitHub: tokens, permissions, names, limits, blobs."""

import base64
import hashlib
from pathlib import Path
from typing import Any

import httpx
import pytest

from local.hub import HubOptions
from tests.integration.local.conftest import Clock, World, filled


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, str(answer.json()["message"])


def test_rest__tokens(world: World, api: httpx.Client) -> None:
    """What needs a token is a 401 without one, an unknown one is refused everywhere."""
    world.hub.add_repository("ada/open")
    with world.client(token=None) as nobody, world.client("nonsense") as stranger:
        assert nobody.get("/repos/ada/open").status_code == 200
        assert nobody.post("/user/repos", json={"name": "x"}).status_code == 401
        assert refusal(stranger.get("/user")) == (401, "Bad credentials")
    assert (api.get("/user").status_code, api.get("/nothing").status_code) == (200, 404)
    assert api.get("/user", headers={"X-GitHub-Api-Version": "1999-01-01"}).status_code == 400


def test_rest__a_missing_permission(world: World) -> None:
    """A 403 names the permission that the call needs; a token may be for other repositories."""
    world.hub.add_repository("ada/app")
    elsewhere = {"pages": "write", "administration": "write"}
    for token in (world.token({"contents": "write"}), world.token(elsewhere, ["ada/other"])):  # type: ignore[arg-type]
        with world.client(token) as client:
            answer = client.post("/repos/ada/app/pages", json={})
            assert client.post("/user/repos", json={"name": "x"}).status_code == 403
        assert refusal(answer) == (403, "Resource not accessible by personal access token")
        accepted = answer.headers["X-Accepted-GitHub-Permissions"]
        assert accepted == "pages=write,administration=write"


@pytest.mark.parametrize(("wanted", "name"), [("a b/c", "a-b-c"), ("Straße_1.0", "Stra-e_1.0")])
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


@pytest.mark.parametrize("encoding", ["utf-8", "base64"])
def test_blobs__come_back_byte_for_byte(world: World, api: httpx.Client, encoding: str) -> None:
    """A blob is a git object of the repository; it comes back as base64."""
    raw = ("grüße\n" * 1000).encode()
    sent = raw.decode() if encoding == "utf-8" else base64.b64encode(raw).decode()
    world.hub.add_repository("ada/app")
    world.push("ada/app", {"a": b"a"})
    made = api.post("/repos/ada/app/git/blobs", json={"content": sent, "encoding": encoding})
    sha = made.json()["sha"]
    assert sha == hashlib.sha1(b"blob %d\0" % len(raw) + raw).hexdigest()  # noqa: S324
    assert base64.b64decode(api.get(f"/repos/ada/app/git/blobs/{sha}").json()["content"]) == raw


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({}, '"event_type" wasn\'t supplied.'),
        ({"event_type": "x" * 101}, "event_type must have 1 to 100 characters."),
        (
            {"event_type": "x", "client_payload": {str(key): 1 for key in range(14)}},
            "No more than 10 properties are allowed; 14 were supplied.",
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
    status, said = refusal(api.post("/repos/ada/app/dispatches", json=body))
    assert (status, said.removeprefix("Invalid request.\n\n")) == (422, reason)


def test_secondary_limit__for_writes(tmp_path: Path) -> None:
    """Too many writes a minute get 403 and a time to wait; reading goes on."""
    clock = Clock()
    options = HubOptions(secondary_limit=2, time_scale=0.5, clock=clock)
    hub = filled(tmp_path / "hub", options)
    with hub.serve() as at, World(hub, at, clock, tmp_path).client() as client:
        answers = [client.post("/user/repos", json={"name": name}) for name in ("a", "b", "c")]
        assert [answer.status_code for answer in answers] == [201, 201, 403]
        assert "secondary rate limit" in refusal(answers[2])[1]
        assert answers[2].headers["retry-after"] == "30"
        assert client.get("/user").status_code == 200
        clock.now += 30
        assert client.post("/user/repos", json={"name": "c"}).status_code == 201
